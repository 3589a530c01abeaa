//go:build !race

package audiofile_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

func TestNoAllocations(t *testing.T) {
	file := wav{rate: 44100, channels: 2, samples: make([]byte, 4*44100*10)}.bytes()
	r, err := audiofile.NewReader(bytes.NewReader(file), audiofile.Format{Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	w, _ := create(t, audiofile.Format{Channels: 2})
	frame := make([]float32, 1920)
	for range 50 { // until its buffers have grown
		_, _ = r.ReadPCM(frame)
	}
	if n := testing.AllocsPerRun(200, func() {
		if n, err := r.ReadPCM(frame); n != len(frame) || err != nil {
			t.Fatalf("%d samples, %v", n, err)
		}
		write(t, w, frame)
	}); n != 0 {
		t.Errorf("%v allocations for each frame", n)
	}
}

// The header says 4 GiB of 64 channels; what is allocated depends on what is
// there.
func TestMemoryIsBounded(t *testing.T) {
	file := wav{channels: 64, code: 3, bits: 64, size: 0x7FFFFF00, samples: make([]byte, 512)}.bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := audiofile.NewReader(bytes.NewReader(file), audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	drain(t, r)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}
