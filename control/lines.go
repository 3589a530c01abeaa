package control

import (
	"bytes"
	"errors"
	"io"
)

// errLineTooLong says that a line is over the limit. What follows it can't be
// read any more.
var errLineTooLong = errors.New("the line is too long")

const firstLineBuffer = 512

// lineReader cuts a stream into lines and holds no more of it than one line of
// the limit. The zero value with a source and a limit is ready. It is used by one
// goroutine.
type lineReader struct {
	source io.Reader
	limit  int // bytes of a line, its newline included

	buf   []byte // buf[start:] is not yet handed out
	start int
}

// next returns the next line without its newline; it is valid until the next
// call. The error is errLineTooLong, io.ErrUnexpectedEOF for a line that the end
// of the stream cuts off, or the source's.
func (r *lineReader) next() ([]byte, error) {
	searched := 0
	for {
		rest := r.buf[r.start:]
		if i := bytes.IndexByte(rest[searched:], '\n'); i >= 0 {
			end := searched + i
			if end+1 > r.limit {
				return nil, errLineTooLong
			}
			r.start += end + 1
			return rest[:end], nil
		}
		if searched = len(rest); searched >= r.limit {
			return nil, errLineTooLong
		}
		if err := r.fill(); err != nil {
			if searched > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

// fill reads once into the buffer, which grows to the limit at most and becomes
// small again when nothing is left in it.
func (r *lineReader) fill() error {
	rest := r.buf[r.start:]
	switch {
	case len(rest) == 0 && cap(r.buf) > firstLineBuffer, r.buf == nil:
		r.buf = make([]byte, 0, firstLineBuffer)
	case r.start > 0:
		r.buf = r.buf[:copy(r.buf[:cap(r.buf)], rest)]
	case len(rest) == cap(r.buf):
		r.buf = append(make([]byte, 0, min(2*cap(r.buf), max(r.limit, firstLineBuffer))), rest...)
	}
	r.start = 0
	n, err := r.source.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}
