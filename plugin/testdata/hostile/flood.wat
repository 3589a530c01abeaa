;; hooks: "audio","chat.outgoing"
;; Lines for the log, as many as it can.
(import "voiceapp" "log" (func $log (param i32 i32 i32)))
(memory (export "memory") 1)
(func $offend
  (loop $again
    (call $log (i32.const 3) (i32.const 0) (i32.const 65535))
    (br $again)))
