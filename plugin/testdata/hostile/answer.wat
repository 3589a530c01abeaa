;; hooks: "chat.outgoing"
;; An answer whose end is beyond its memory, and beyond 32 bits.
(module
  (memory (export "memory") 1)
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_chat") (param i32 i32) (result i64)
    (i64.const 0xfffffff0_00000100)))
