package audiofile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// maxOpusPacket is the most bytes of a packet in a file: 48 frames of the longest.
const maxOpusPacket = 48 * 1275

// unknownLevel is how loud a packet is said to be whose level the file does not
// tell: that of speech, in -dBov.
const unknownLevel = 20

// OpusPacket is one packet of an Ogg Opus file.
type OpusPacket struct {
	Data    []byte // the reader's, valid until the next call
	Samples int    // per channel at 48 kHz, all of it
	Skip    int    // of these, how many at the beginning are not to be heard
	Trim    int    // and how many at the end
}

// OpusReader gives the packets of an Ogg Opus file (RFC 7845) as they are, one
// mono or stereo stream after the other where several are chained. Make one with
// [OpenOpus] or [NewOpusReader]. It belongs to one goroutine at a time.
//
// It is a voice source that has Opus ready: given to voice.Join, the file is sent
// without decoding it. Its packets have to fit a datagram then, 1,275 bytes.
type OpusReader struct {
	name   string
	closer io.Closer // nil for NewOpusReader
	pages  pageReader
	page   page

	head    opusHead
	serial  uint32
	segment int // of the page, which is next
	at      int // in the page's body, where it begins
	packet  []byte
	joining bool  // packet holds the beginning of one
	begun   bool  // a page of this stream was read that is not its first
	passed  int64 // samples of this stream so far
	skip    int   // samples of this stream still to be skipped
	err     error
}

// opusHead is the identification header (RFC 7845, section 5.1).
type opusHead struct {
	channels int
	preSkip  int
	gain     int16 // in 1/256 dB
}

// OpenOpus opens an Ogg Opus file. The caller closes the reader. The errors are
// those of [Open].
func OpenOpus(path string) (*OpusReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, describe(path, "it can't be opened", err)
	}
	r, err := newOpusReader(path, f)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	r.closer = f
	return r, nil
}

// NewOpusReader reads an Ogg Opus file from r, forwards, and does not close it.
func NewOpusReader(r io.Reader) (*OpusReader, error) { return newOpusReader("Ogg Opus", r) }

func newOpusReader(name string, src io.Reader) (*OpusReader, error) {
	r := &OpusReader{name: name, pages: pageReader{src: bufio.NewReaderSize(src, maxPage)}}
	if err := r.begin(); err != nil {
		if errors.Is(err, io.EOF) {
			err = fault("it is no Ogg file, or its beginning is cut off")
		}
		return nil, describe(name, "it can't be read", err)
	}
	return r, nil
}

// Channels is 1 or 2.
func (r *OpusReader) Channels() int { return r.head.channels }

// Gain is by how many decibels its author wants the file to be louder.
func (r *OpusReader) Gain() float64 { return float64(r.head.gain) / 256 }

// begin reads the headers of a stream, which is the first or follows on another.
func (r *OpusReader) begin() error {
	if err := r.findStream(); err != nil {
		return err
	}
	text, err := r.next()
	if err != nil {
		return err
	}
	if r.head, err = parseOpusHead(text); err != nil {
		return err
	}
	if text, err = r.next(); err != nil {
		return err
	}
	if !bytes.HasPrefix(text, []byte("OpusTags")) {
		return fault("its second header is missing")
	}
	r.passed, r.skip = 0, r.head.preSkip
	return nil
}

// findStream goes to the first page of the next Opus stream. Other streams beside
// it, as of video, are left out.
func (r *OpusReader) findStream() error {
	for others := 0; others < 100; others++ {
		for r.page.flags&flagFirst == 0 {
			if err := r.pages.next(&r.page); err != nil {
				return err
			}
		}
		if bytes.HasPrefix(r.page.body, []byte("OpusHead")) {
			r.page.flags &^= flagFirst // it is no further stream's once this one has ended
			r.serial, r.segment, r.at, r.joining, r.begun = r.page.serial, 0, 0, false, false
			return nil
		}
		r.page.flags = 0
	}
	return fault("there is no Opus in it")
}

func parseOpusHead(text []byte) (opusHead, error) {
	if len(text) < 19 || text[8]>>4 != 0 {
		return opusHead{}, fault("its Opus header can't be read")
	}
	h := opusHead{
		channels: int(text[9]),
		preSkip:  int(binary.LittleEndian.Uint16(text[10:])),
		gain:     int16(binary.LittleEndian.Uint16(text[16:])),
	}
	if h.channels < 1 || h.channels > 2 || text[18] != 0 {
		return h, fault("it has more than two channels")
	}
	return h, nil
}

