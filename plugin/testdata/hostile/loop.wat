;; hooks: "audio","chat.outgoing"
;; An endless loop.
(memory (export "memory") 1)
(func $offend (loop $again (br $again)))
