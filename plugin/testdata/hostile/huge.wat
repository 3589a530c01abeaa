;; hooks: "chat.outgoing"
;; An answer of 10 MB that is JSON.
(module
  (memory (export "memory") 200)
  (data (i32.const 65536) "{\"text\":\"")
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_chat") (param i32 i32) (result i64)
    (memory.fill (i32.const 65545) (i32.const 97) (i32.const 10000000))
    (i32.store16 (i32.const 10065545) (i32.const 0x7d22)) ;; "}
    (i64.const 0x10000_0098968b)))
