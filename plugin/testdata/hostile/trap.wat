;; hooks: "audio","chat.outgoing"
;; An instruction that ends the call with a trap.
(memory (export "memory") 1)
(func $offend (unreachable))
