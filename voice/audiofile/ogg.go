package audiofile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// Pages of Ogg (RFC 3533).
const (
	pageHeader  = 27
	maxSegments = 255
	maxPage     = pageHeader + maxSegments + maxSegments*255

	flagContinued = 1 // the page begins with the rest of a packet
	flagFirst     = 2 // of a logical stream
	flagLast      = 4
)

var capture = []byte("OggS")

// page is one page of Ogg.
type page struct {
	flags    byte
	granule  int64 // position at the end of the last packet that ends here; -1: none does
	serial   uint32
	sequence uint32
	lacing   []byte // lengths of the segments
	body     []byte
}

// oggTable is the checksum of each byte: 0x04c11db7, most significant bit first.
var oggTable = sync.OnceValue(func() (table [256]uint32) {
	for i := range table {
		sum := uint32(i) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
		table[i] = sum
	}
	return table
})

func checksum(parts ...[]byte) (sum uint32) {
	table := oggTable()
	for _, part := range parts {
		for _, b := range part {
			sum = sum<<8 ^ table[byte(sum>>24)^b]
		}
	}
	return sum
}

// pageReader reads pages; its memory is bounded by that of one.
type pageReader struct {
	src  *bufio.Reader
	head [pageHeader + maxSegments]byte
	body []byte
}

// next reads a page into p, whose slices are valid until the next call. It skips
// what is no page, as after damage, but no more than a page's length at once. The
// error is io.EOF at the end, also where the last page is cut off.
func (r *pageReader) next(p *page) error {
	for skipped := 0; ; {
		start, err := r.src.Peek(len(capture))
		if err != nil {
			return endOfFile(err)
		}
		if bytes.Equal(start, capture) {
			found, err := r.read(p)
			if found || err != nil {
				return err
			}
		}
		if skipped++; skipped > maxPage {
			return fault("it is no Ogg file, or one that is damaged")
		}
		if _, err := r.src.Discard(1); err != nil {
			return endOfFile(err)
		}
	}
}

// read looks at what begins like a page; found is false, and nothing is taken, when
// it is none.
func (r *pageReader) read(p *page) (found bool, err error) {
	head, err := r.src.Peek(pageHeader)
	if err != nil {
		return false, endOfFile(err)
	}
	segments := int(head[26])
	if head, err = r.src.Peek(pageHeader + segments); err != nil {
		return false, endOfFile(err)
	}
	size := 0
	for _, n := range head[pageHeader:] {
		size += int(n)
	}
	whole, err := r.src.Peek(pageHeader + segments + size)
	if err != nil {
		return false, endOfFile(err)
	}
	copy(r.head[:], whole[:pageHeader+segments])
	r.body = append(r.body[:0], whole[pageHeader+segments:]...)
	sum := binary.LittleEndian.Uint32(r.head[22:])
	clear(r.head[22:26])
	if r.head[4] != 0 || checksum(r.head[:pageHeader+segments], r.body) != sum {
		return false, nil
	}
	*p = page{
		flags:    r.head[5],
		granule:  int64(binary.LittleEndian.Uint64(r.head[6:])),
		serial:   binary.LittleEndian.Uint32(r.head[14:]),
		sequence: binary.LittleEndian.Uint32(r.head[18:]),
		lacing:   r.head[pageHeader : pageHeader+segments],
		body:     r.body,
	}
	_, err = r.src.Discard(len(whole))
	return true, err
}

func endOfFile(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// append gives the page's bytes.
func (p *page) append(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, capture...)
	dst = append(dst, 0, p.flags)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(p.granule))
	dst = binary.LittleEndian.AppendUint32(dst, p.serial)
	dst = binary.LittleEndian.AppendUint32(dst, p.sequence)
	dst = append(dst, 0, 0, 0, 0, byte(len(p.lacing)))
	dst = append(append(dst, p.lacing...), p.body...)
	binary.LittleEndian.PutUint32(dst[from+22:], checksum(dst[from:]))
	return dst
}
