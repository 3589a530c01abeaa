//go:build cgo

// malgo calls Go for each period of a device. A Go that is called from a foreign thread has
// to wake up its scheduler each time, hundreds of times a second, and a callback that waits
// for a garbage collection is heard. So the callback that malgo has set is replaced by one
// that stays in C, but for the first sound after a silence.

#include "callback.h"

#include <string.h>

// In Go.
extern void voiceappHeard(uint64_t handle);

static char mark;

static void notified(const void *notification) { (void)notification; }

void *voiceapp_notification(void) { return (void *)notified; }

void *voiceapp_mark(void) { return &mark; }

// An ma_device as an array of words: onData, onNotification, onStop and pUserData follow
// each other.
enum { DATA, NOTIFICATION, STOP, USER, WORDS };

static int place; // of onData

static struct voiceapp_ring *ring_of(void *device) {
	return ((void **)device)[__atomic_load_n(&place, __ATOMIC_RELAXED) + USER];
}

static void called(struct voiceapp_ring *r, uint64_t samples) {
	__atomic_store_n(&r->period, samples, __ATOMIC_RELAXED);
	__atomic_store_n(&r->calls, r->calls + 1, __ATOMIC_RELEASE);
}

static void missed(struct voiceapp_ring *r, uint64_t n) {
	__atomic_store_n(&r->misses, r->misses + n, __ATOMIC_RELAXED);
}

// copy_in appends n samples, or as many as there is room for, and returns how many.
static uint64_t copy_in(struct voiceapp_ring *r, const float *from, uint64_t n) {
	uint64_t at = r->written, room = r->mask + 1 - (at - __atomic_load_n(&r->read, __ATOMIC_ACQUIRE));
	if (n > room)
		n = room;
	uint64_t i = at & r->mask, first = r->mask + 1 - i;
	if (first > n)
		first = n;
	memcpy(r->samples + i, from, first * sizeof(float));
	memcpy(r->samples, from + first, (n - first) * sizeof(float));
	__atomic_store_n(&r->written, at + n, __ATOMIC_RELEASE);
	return n;
}

// copy_out takes n samples, or as many as there are, and returns how many.
static uint64_t copy_out(struct voiceapp_ring *r, float *to, uint64_t n) {
	uint64_t at = r->read, held = __atomic_load_n(&r->written, __ATOMIC_ACQUIRE) - at;
	if (n > held)
		n = held;
	uint64_t i = at & r->mask, first = r->mask + 1 - i;
	if (first > n)
		first = n;
	memcpy(to, r->samples + i, first * sizeof(float));
	memcpy(to + first, r->samples, (n - first) * sizeof(float));
	__atomic_store_n(&r->read, at + n, __ATOMIC_RELEASE);
	return n;
}

// The same as dsp.IsSilence.
static int silent(const float *samples, uint64_t n) {
	for (uint64_t i = 0; i < n; i++)
		if (!(samples[i] <= 1.0f / 32768 && samples[i] >= -1.0f / 32768))
			return 0;
	return 1;
}

// The same as ring.captured in Go.
static void captured(void *device, void *output, const void *input, uint32_t frames) {
	(void)output;
	struct voiceapp_ring *r = ring_of(device);
	uint64_t n = frames * r->channels;
	if (input == NULL)
		return;
	missed(r, n - copy_in(r, input, n));
	called(r, n);
	if (__atomic_load_n(&r->waiting, __ATOMIC_ACQUIRE) && !silent(input, n)) {
		__atomic_store_n(&r->waiting, 0, __ATOMIC_RELAXED);
		voiceappHeard(r->handle);
	}
}

// The same as ring.played in Go.
static void played(void *device, void *output, const void *input, uint32_t frames) {
	(void)input;
	struct voiceapp_ring *r = ring_of(device);
	uint64_t n = frames * r->channels;
	if (output == NULL)
		return;
	uint64_t given = copy_out(r, output, n);
	memset((float *)output + given, 0, (n - given) * sizeof(float));
	missed(r, given < n && !__atomic_load_n(&r->resting, __ATOMIC_ACQUIRE));
	__atomic_store_n(&r->taken, r->taken + n, __ATOMIC_RELEASE);
	called(r, n);
}

int voiceapp_attach(void *device, struct voiceapp_ring *ring, uint64_t handle, int playback) {
	enum { SEARCHED = 16 }; // words: ma_device is far longer
	void **words = device;
	for (int i = 0; i + WORDS <= SEARCHED; i++) {
		if (words[i + NOTIFICATION] != (void *)notified || words[i + USER] != (void *)&mark)
			continue;
		__atomic_store_n(&place, i, __ATOMIC_RELAXED);
		ring->handle = handle;
		words[i + USER] = ring;
		words[i + DATA] = playback ? (void *)played : (void *)captured;
		return 1;
	}
	return 0;
}
