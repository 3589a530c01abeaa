package plugin

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The host and a sandbox talk over two pipes. A message is a kind, the length of its
// body as a little-endian number of 32 bits, and the body. The host asks, the sandbox
// answers each question once, and may send lines for the log before.
const (
	askHello     byte = 1 + iota // a number used once; the answer repeats it
	askCompile                   // a JSON header, a zero byte, the module
	askStart                     // nothing
	askOpen                      // channels and frames, 32 bits each
	askAudio                     // flags, 32 bits; samples; the answer is the same
	askChat                      // JSON; the answer is the answer's kind and its text
	askConfigure                 // JSON
)

const (
	replyOK byte = 128 + iota
	replyRefused
	replyFailed // why
	replyLog    // a level and a text
)

// Bounds of what either side takes, in bytes.
const (
	maxQuestion = MaxFile + 64<<10
	maxReply    = 4 + 4*2*maxFrames + maxAnswer
)

const messageHeader = 5

var errMessage = errors.New("a message is longer than it may be")

// wire is one side of the conversation.
type wire struct {
	in  *bufio.Reader
	out io.Writer

	head     [messageHeader]byte
	question []byte
	reply    []byte
}

func newWire(in io.Reader, out io.Writer) *wire {
	return &wire{in: bufio.NewReaderSize(in, 64<<10), out: out}
}

// begin returns the beginning of a message, to which its body is appended.
func begin(b []byte, kind byte) []byte { return append(b[:0], kind, 0, 0, 0, 0) }

// send completes a message and writes it at once.
func (w *wire) send(message []byte) error {
	binary.LittleEndian.PutUint32(message[1:], uint32(len(message)-messageHeader))
	_, err := w.out.Write(message)
	return err
}

// receive reads a message with at most so many bytes into b, whose memory it uses.
func (w *wire) receive(b []byte, most int) (kind byte, body []byte, err error) {
	if _, err := io.ReadFull(w.in, w.head[:]); err != nil {
		return 0, b, err
	}
	n := binary.LittleEndian.Uint32(w.head[1:])
	if uint64(n) > uint64(most) {
		return 0, b, errMessage
	}
	if cap(b) < int(n) {
		b = make([]byte, n)
	}
	b = b[:n]
	_, err = io.ReadFull(w.in, b)
	return w.head[0], b, err
}

// appendAudio appends flags and samples.
func appendAudio(b []byte, flags uint32, pcm []float32) []byte {
	b = binary.LittleEndian.AppendUint32(b, flags)
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// audioSize is the size of a body that holds so many samples.
func audioSize(samples int) int { return 4 + 4*samples }

// readAudio reads what appendAudio has made, for as many samples as pcm has.
func readAudio(b []byte, pcm []float32) (flags uint32, err error) {
	if len(b) != audioSize(len(pcm)) {
		return 0, fmt.Errorf("%d bytes can't be %d samples", len(b), len(pcm))
	}
	for i := range pcm {
		pcm[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4+4*i:]))
	}
	return binary.LittleEndian.Uint32(b), nil
}