// next gives the next packet of the stream, joined from its segments. The error is
// io.EOF when the stream has ended.
func (r *OpusReader) next() ([]byte, error) {
	for {
		for r.segment < len(r.page.lacing) {
			n := int(r.page.lacing[r.segment])
			part := r.page.body[r.at : r.at+n]
			r.segment++
			r.at += n
			if !r.joining {
				r.packet, r.joining = r.packet[:0], true
			}
			if len(r.packet)+n > maxOpusPacket {
				return nil, fault("a packet in it is longer than any of Opus")
			}
			r.packet = append(r.packet, part...)
			if n < 255 {
				r.joining = false
				return r.packet, nil
			}
		}
		if r.page.flags&flagLast != 0 {
			return nil, io.EOF
		}
		if err := r.turn(); err != nil {
			return nil, err
		}
	}
}

// turn goes to the next page of the stream.
func (r *OpusReader) turn() error {
	before := r.page.sequence
	for {
		if err := r.pages.next(&r.page); err != nil {
			return err
		}
		if first := r.page.flags&flagFirst != 0; first && r.begun {
			return io.EOF // what follows is another stream: this one had no last page
		} else if !first && r.page.serial == r.serial {
			break
		} // else it is one beside it: the first pages of all come first (RFC 3533, 4)
	}
	r.segment, r.at, r.begun = 0, 0, true
	whole := r.joining && r.page.flags&flagContinued != 0 && r.page.sequence == before+1
	if r.joining && !whole {
		r.joining = false
	}
	if !whole && r.page.flags&flagContinued != 0 {
		r.skipRest()
	}
	return nil
}

// skipRest leaves out the end of a packet whose beginning is lost.
func (r *OpusReader) skipRest() {
	for r.segment < len(r.page.lacing) {
		n := int(r.page.lacing[r.segment])
		r.segment++
		r.at += n
		if n < 255 {
			return
		}
	}
}

// Next returns the next packet. Packets of no legal duration are left out. The
// errors are io.EOF at the end, also of a file that is cut off, and
// [voiceapp.Invalid] where something is wrong.
func (r *OpusReader) Next() (OpusPacket, error) {
	for r.err == nil {
		data, err := r.next()
		if errors.Is(err, io.EOF) {
			err = r.begin() // another stream may follow
			if err == nil {
				continue
			}
		}
		if err != nil {
			r.err = err
			break
		}
		if samples, ok := packet.Samples(data); ok {
			return r.measure(data, samples), nil
		}
	}
	if !errors.Is(r.err, io.EOF) {
		return OpusPacket{}, describe(r.name, "it can't be read", r.err)
	}
	return OpusPacket{}, io.EOF
}

// measure says what of a packet is to be heard.
func (r *OpusReader) measure(data []byte, samples int) OpusPacket {
	p := OpusPacket{Data: data, Samples: samples, Skip: min(r.skip, samples)}
	r.skip -= p.Skip
	r.passed += int64(samples)
	if last := r.page.flags&flagLast != 0 && r.segment == len(r.page.lacing); last && r.page.granule >= 0 {
		p.Trim = int(min(max(0, r.passed-r.page.granule), int64(samples-p.Skip)))
	}
	return p
}

// ReadOpus appends the next packet to dst, for voice.OpusSource. What it says of
// the level is a guess.
func (r *OpusReader) ReadOpus(dst []byte) ([]byte, uint8, error) {
	p, err := r.Next()
	if err == nil && len(p.Data) > packet.MaxPayload {
		err = voiceapp.NewError(voiceapp.TooLarge, r.name+": a packet in it is too long for a datagram; decode it, and encode it again")
	}
	if err != nil {
		return dst, 0, err
	}
	return append(dst, p.Data...), unknownLevel, nil
}

// ReadPCM is never called by a voice session. It returns [voiceapp.Invalid]:
// decoding takes voice/opus.
func (r *OpusReader) ReadPCM([]float32) (int, error) {
	return 0, voiceapp.NewError(voiceapp.Invalid, r.name+": it holds Opus: read its packets and decode them")
}

// Close closes the file that [OpenOpus] has opened.
func (r *OpusReader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}
