package audiofile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// oggPage makes a page of whole packets.
func oggPage(p page, packets ...[]byte) []byte {
	for _, packet := range packets {
		p.lacing = append(p.lacing, byte(len(packet)))
		p.body = append(p.body, packet...)
	}
	return p.append(nil)
}

func opusHeadPacket() []byte {
	head := append([]byte("OpusHead"), 1, 1)
	head = binary.LittleEndian.AppendUint16(head, 312)
	head = binary.LittleEndian.AppendUint32(head, 48_000)
	return append(head, 0, 0, 0)
}

var opusTagsPacket = append([]byte("OpusTags"), make([]byte, 8)...)

// A file whose first page is also its last has an end.
func TestOpusOfOnePage(t *testing.T) {
	file := oggPage(page{flags: flagFirst | flagLast, serial: 1}, opusHeadPacket(), opusTagsPacket)
	r, err := NewOpusReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the headers: %v", err)
	}
}

// Streams beside it, as of video, are left out: the first pages of all come first
// (RFC 3533, section 4).
func TestOpusBesideAnotherStream(t *testing.T) {
	packet := []byte{19 << 3, 1, 2}
	file := oggPage(page{flags: flagFirst, serial: 1}, opusHeadPacket())
	file = append(file, oggPage(page{flags: flagFirst, serial: 2}, []byte("\x80theora"))...)
	file = append(file, oggPage(page{serial: 1, sequence: 1}, opusTagsPacket)...)
	file = append(file, oggPage(page{serial: 2, sequence: 1}, []byte("\x81theora"))...)
	file = append(file, oggPage(page{flags: flagLast, serial: 1, sequence: 2, granule: 960}, packet)...)
	r, err := NewOpusReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Next(); err != nil || !bytes.Equal(got.Data, packet) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the only packet: %v", err)
	}
}
