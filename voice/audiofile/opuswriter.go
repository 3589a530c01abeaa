package audiofile

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	// opusLookahead is how much of the beginning of what libopus makes at 48 kHz is
	// not to be heard, in samples.
	opusLookahead = 312

	// pageSamples is about how much goes into one page: what a crash costs.
	pageSamples = 48_000

	opusVendor = "voiceapp"
)

// OpusWriter writes packets into an Ogg Opus file (RFC 7845), a page for each
// second. Make one with [CreateOpus] or [NewOpusWriter]. It belongs to one
// goroutine at a time.
type OpusWriter struct {
	name   string
	closer io.Closer // nil for NewOpusWriter
	dst    io.Writer

	page    page
	out     []byte
	passed  int64 // samples so far
	waiting int64 // of them, samples in the page that is being filled
	closed  bool
	err     error
}

// CreateOpus makes a file, 0644 less the umask, for packets of 1 or 2 channels, and
// replaces one that is there. The caller closes the writer. The errors are those
// of [Create].
func CreateOpus(path string, channels int) (*OpusWriter, error) {
	if err := checkOpusChannels(channels); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, describe(path, "it can't be made", err)
	}
	w, err := newOpusWriter(path, f, channels)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.closer = f
	return w, nil
}

// NewOpusWriter writes to dst, which it does not close.
func NewOpusWriter(dst io.Writer, channels int) (*OpusWriter, error) {
	if err := checkOpusChannels(channels); err != nil {
		return nil, err
	}
	return newOpusWriter("Ogg Opus", dst, channels)
}

func checkOpusChannels(channels int) error {
	if channels != 1 && channels != 2 {
		return invalid("%d channels: there are 1 or 2", channels)
	}
	return nil
}

func newOpusWriter(name string, dst io.Writer, channels int) (*OpusWriter, error) {
	w := &OpusWriter{name: name, dst: dst, page: page{serial: rand.Uint32(), flags: flagFirst}}
	head := append([]byte("OpusHead"), 1, byte(channels))
	head = binary.LittleEndian.AppendUint16(head, opusLookahead)
	head = binary.LittleEndian.AppendUint32(head, 48_000)
	head = append(head, 0, 0, 0) // no gain, one mono or stereo stream
	w.add(head)
	w.flush()
	tags := append([]byte("OpusTags"), byte(len(opusVendor)), 0, 0, 0)
	tags = append(append(tags, opusVendor...), 0, 0, 0, 0) // no comments
	w.add(tags)
	w.flush()
	return w, w.err
}

// WriteOpus adds a packet. The errors are [voiceapp.Invalid] for what is none,
// [voiceapp.Conflict] after Close, and those of writing, which stay.
func (w *OpusWriter) WriteOpus(data []byte) error {
	samples, ok := packet.Samples(data)
	switch {
	case w.closed:
		return voiceapp.NewError(voiceapp.Conflict, w.name+": it is closed")
	case !ok || len(data) > maxOpusPacket:
		return invalid("that is no packet of Opus")
	}
	if len(w.page.lacing)+len(data)/255+1 > maxSegments || w.waiting >= pageSamples {
		w.flush()
	}
	w.add(data)
	w.passed += int64(samples)
	w.waiting += int64(samples)
	w.page.granule = w.passed
	return w.err
}

// add puts a packet into the page, which has room for it.
func (w *OpusWriter) add(data []byte) {
	for n := len(data); ; n -= 255 {
		w.page.lacing = append(w.page.lacing, byte(min(n, 255)))
		if n < 255 {
			break
		}
	}
	w.page.body = append(w.page.body, data...)
}

// flush writes the page and begins another.
func (w *OpusWriter) flush() {
	w.out = w.page.append(w.out[:0])
	if w.err == nil {
		if _, err := w.dst.Write(w.out); err != nil {
			w.err = describe(w.name, "it can't be written", err)
		}
	}
	w.page.flags, w.page.lacing, w.page.body = 0, w.page.lacing[:0], w.page.body[:0]
	w.page.sequence++
	w.waiting = 0
}

// Close writes what is left, and closes the file that [CreateOpus] has made. It is
// idempotent.
func (w *OpusWriter) Close() error {
	if w.closed {
		return w.err
	}
	w.closed = true
	w.page.flags |= flagLast
	w.flush()
	if w.closer != nil {
		if err := w.closer.Close(); err != nil && w.err == nil {
			w.err = describe(w.name, "it can't be closed", err)
		}
	}
	return w.err
}
