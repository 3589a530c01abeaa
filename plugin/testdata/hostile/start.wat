;; hooks: "audio","chat.outgoing"
;; A start function that never returns.
(memory (export "memory") 1)
(func $offend (loop $again (br $again)))
(start $offend)
