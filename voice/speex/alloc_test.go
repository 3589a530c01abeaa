//go:build cgo && !nospeex && !race

package speex_test

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

func TestNoAllocations(t *testing.T) {
	echo, noise := newPair(t)
	frame, far := speechtest.Fan(speex.FrameSize, -30), speechtest.Fan(speex.FrameSize, -20)
	if n := testing.AllocsPerRun(100, func() {
		if err := echo.Cancel(frame, far); err != nil {
			t.Fatal(err)
		}
		if err := noise.Denoise(frame); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for each frame", n)
	}
}
