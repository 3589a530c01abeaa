// robot is a voice changer: it multiplies the voice by a tone (ring modulation), which
// moves each of its harmonics up and down by the tone's frequency.
#include "../../../plugin/guest/voiceapp.h"

VOICEAPP_MANIFEST("robot/manifest.json")

static float pitch = 90, depth = 1, phase;

VOICEAPP_EXPORT("voiceapp_settings") int settings(const char *json, size_t size) {
	pitch = (float)voiceapp_number(json, size, "pitch", pitch);
	depth = (float)voiceapp_number(json, size, "depth", depth);
	return 0;
}

static int change(float *pcm, int frames, int channels, int speaking) {
	float step = pitch / (float)voiceapp_rate;
	for (int i = 0; i < frames; i++) {
		// A tone has half the power of its peak: the square root of 2 keeps the level.
		float modulator = 1 - depth + depth * 1.41421356f * voiceapp_sin(phase);
		for (int c = 0; c < channels; c++)
			pcm[i * channels + c] *= modulator;
		if ((phase += step) >= 1)
			phase -= 1;
	}
	return speaking;
}
VOICEAPP_AUDIO(change)
