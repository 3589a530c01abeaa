;; hooks: "audio"
;; Samples that are no numbers, or far beyond full scale.
(module
  (memory (export "memory") 1)
  (func (export "voiceapp_audio_open") (param i32 i32 i32) (result i32) (i32.const 16384))
  (func (export "voiceapp_audio") (param $frames i32) (param $flags i32) (result i32)
    (f32.store (i32.const 16384) (f32.const nan))
    (f32.store (i32.const 16388) (f32.const inf))
    (f32.store (i32.const 16392) (f32.const -inf))
    (f32.store (i32.const 16396) (f32.const 1e30))
    (i32.const -1)))
