package plugin

import (
	"errors"
	"time"
)

// backend is one running plugin, in this process or in a child. It is used by one
// goroutine, but for interrupt and close. After an error other than errRefused it can
// only be closed.
type backend interface {
	// open says what frames are going to come. errRefused: the plugin can't work with
	// them.
	open(f format) error

	// audio changes the samples of a frame in place and returns the flags.
	audio(pcm []float32, flags uint32) (uint32, error)

	// chat passes a line, as JSON, and returns what is to become of it. The text of the
	// answer is valid until the next call.
	chat(line []byte) (answer, error)

	// configure passes values for all settings, as JSON. errRefused: the plugin can't
	// work with them.
	configure(settings []byte) error

	// interrupt ends the call that is under way with an error, and the backend with it.
	// Any goroutine may call it, at any time.
	interrupt()

	// close ends the backend and waits for that.
	close()
}

// format is what frames look like.
type format struct {
	channels  int
	maxFrames int // samples of one channel in a frame at most
}

const sampleRate = 48_000

// maxFrames is 60 ms.
const maxFrames = 2880

// flagSpeaking is the only flag of the audio hook.
const flagSpeaking = 1

// errRefused is the answer of a plugin that can't work with what it is given.
var errRefused = errors.New("the plugin refuses it")

// answer is the result of a chat hook.
type answer struct {
	kind answerKind
	text []byte // of answerJSON
}

type answerKind uint8

const (
	answerUnchanged answerKind = iota
	answerDropped
	answerJSON
)

// Limits of what a chat hook is given and gives, in bytes.
const (
	maxAnswer = 64 << 10
	maxLine   = 64 << 10
)

// Times that a plugin has; see ABI.md.
const (
	DefaultAudioDeadline = 5 * time.Millisecond
	DefaultChatDeadline  = 100 * time.Millisecond
	DefaultLoadDeadline  = 2 * time.Second

	// mercy is how long a call may go on after its deadline, before it is ended by
	// force.
	mercy = 20 * time.Millisecond
)

// DefaultMemory is how much memory a plugin may have, in bytes.
const DefaultMemory = 64 << 20

// maxSample is how large samples may be between plugins.
const maxSample = 8

// clean returns a sample without what would spread: what is no number becomes 0.
func clean(x float32) float32 {
	if x != x {
		return 0
	}
	return max(-maxSample, min(maxSample, x))
}
