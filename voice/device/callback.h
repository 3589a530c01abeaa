#ifndef VOICEAPP_CALLBACK_H
#define VOICEAPP_CALLBACK_H

#include <stddef.h>
#include <stdint.h>

// A ring of samples, as ringHead in ring.go, which explains it: a device is at one end, Go
// at the other.
struct voiceapp_ring {
	uint64_t written;
	uint64_t read;
	uint64_t calls;
	uint64_t misses;
	uint64_t period;
	uint64_t channels;
	uint64_t mask;
	uint64_t waiting;
	uint64_t resting;
	uint64_t taken;
	uint64_t handle;
	float *samples;
};

enum { offsetof_samples = offsetof(struct voiceapp_ring, samples) };

// What a device's configuration gets as notification callback and as user data, for
// voiceapp_attach to know them again.
void *voiceapp_notification(void);
void *voiceapp_mark(void);

// Gives an initialised ma_device that is not started, and has those two, a callback that
// moves samples between it and the ring, calls voiceappHeard with the handle when a
// silence ends that somebody waits for the end of, and does nothing else. Returns 0 where the device
// is not laid out as it is known to be; then nothing has been changed.
int voiceapp_attach(void *device, struct voiceapp_ring *ring, uint64_t handle, int playback);

#endif
