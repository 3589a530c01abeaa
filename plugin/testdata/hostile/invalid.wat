;; hooks: "chat.outgoing"
;; An answer that is no JSON.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "{\"text\":\"\ff\00")
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_chat") (param i32 i32) (result i64)
    (i64.const 0x10_0000000b)))
