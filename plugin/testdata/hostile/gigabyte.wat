;; hooks: "audio","chat.outgoing"
;; A memory that has 1 GiB from the beginning.
(memory (export "memory") 16384)
(func $offend)
