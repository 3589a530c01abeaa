// gain is a plugin for tests: it multiplies what is said by a setting, answers some
// lines of chat, and does what else lines ask it to do.
//
//	clang --target=wasm32 -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=4096 -o gain.wasm gain.c
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

// What is in such a section of an object file becomes a custom section of the module.
__asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"gain.json\"\n.text\n");

__attribute__((import_module("voiceapp"), import_name("log"))) void log_line(int level, const char *text, size_t size);

static float buffer[2880 * 2];
static int channels = 1;
static float factor = 1;
static char arena[1 << 17];

EXPORT("voiceapp_alloc") void *alloc(size_t size) { return size <= sizeof arena ? arena : 0; }
EXPORT("voiceapp_free") void release(void *p, size_t size) { (void)p, (void)size; }

EXPORT("voiceapp_audio_open") float *audio_open(int rate, int count, int most) {
	(void)rate, (void)most;
	channels = count;
	return buffer;
}

EXPORT("voiceapp_audio") int audio(int frames, int flags) {
	for (int i = 0; i < frames * channels; i++)
		buffer[i] *= factor;
	return flags;
}

static const char *find(const char *text, size_t size, const char *word) {
	for (size_t i = 0, n; i < size; i++) {
		for (n = 0; word[n] && i + n < size && text[i + n] == word[n]; n++)
			;
		if (!word[n])
			return text + i + n;
	}
	return 0;
}

EXPORT("voiceapp_settings") int settings(const char *text, size_t size) {
	const char *at = find(text, size, "\"factor\":");
	if (!at)
		return 1;
	float value = 0, scale = 0;
	for (; at < text + size && ((*at >= '0' && *at <= '9') || *at == '.'); at++) {
		if (*at == '.')
			scale = 1;
		else if (scale == 0)
			value = value * 10 + (float)(*at - '0');
		else
			value += (float)(*at - '0') * (scale /= 10);
	}
	if (value == 3) // a value that it can't work with
		return 2;
	factor = value;
	return 0;
}

static uint64_t say(const char *json) {
	size_t n = 0;
	while (json[n])
		n++;
	return (uint64_t)(uintptr_t)json << 32 | n;
}

EXPORT("voiceapp_chat") uint64_t chat(const char *text, size_t size) {
	if (find(text, size, "\"drop me\""))
		return (uint64_t)-1;
	if (find(text, size, "\"change me\""))
		return say("{\"text\":\"changed\",\"reply\":\"done\"}");
	if (find(text, size, "\"refuse me\""))
		return say("{\"drop\":true,\"reply\":\"not here\"}");
	if (find(text, size, "\"log\"")) {
		log_line(2, "hello", 5);
		return 0;
	}
	if (find(text, size, "\"nonsense\""))
		return say("{\"txt\":1}");
	if (find(text, size, "\"trap\""))
		__builtin_trap();
	if (find(text, size, "\"hang\""))
		for (;;)
			__asm__ volatile("");
	return 0;
}
