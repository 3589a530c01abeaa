package plugin

import (
	"time"
)

// rebuild makes the chain anew of what is enabled and has the audio hook. One that
// did not start keeps its place when its user is not to be heard without it.
func (h *Host) rebuild() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var chain []*link
	for _, e := range h.entries {
		audible := e.file != nil && e.file.Manifest.Has(HookAudio)
		if !e.Enabled || !audible && !e.Silences {
			e.link = nil
			continue
		}
		if e.link == nil {
			e.link = newLink(e.Silences, e.worker)
		} else if e.link.next.Load() == nil {
			e.link.current.Store(e.worker)
		}
		chain = append(chain, e.link)
	}
	h.chain.Store(&chain)
}

// ProcessPCM lets the plugins with the audio hook change a frame of interleaved
// samples at 48 kHz in place, in the user's order, and returns whether it is to be
// heard. It is what voice calls an Effect. It returns within the deadlines, whatever
// the plugins do, and allocates nothing. A frame has at most 60 ms; of a longer one, or
// one of more than two channels, all plugins miss it.
func (h *Host) ProcessPCM(pcm []float32, channels int, speaking bool) bool {
	chain := *h.chain.Load()
	if len(chain) == 0 || len(pcm) == 0 {
		return speaking
	}
	n := len(pcm) / max(channels, 1)
	if possible := n <= maxFrames && (channels == 1 || channels == 2) && len(pcm)%channels == 0; !possible {
		for _, l := range chain {
			speaking = l.miss(pcm, speaking)
		}
		return speaking
	}
	if channels != h.format.channels || n > h.format.maxFrames {
		h.format = format{channels, n}
	}
	deadline := h.deadline(n)
	end := time.Now().Add(2 * deadline) // of the whole chain
	for _, l := range chain {
		until := time.Now().Add(deadline)
		if until.After(end) {
			until = end
		}
		speaking = l.process(pcm, h.format, speaking, until)
	}
	return speaking
}

// deadline is how long a plugin may take for so many samples.
func (h *Host) deadline(samples int) time.Duration {
	if h.cfg.Patient {
		return h.cfg.AudioDeadline
	}
	return frameDeadline(h.cfg.AudioDeadline, samples)
}
