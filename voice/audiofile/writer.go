package audiofile

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
)

// writeSamples is how many samples are encoded in one go.
const writeSamples = 4096

// Writer writes a WAV file. The header is brought up to date after each second of
// audio, so that the file can be read while it grows, and after a crash. Beyond
// 4 GiB it becomes an RF64 file. Make one with [Create] or [NewWriter].
type Writer struct {
	name    string
	dst     io.WriteSeeker
	closer  io.Closer // nil for NewWriter
	format  Format
	buf     []byte
	size    int64 // of the audio in the file, in bytes
	patched int64 // the size that the header has
	err     error // the first; it stays
	closed  bool
}

// Create makes a WAV file, or empties the one that is there. The caller closes
// the Writer, or the last second may be missing. The errors begin with the path
// and are [voiceapp.NotFound], [voiceapp.Forbidden], [voiceapp.Unavailable] (a
// full disk, for one), and [voiceapp.Invalid] for the format.
func Create(path string, format Format) (*Writer, error) {
	format, err := format.withDefaults() // before the file is emptied
	if err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, describe(path, "it can't be created", err)
	}
	w, err := newWriter(path, f, format)
	if err != nil {
		_ = f.Close() // the first error is the one that tells
		return nil, err
	}
	w.closer = f
	return w, nil
}

// NewWriter writes a WAV file to dst, which is empty, and which it does not close.
// The errors are those of [Create].
func NewWriter(dst io.WriteSeeker, format Format) (*Writer, error) {
	format, err := format.withDefaults()
	if err != nil {
		return nil, err
	}
	return newWriter("WAV", dst, format)
}

func newWriter(name string, dst io.WriteSeeker, format Format) (*Writer, error) {
	w := &Writer{name: name, dst: dst, format: format}
	w.buf = make([]byte, 0, writeSamples*format.Bits/8)
	if _, err := dst.Write(w.appendHeader(nil)); err != nil {
		return nil, describe(name, "it can't be written", err)
	}
	return w, nil
}

// Format returns what the Writer takes and writes, zeros filled in.
func (w *Writer) Format() Format { return w.format }

// WritePCM appends samples, whole frames of the Writer's rate and channels. pcm is
// only read. Samples beyond full scale are clipped, except in floating point;
// what is not a number is written as silence. After an error the file holds what
// was written before, and every further call returns the same error.
func (w *Writer) WritePCM(pcm []float32) error {
	for len(pcm) > 0 && w.err == nil {
		n := min(len(pcm), writeSamples)
		w.buf = appendEncoded(w.buf[:0], pcm[:n], w.format.Bits)
		pcm = pcm[n:]
		w.write(w.buf)
	}
	return w.err
}

func (w *Writer) block() int64 { return int64(w.format.Bits / 8 * w.format.Channels) }

func (w *Writer) write(b []byte) {
	n, err := w.dst.Write(b)
	w.size += int64(n)
	if err != nil {
		w.err = describe(w.name, "it can't be written", err)
		_ = w.patch() // as well as it can still be done
		return
	}
	if w.size-w.patched >= w.block()*int64(w.format.Rate) {
		w.keep(w.patch())
	}
}

func (w *Writer) keep(err error) {
	if w.err == nil && err != nil {
		w.err = describe(w.name, "it can't be written", err)
	}
}

// patch brings the header up to date.
func (w *Writer) patch() error {
	if _, err := w.dst.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := w.dst.Write(w.appendHeader(w.buf[:0]))
	if err == nil {
		w.patched = w.size
	}
	_, seekErr := w.dst.Seek(0, io.SeekEnd)
	return errors.Join(err, seekErr)
}

// appendHeader appends the header of a file with so much audio to b, which is
// empty. It has room for the chunk that makes it RF64, under a name that readers
// skip.
func (w *Writer) appendHeader(b []byte) []byte {
	data := w.size - w.size%w.block()
	frames := data / w.block()
	b = append(b, "RIFF\x00\x00\x00\x00WAVEJUNK\x1c\x00\x00\x00"...)
	b = append(b, make([]byte, 28)...)
	b = w.appendFormat(b, frames)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(data))
	putSizes(b, data, frames)
	return b
}

func (w *Writer) appendFormat(b []byte, frames int64) []byte {
	le := binary.LittleEndian
	code, size := uint16(codePCM), uint32(16)
	if w.format.Bits == 32 {
		code, size = codeFloat, 18
	}
	b = le.AppendUint32(append(b, "fmt "...), size)
	b = le.AppendUint16(b, code)
	b = le.AppendUint16(b, uint16(w.format.Channels))
	b = le.AppendUint32(b, uint32(w.format.Rate))
	b = le.AppendUint32(b, uint32(int64(w.format.Rate)*w.block()))
	b = le.AppendUint16(b, uint16(w.block()))
	b = le.AppendUint16(b, uint16(w.format.Bits))
	if code == codePCM {
		return b
	}
	b = le.AppendUint16(b, 0) // no extension
	b = le.AppendUint32(append(b, "fact"...), 4)
	return le.AppendUint32(b, uint32(min(frames, math.MaxUint32)))
}

// putSizes fills in the sizes that begin a header, and makes it RF64 where they
// need more than 32 bits.
func putSizes(header []byte, data, frames int64) {
	le := binary.LittleEndian
	total := int64(len(header)) - 8 + data + data&1
	if total <= math.MaxUint32 {
		le.PutUint32(header[4:], uint32(total))
		return
	}
	copy(header, "RF64\xff\xff\xff\xff")
	copy(header[12:], "ds64")
	le.PutUint64(header[20:], uint64(total))
	le.PutUint64(header[28:], uint64(data))
	le.PutUint64(header[36:], uint64(frames))
	le.PutUint32(header[len(header)-4:], math.MaxUint32)
}

// Close brings the header up to date and closes the file. It returns the first
// error that the Writer had. A second Close does nothing and returns nil;
// WritePCM then returns an error.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if w.err == nil && w.size&1 == 1 {
		_, err := w.dst.Write([]byte{0}) // chunks are padded
		w.keep(err)
	}
	w.keep(w.patch())
	if w.closer != nil {
		w.keep(w.closer.Close())
	}
	err := w.err
	w.err = describe(w.name, "it can't be written", os.ErrClosed)
	return err
}
