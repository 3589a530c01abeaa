package audiofile

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// readFrames is how many frames are read from the file in one go.
const readFrames = 1024

// Reader gives the audio of a WAV file in the format that was asked for. Make one
// with [Open] or [NewReader].
type Reader struct {
	name   string
	closer io.Closer // nil for NewReader
	src    *bufio.Reader
	header header
	known  bool  // left is exact
	frames int64 // of the file, if known
	left   int64 // bytes of audio
	cut    bool

	want      Format
	resampler *dsp.Resampler
	raw       []byte
	decoded   []float32
	mixed     []float32
	ready     []float32 // converted; those before "given" were given
	given     int
	err       error // what comes after ready
}

// Open opens a WAV file. Bits of the format do not matter. The caller closes the
// Reader. The errors begin with the path and are [voiceapp.NotFound],
// [voiceapp.Forbidden], [voiceapp.Unavailable], and [voiceapp.Invalid] where
// something is wrong with the file, or the format.
func Open(path string, want Format) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, describe(path, "it can't be opened", err)
	}
	r, err := newReader(path, f, want)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	r.closer = f
	return r, nil
}

// NewReader reads a WAV file from r, which it does not close. Only if r can seek
// is the duration known of what was streamed or cut off; it is read forwards in
// any case. The errors are those of [Open].
func NewReader(r io.Reader, want Format) (*Reader, error) { return newReader("WAV", r, want) }

func newReader(name string, src io.Reader, want Format) (*Reader, error) {
	available := remaining(src)
	counted := &counter{r: src}
	r := &Reader{name: name, src: bufio.NewReaderSize(counted, 1<<14)}
	var err error
	if r.header, err = readHeader(r.src); err != nil {
		return nil, describe(name, "it can't be read", err)
	}
	if want.Rate == FileRate {
		want.Rate = r.header.Rate
	}
	if r.want, err = want.withDefaults(); err != nil {
		return nil, err
	}
	if r.resampler, err = dsp.NewResampler(r.header.Rate, r.want.Rate, r.want.Channels); err != nil {
		return nil, err
	}
	r.measure(available - counted.n + int64(r.src.Buffered()))
	r.raw = make([]byte, readFrames*r.header.block())
	return r, nil
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// unknown is a size that stays below 0 whatever is taken from it.
const unknown = math.MinInt64 / 2

// remaining returns how many bytes src has, or unknown.
func remaining(src io.Reader) int64 {
	s, ok := src.(io.Seeker)
	if !ok {
		return unknown
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return unknown
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return unknown
	}
	if _, err = s.Seek(at, io.SeekStart); err != nil || end <= at {
		return unknown // a device, or a failure that reading will show
	}
	return end - at
}

// measure compares what the header says with what there is; less than 0 is
// unknown.
func (r *Reader) measure(available int64) {
	r.left = r.header.data
	r.known = available >= 0 || !r.header.open
	if available >= 0 && available < r.left {
		r.left = available
		r.cut = !r.header.open
	}
	r.frames = r.left / int64(r.header.block())
}

// Info returns what the file holds.
func (r *Reader) Info() Info { return r.header.Info }

// Format returns what the Reader gives: what was asked for, zeros filled in.
func (r *Reader) Format() Format { return r.want }

// Duration returns how long the audio is, or 0 when that shows only at its end.
func (r *Reader) Duration() time.Duration {
	if !r.known {
		return 0
	}
	rate := int64(r.header.Rate)
	return time.Duration(r.frames/rate)*time.Second + time.Duration(r.frames%rate)*time.Second/time.Duration(rate)
}

// Truncated reports whether the file ends before its header says: right after
// [Open] when the size of the file is known, after the end otherwise. What is
// there is given all the same.
func (r *Reader) Truncated() bool { return r.cut }

// ReadPCM fills pcm, which stays the caller's, with the next samples:
//
//	n == len(pcm), nil        a full frame
//	0 < n < len(pcm), nil     the last samples
//	0, io.EOF                 the end
//	0, another error          the file can't be read further
func (r *Reader) ReadPCM(pcm []float32) (n int, err error) {
	for n < len(pcm) {
		if r.given == len(r.ready) {
			if r.err != nil {
				break
			}
			r.fill()
		}
		copied := copy(pcm[n:], r.ready[r.given:])
		r.given += copied
		n += copied
	}
	if n == 0 && len(pcm) > 0 {
		return 0, r.err
	}
	return n, nil
}

// fill reads and converts some more, and sets err at the end.
func (r *Reader) fill() {
	want := int(min(int64(len(r.raw)), r.left))
	n, err := io.ReadFull(r.src, r.raw[:want])
	r.left -= int64(n)
	n -= n % r.header.block()
	r.decoded = r.header.appendDecoded(r.decoded[:0], r.raw[:n])
	r.mixed = dsp.Remix(r.mixed[:0], r.decoded, r.header.Channels, r.want.Channels)
	r.ready, r.given = r.resampler.AppendTo(r.ready[:0], r.mixed), 0
	switch {
	case err == nil && r.left > 0:
		return
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.cut = r.cut || r.left > 0 && !r.header.open
		r.err = io.EOF
	default:
		r.err = describe(r.name, "it can't be read further", err)
	}
	r.ready = r.resampler.Flush(r.ready)
}

// Close closes the file; a second Close does nothing. ReadPCM then returns an
// error.
func (r *Reader) Close() error {
	r.ready, r.given = nil, 0
	r.err = describe(r.name, "it can't be read", os.ErrClosed)
	if r.closer == nil {
		return nil
	}
	err := r.closer.Close()
	r.closer = nil
	if err != nil {
		return describe(r.name, "it can't be closed", err)
	}
	return nil
}
