// filter is a plugin for tests that reads what is written on a server.
//
//	clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=4096 -o filter.wasm filter.c
#include "chat.h"

__asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"filter.json\"\n.text\n");
