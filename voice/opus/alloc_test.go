//go:build cgo && !race

package opus_test

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func TestNoAllocations(t *testing.T) {
	enc, dec := newPair(t, 1, 64_000)
	said, pcm := voicelike(960, 1), make([]float32, 5760)
	dst := make([]byte, 0, opus.MaxPacket)
	n := testing.AllocsPerRun(100, func() {
		packet, err := enc.Encode(dst, said)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dec.Decode(pcm, packet); err != nil {
			t.Fatal(err)
		}
		if err := dec.Conceal(pcm[:960]); err != nil {
			t.Fatal(err)
		}
		if err := dec.DecodeFEC(pcm[:960], packet); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations for encode, decode and conceal", n)
	}
}
