// mute is a plugin for tests whose user is not to be heard without it. A setting
// says what goes wrong.
//
//	clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=4096 -o mute.wasm mute.c
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"mute.json\"\n.text\n");

static float buffer[2880 * 2];
static char arena[1 << 17];
static char mode;
static volatile int never;

EXPORT("voiceapp_alloc") void *alloc(size_t size) { return size <= sizeof arena ? arena : 0; }
EXPORT("voiceapp_free") void release(void *p, size_t size) { (void)p, (void)size; }

EXPORT("voiceapp_settings") int settings(const char *text, size_t size) {
	for (size_t i = 0; i + 2 < size; i++)
		if (text[i] == ':')
			mode = text[i + 2];
	return 0;
}

EXPORT("voiceapp_audio_open") float *audio_open(int rate, int channels, int most) {
	(void)rate, (void)most;
	return channels == 2 ? 0 : buffer; // it is for mono alone
}

static int work(int flags) {
	switch (mode) {
	case 't':
		__builtin_trap();
	case 'l':
		while (!never)
			;
		break;
	case 's': // some 20 ms
		for (int i = 0; i < 40000000; i++)
			never = 0;
		break;
	case 'c':
		return 0;
	case 'n':
		buffer[0] = __builtin_nanf(""), buffer[1] = __builtin_inff(), buffer[2] = -1e30f;
	}
	return flags;
}

EXPORT("voiceapp_audio") int audio(int frames, int flags) { return (void)frames, work(flags); }

EXPORT("voiceapp_chat") uint64_t chat(const char *text, size_t size) { return (void)text, (void)size, work(1), 0; }
