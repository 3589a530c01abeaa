// soundboard plays sounds into the talk, also while its user is silent. The sounds are
// made, and not recorded.
#include "../../../plugin/guest/voiceapp.h"

VOICEAPP_MANIFEST("soundboard/manifest.json")

enum sound { NONE, HORN, DRUM, BELL };

static const char *const names[] = {"", "horn", "drum", "bell"};
static const float seconds[] = {0, 1.2f, 0.6f, 2};

static enum sound playing;
static float since; // its beginning, in seconds
static float gain = 0.25f;
static uint32_t noise = 1;

VOICEAPP_EXPORT("voiceapp_settings") int settings(const char *json, size_t size) {
	gain = voiceapp_gain((float)voiceapp_number(json, size, "volume", -12));
	return 0;
}

// sample is the sound at a time, within [-1, 1].
static float sample(float t) {
	float left = seconds[playing] - t, fade = left < 0.05f ? left / 0.05f : 1;
	switch (playing) {
	case HORN: { // two saw-like tones
		float y = 0;
		for (int k = 1; k <= 6; k++)
			y += (voiceapp_sin(311 * (float)k * t) + voiceapp_sin(370 * (float)k * t)) / (float)k;
		return fade * (t < 0.02f ? t / 0.02f : 1) * y / 4;
	}
	case DRUM: { // a tone that falls, and noise at its beginning
		noise = noise * 1664525 + 1013904223;
		float hiss = (float)(int32_t)noise / 2147483648.0f;
		return fade * (voiceapp_gain(-60 * t) * voiceapp_sin(60 * t + 8 * (1 - voiceapp_exp2(-20 * t))) * 0.8f + voiceapp_gain(-400 * t) * hiss * 0.4f);
	}
	case BELL: {
		static const float partials[] = {1, 2, 2.4f, 3, 4.5f};
		float y = 0;
		for (int k = 0; k < 5; k++)
			y += voiceapp_gain(-(12 + 8 * (float)k) * t) * voiceapp_sin(660 * partials[k] * t) / (float)(k + 2);
		return fade * y;
	}
	case NONE:
		break;
	}
	return 0;
}

static int change(float *pcm, int frames, int channels, int speaking) {
	if (playing == NONE)
		return speaking;
	for (int i = 0; i < frames && playing != NONE; i++) {
		float y = gain * sample(since);
		for (int c = 0; c < channels; c++)
			pcm[i * channels + c] += y;
		if ((since += 1 / (float)voiceapp_rate) >= seconds[playing])
			playing = NONE;
	}
	return 1;
}
VOICEAPP_AUDIO(change)

static int same(const char *a, const char *b) {
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

VOICEAPP_EXPORT("voiceapp_chat") uint64_t chat(const char *json, size_t size) {
	static char text[4100];
	if (voiceapp_text(json, size, "text", text, sizeof text) < 0)
		return VOICEAPP_UNCHANGED;
	if (same(text, "/stop")) {
		playing = NONE;
		return voiceapp_answer(0, 1, "It is quiet.");
	}
	const char *command = "/play", *rest = text;
	while (*command && *rest == *command)
		rest++, command++;
	if (*command || (*rest && *rest != ' '))
		return VOICEAPP_UNCHANGED;
	while (*rest == ' ')
		rest++;
	for (int i = HORN; i <= BELL; i++) {
		if (same(rest, names[i])) {
			playing = (enum sound)i, since = 0;
			return voiceapp_answer(0, 1, "It plays for all to hear. /stop ends it.");
		}
	}
	return voiceapp_answer(0, 1, "There are /play horn, /play drum, /play bell, and /stop.");
}
