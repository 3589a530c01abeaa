;; hooks: "chat.incoming","chat.outgoing"
;; No offender: it answers each line.
(module
  (memory (export "memory") 2)
  (data (i32.const 16) "{\"reply\":\"seen\"}")
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_chat") (param i32 i32) (result i64) (i64.const 0x10_00000010)))
