package audiofile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// maxChannels bounds what a frame takes.
const maxChannels = 64

// Codes of WAVE formats.
const (
	codePCM        = 0x0001
	codeFloat      = 0x0003
	codeExtensible = 0xFFFE
)

// unbounded is the least data size that programs write which don't know it yet;
// some write the largest that a signed number can hold, less a little.
const unbounded = 0x7FFFF000

// header is what comes before the samples.
type header struct {
	Info
	width int // of a sample, in bytes
	data  int64
	open  bool // data is no promise: the audio may end before
}

// block is the size of a frame.
func (h *header) block() int { return h.width * h.Channels }

// headerReader reads chunks up to the audio.
type headerReader struct {
	r        io.Reader
	pos      int64 // of the next byte
	riffSize uint32
	data64   int64 // the data size as the ds64 chunk has it; 0 without one
	found    bool  // the fmt chunk
	header   header
}

// readHeader leaves r where the audio begins. The errors are faults and those of
// r.
func readHeader(r io.Reader) (header, error) {
	h := headerReader{r: r}
	if err := h.readMagic(); err != nil {
		return header{}, err
	}
	for {
		var chunk [8]byte
		if err := h.read(chunk[:]); err != nil {
			return header{}, cutHeader(err)
		}
		size := binary.LittleEndian.Uint32(chunk[4:])
		if string(chunk[:4]) == "data" {
			return h.finish(size)
		}
		if err := h.readChunk(string(chunk[:4]), size); err != nil {
			return header{}, cutHeader(err)
		}
	}
}

func (h *headerReader) read(b []byte) error {
	n, err := io.ReadFull(h.r, b)
	h.pos += int64(n)
	return err
}

func (h *headerReader) skip(n int64) error {
	n, err := io.CopyN(io.Discard, h.r, n)
	h.pos += n
	return err
}

func (h *headerReader) readMagic() error {
	var b [12]byte
	err := h.read(b[:])
	known := otherFormat(b[:h.pos])
	switch {
	case h.pos == 0 && errors.Is(err, io.EOF):
		return fault("it is empty")
	case known != "":
		return fault("this is " + known + ", not a WAV file: convert it to WAV")
	case err != nil:
		return cutHeader(err)
	}
	id, form := string(b[:4]), string(b[8:])
	if id != "RIFF" && id != "RF64" && id != "BW64" || form != "WAVE" {
		return fault("this is not a WAV file")
	}
	h.riffSize = binary.LittleEndian.Uint32(b[4:])
	return nil
}

// otherFormat names what a file is that begins with b, where it is something
// that people take for a WAV file.
func otherFormat(b []byte) string {
	for _, format := range []struct {
		at          int
		magic, name string
	}{
		{0, "OggS", "an Ogg file"},
		{0, "fLaC", "a FLAC file"},
		{0, "ID3", "an MP3 file"},
		{0, "\xff\xfb", "an MP3 file"},
		{0, "\xff\xf3", "an MP3 file"},
		{0, "FORM", "an AIFF file"},
		{0, "RIFX", "a big-endian WAV file"},
		{4, "ftyp", "an MP4 file"},
		{8, "AVI ", "an AVI file"},
		{0, "\x1aE\xdf\xa3", "a Matroska file"},
	} {
		if len(b) > format.at && bytes.HasPrefix(b[format.at:], []byte(format.magic)) {
			return format.name
		}
	}
	return ""
}

// readChunk reads or skips a chunk that is not the audio. Chunks of odd size are
// padded.
func (h *headerReader) readChunk(id string, size uint32) error {
	var body [40]byte
	var known []byte
	switch id {
	case "fmt ":
		known = body[:min(size, 40)]
	case "ds64":
		known = body[:min(size, 16)]
	}
	if err := h.read(known); err != nil {
		return err
	}
	if err := h.skip(int64(size) + int64(size&1) - int64(len(known))); err != nil {
		return err
	}
	switch {
	case id == "fmt ":
		h.found = true
		return h.header.parseFormat(known)
	case id == "ds64" && len(known) == 16:
		h.data64 = int64(min(binary.LittleEndian.Uint64(known[8:]), math.MaxInt64))
	}
	return nil
}

// finish takes the size of the audio, which begins here.
func (h *headerReader) finish(size uint32) (header, error) {
	if !h.found {
		return header{}, fault("its audio comes before the description of the audio")
	}
	h.header.data = int64(size)
	switch {
	case size == math.MaxUint32 && h.data64 > 0:
		h.header.data = h.data64
	case size == math.MaxUint32, size == 0 && int64(h.riffSize)+8 <= h.pos: // never filled in
		h.header.data, h.header.open = math.MaxInt64, true
	case size >= unbounded:
		h.header.open = true
	}
	return h.header, nil
}

// extensibleGUID is what follows the code in the sub-format of an extensible
// format.
const extensibleGUID = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// parseFormat reads the body of a fmt chunk.
func (h *header) parseFormat(b []byte) error {
	if len(b) < 16 {
		return fault("the description of its audio is too short")
	}
	code := binary.LittleEndian.Uint16(b)
	channels := int(binary.LittleEndian.Uint16(b[2:]))
	rate := binary.LittleEndian.Uint32(b[4:])
	block := int(binary.LittleEndian.Uint16(b[12:]))
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	if code == codeExtensible {
		if len(b) < 40 || string(b[26:40]) != extensibleGUID {
			return fault("its extensible format is of an unknown kind: convert it to 16-bit PCM")
		}
		code = binary.LittleEndian.Uint16(b[24:])
	}
	width := (bits + 7) / 8
	switch {
	case code != codePCM && code != codeFloat:
		return fault(codecName(code) + " is not supported: convert it to 16-bit PCM")
	case code == codePCM && (width < 1 || width > 4), code == codeFloat && bits != 32 && bits != 64:
		return fault(fmt.Sprintf("samples of %d bits are not supported: convert it to 16-bit PCM", bits))
	case channels == 0 || channels > maxChannels:
		return fault(fmt.Sprintf("%d channels are not supported: 1 to %d are", channels, maxChannels))
	case rate < dsp.MinRate || rate > dsp.MaxRate:
		return fault(fmt.Sprintf("a rate of %d Hz is not supported: %d to %d are", rate, dsp.MinRate, dsp.MaxRate))
	case block != width*channels:
		return fault(fmt.Sprintf("its frames are said to have %d bytes, but %d channels of %d bits need %d",
			block, channels, bits, width*channels))
	}
	h.Info = Info{Rate: int(rate), Channels: channels, Bits: bits, Float: code == codeFloat}
	h.width = width
	return nil
}

func codecName(code uint16) string {
	switch code {
	case 0x0002, 0x0011:
		return "ADPCM"
	case 0x0006:
		return "A-law"
	case 0x0007:
		return "u-law"
	case 0x0031:
		return "GSM"
	case 0x0050, 0x0055:
		return "MP3 in WAV"
	case 0x00FF, 0x1600, 0x1610:
		return "AAC in WAV"
	case 0x0161, 0x0162, 0x0163:
		return "WMA in WAV"
	}
	return fmt.Sprintf("the audio format 0x%04x", code)
}
