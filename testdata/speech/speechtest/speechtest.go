// Package speechtest gives tests the recording of package speech as PCM, and what there
// is around somebody who speaks: a fan, a room, another voice. All of it is mono at 48
// kHz and the caller's; levels are the RMS in dBFS.
package speechtest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/testdata/speech"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// PCM returns the recording.
func PCM(t testing.TB) (pcm []float32) {
	t.Helper()
	r, err := audiofile.NewReader(bytes.NewReader(speech.WAV), audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]float32, 4800); ; {
		n, err := r.ReadPCM(block)
		pcm = append(pcm, block[:n]...)
		if errors.Is(err, io.EOF) {
			return pcm
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
