// gain is a plugin for tests: it multiplies what is said by a setting, answers some
// lines of chat, and does what else lines ask it to do.
//
//	clang --target=wasm32 -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=4096 -o gain.wasm gain.c
#include "chat.h"

// What is in such a section of an object file becomes a custom section of the module.
__asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"gain.json\"\n.text\n");

static float buffer[2880 * 2];
static int channels = 1;
static float factor = 1;

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
