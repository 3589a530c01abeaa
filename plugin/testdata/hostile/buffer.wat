;; hooks: "audio","chat.outgoing"
;; Pointers out of its memory: the audio buffer's, and that of what it allocates.
(module
  (memory (export "memory") 1)
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 0xfffffff0))
  (func (export "voiceapp_free") (param i32 i32))
  (func (export "voiceapp_audio_open") (param i32 i32 i32) (result i32) (i32.const 0xfffffffc))
  (func (export "voiceapp_audio") (param i32 i32) (result i32) (i32.const 1))
  (func (export "voiceapp_chat") (param i32 i32) (result i64) (i64.const 0)))
