//go:build !race

package packet

import (
	"errors"
	"testing"
)

// The whole way of a datagram, in place, costs no allocation, and neither does
// refusing one.
func TestAllocs(t *testing.T) {
	key := testKey(1)
	sealer, opener, stranger := NewSealer(1, key), NewOpener(key), NewOpener(testKey(2))
	a := Audio{Speaker: 1, Payload: make([]byte, 160)}
	buf, again := make([]byte, 0, MaxSize), make([]byte, 0, MaxSize)
	allocs := testing.AllocsPerRun(1000, func() {
		frames := a.AppendTo(buf[:HeaderSize])[HeaderSize:]
		frames = Probe{Kind: KindProbe}.AppendTo(frames)
		frames = Report{Highest: 1}.AppendTo(frames)
		datagram, err := sealer.Seal(buf, frames)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := stranger.Open(again, datagram); !errors.Is(err, ErrTag) {
			t.Fatal(err)
		}
		if frames, _, err = opener.Open(datagram[HeaderSize:HeaderSize], datagram); err != nil {
			t.Fatal(err)
		}
		if _, body, _, err := Next(frames); err != nil || len(body) != AudioHeaderSize+160 {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a datagram", allocs)
	}
}
