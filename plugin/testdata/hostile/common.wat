;; What most of the offenders have. $offend is called for a frame while the user
;; speaks, and for each line of chat: while he is silent, only chat is attacked.
(func (export "voiceapp_alloc") (param $size i32) (result i32) (i32.const 40960))
(func (export "voiceapp_free") (param i32 i32))
(func (export "voiceapp_audio_open") (param i32 i32 i32) (result i32) (i32.const 16384))
(func (export "voiceapp_audio") (param $frames i32) (param $flags i32) (result i32)
  (if (i32.and (local.get $flags) (i32.const 1)) (then (call $offend)))
  (local.get $flags))
(func (export "voiceapp_chat") (param i32 i32) (result i64) (call $offend) (i64.const 0))
