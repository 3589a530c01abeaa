// gain halves what is said. It is what voiceapp-bench plugin measures.
//
//	clang --target=wasm32 -O3 -msimd128 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=4096 -o gain.wasm gain.c
#define EXPORT(name) __attribute__((export_name(name)))

// What is in such a section of an object file becomes a custom section of the module.
__asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"gain.json\"\n.text\n");

static float buffer[2880 * 2];
static int channels;

EXPORT("voiceapp_audio_open") float *audio_open(int rate, int count, int most) {
	(void)rate, (void)most;
	channels = count;
	return buffer;
}

EXPORT("voiceapp_audio") int audio(int frames, int flags) {
	for (int i = 0; i < frames * channels; i++)
		buffer[i] *= 0.5f;
	return flags;
}
