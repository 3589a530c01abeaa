;; hooks: "audio","chat.outgoing"
;; A function that calls itself for ever.
(memory (export "memory") 1)
(func $offend (call $deeper (i64.const 0)))
(func $deeper (param i64) (call $deeper (i64.add (local.get 0) (i64.const 1))))
