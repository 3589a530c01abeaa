;; hooks: "audio","chat.outgoing"
;; It ends its process, without a fault.
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(memory (export "memory") 1)
(func $offend (call $exit (i32.const 0)))
