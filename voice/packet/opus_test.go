package packet_test

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// The flags are where RFC 6716, section 4.2.3, has them: after one for each 20 ms of
// voice activity.
func TestHasFEC(t *testing.T) {
	const stereo = 1 << 2
	toc := func(config byte) byte { return config << 3 }
	for _, c := range []struct {
		name string
		with []byte
		bit  byte // of the first byte of the first frame; 0: never
	}{
		{"SILK, 10 ms", []byte{toc(8), 0}, 0x40},
		{"SILK, 20 ms", []byte{toc(9), 0}, 0x40},
		{"SILK, 40 ms", []byte{toc(10), 0}, 0x20},
		{"SILK, 60 ms", []byte{toc(11), 0}, 0x10},
		{"hybrid, 20 ms", []byte{toc(15), 0}, 0x40},
		{"CELT, 20 ms", []byte{toc(31), 0}, 0},
		{"stereo, 20 ms, the side", []byte{toc(9) | stereo, 0}, 0x10},
		{"stereo, 60 ms, the side", []byte{toc(11) | stereo, 0}, 0x01},
		{"two frames of one size", []byte{toc(9) | 1, 0, 1}, 0x40},
	} {
		if packet.HasFEC(c.with) {
			t.Errorf("%s: without the flag", c.name)
		}
		c.with[1] = c.bit
		if got := packet.HasFEC(c.with); got != (c.bit != 0) {
			t.Errorf("%s: with the flag: %v", c.name, got)
		}
		c.with[1] = ^c.bit
		if stereoToo := c.with[0]&stereo != 0; !stereoToo && packet.HasFEC(c.with) && c.bit != 0 {
			t.Errorf("%s: with all but the flag", c.name)
		}
	}
	for name, payload := range map[string][]byte{
		"two frames of two sizes": {toc(9) | 2, 1, 0x40, 0}, "a long first frame": append([]byte{toc(9) | 2, 252, 0, 0x40}, make([]byte, 252)...),
	} {
		if !packet.HasFEC(payload) {
			t.Errorf("%s: %v", name, payload[:4])
		}
	}
	for _, short := range [][]byte{nil, {toc(9)}, {toc(9) | 2, 1}, {toc(9) | 2, 252}, {toc(9) | 3, 1, 0xff}} {
		if packet.HasFEC(short) {
			t.Errorf("%v", short)
		}
	}
}
