package sound

import (
	"errors"
	"sync"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// ahead is how much of what is said waits at most for what is heard meanwhile: the
// clocks of a microphone and a loudspeaker drift apart.
const ahead = voice.SampleRate / 5

// Recorder writes what is heard, and what is said, into one WAV file, for
// [Port.Record]. Make one with [NewRecorder].
type Recorder struct {
	mu    sync.Mutex
	file  *audiofile.Writer
	mixer *voice.Mixer
	said  []float32 // not written yet
	mixed []float32
	err   error
	ended bool

	done chan struct{} // closed when nothing is written any more
}

// NewRecorder makes the file.
func NewRecorder(path string) (*Recorder, error) {
	file, err := audiofile.Create(path, audiofile.Format{})
	if err != nil {
		return nil, err
	}
	return &Recorder{file: file, mixer: voice.NewMixer(1), done: make(chan struct{})}, nil
}

// Done returns a channel that is closed when nothing is written any more: after Close, or
// because it can't be, which Close explains.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// say takes what is said.
func (r *Recorder) say(pcm []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, pcm...)
	if over := len(r.said) - ahead; over > 0 {
		r.said = append(r.said[:0], r.said[over:]...)
	}
}

// hear takes what is heard, and writes it with what was said.
func (r *Recorder) hear(pcm []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil || r.ended {
		return
	}
	n := min(len(pcm), len(r.said))
	r.mixer.Add(pcm, 1)
	r.mixer.Add(r.said[:n], 1)
	r.said = append(r.said[:0], r.said[n:]...)
	r.mixed = append(r.mixed[:0], pcm...)
	r.mixer.Mix(r.mixed)
	if r.err = r.file.WritePCM(r.mixed); r.err != nil {
		close(r.done)
	}
}

// Close ends the file and returns what went wrong while it was written, such as a full
// disk.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil
	}
	r.ended = true
	if r.err == nil {
		close(r.done)
	}
	return errors.Join(r.err, r.file.Close())
}
