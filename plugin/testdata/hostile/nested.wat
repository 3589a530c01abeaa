;; hooks: "chat.outgoing"
;; An answer that is nested as deep as an answer can be long.
(module
  (memory (export "memory") 2)
  (data (i32.const 65536) "{\"text\":")
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_chat") (param i32 i32) (result i64)
    (memory.fill (i32.const 65544) (i32.const 91) (i32.const 65528))
    (i64.const 0x10000_00010000)))
