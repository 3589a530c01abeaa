;; hooks: "audio","chat.outgoing"
;; It keeps pointers, and writes to what is no longer its own: a line to the audio
;; buffer, a frame and voiceapp_free to where the line was.
(module
  (memory (export "memory") 1)
  (global $line (mut i32) (i32.const 40960))
  (func (export "voiceapp_alloc") (param i32) (result i32) (i32.const 40960))
  (func (export "voiceapp_free") (param i32 i32) (memory.fill (local.get 0) (i32.const 34) (local.get 1)))
  (func (export "voiceapp_audio_open") (param i32 i32 i32) (result i32) (i32.const 16384))
  (func (export "voiceapp_audio") (param $frames i32) (param $flags i32) (result i32)
    (memory.fill (global.get $line) (i32.const 123) (i32.const 4096))
    (local.get $flags))
  (func (export "voiceapp_chat") (param $ptr i32) (param $len i32) (result i64)
    (global.set $line (local.get $ptr))
    (memory.fill (i32.const 16384) (i32.const 255) (i32.const 23040))
    (i64.const 0)))
