// pitch is a voice changer: it plays the voice back faster or slower than it comes,
// and jumps by whole periods of it to stay at its speed (time-domain pitch shifting, as
// in SOLA). It delays the voice by 10 to 45 ms.
#include "../../../plugin/guest/voiceapp.h"

VOICEAPP_MANIFEST("pitch/manifest.json")

enum {
	SPAN = 8192,   // samples that are remembered of each channel; a power of two
	NEAR = 720,    // 15 ms: how close playback comes to what comes in, where it is faster
	FAR = 1920,    // 40 ms: how far it falls behind, where it is slower
	LEAST = 480,   // of a jump; the range holds a whole number of each period down to 50 Hz
	MOST = 1440,   // of a jump
	MATCH = 384,   // samples that are compared
	FADE = 240     // samples over which a jump is faded
};

static float past[2][SPAN]; // what came in
static uint32_t written;    // how many samples
static float ratio = 1.33484f;
static float distance = 960; // from playback to what comes in, in samples
static float jumped;         // where playback was before a jump, as a distance
static int fading;           // samples that are left of it

VOICEAPP_EXPORT("voiceapp_settings") int settings(const char *json, size_t size) {
	ratio = voiceapp_exp2((float)voiceapp_number(json, size, "semitones", 5) / 12);
	return 0;
}

// at is the sample so far before the latest, between two where it has to be.
static float at(int channel, float back) {
	uint32_t steps = (uint32_t)back;
	float part = back - (float)steps;
	uint32_t i = written - 1 - steps;
	float after = past[channel][i & (SPAN - 1)], before = past[channel][(i - 1) & (SPAN - 1)];
	return after + part * (before - after);
}

// whole finds by how many samples to jump so that the wave goes on, a whole number of
// its periods: the shift at which what was played is most like what would be.
static float whole(float from, int direction) {
	float best = -1;
	int shift = LEAST;
	for (int lag = LEAST; lag <= MOST; lag += 2) {
		float to = from + (float)(direction * lag), product = 0, power = 1e-6f;
		if (to < 4 || to + MATCH >= SPAN - 4)
			continue;
		uint32_t a = written - 1 - (uint32_t)from, b = written - 1 - (uint32_t)to;
		for (uint32_t i = 0; i < MATCH; i += 4) {
			float x = past[0][(a - i) & (SPAN - 1)], y = past[0][(b - i) & (SPAN - 1)];
			product += x * y;
			power += y * y;
		}
		float likeness = product > 0 ? product * product / power : 0;
		if (likeness > best * 1.02f) // the shortest of those that are alike
			best = likeness, shift = lag;
	}
	return (float)shift;
}

static void move(void) {
	distance += 1 - ratio;
	if (fading > 0) {
		jumped += 1 - ratio;
		fading--;
		return;
	}
	int direction = ratio > 1 ? 1 : -1;
	if (direction > 0 ? distance > NEAR : distance < FAR)
		return;
	jumped = distance;
	distance += (float)direction * whole(distance, direction);
	fading = FADE;
}

static int change(float *pcm, int frames, int channels, int speaking) {
	if (ratio == 1)
		return speaking;
	for (int i = 0; i < frames; i++) {
		for (int c = 0; c < channels; c++)
			past[c][written & (SPAN - 1)] = pcm[i * channels + c];
		written++;
		move();
		for (int c = 0; c < channels; c++) {
			float y = at(c, distance);
			if (fading > 0)
				y += (at(c, jumped) - y) * (float)fading / FADE;
			pcm[i * channels + c] = y;
		}
	}
	return speaking;
}
VOICEAPP_AUDIO(change)
