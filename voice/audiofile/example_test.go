package audiofile_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// What any WAV file holds, in frames of 20 ms as voice wants them.
func ExampleOpen() {
	r, err := audiofile.Open("../../testdata/speech/speech.wav", audiofile.Format{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = r.Close() }()
	frame := make([]float32, 960)
	frames := 0
	for {
		n, err := r.ReadPCM(frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		clear(frame[n:]) // the last one is shorter
		frames++
	}
	fmt.Println(r.Info(), r.Duration(), frames)
	// Output: 16000 Hz, mono, 16 bit 10.09s 505
}

func ExampleCreate() {
	path := filepath.Join(os.TempDir(), "audiofile-example.wav")
	defer func() { _ = os.Remove(path) }()
	w, err := audiofile.Create(path, audiofile.Format{Channels: 2, Bits: 24})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := w.WritePCM(make([]float32, 2*960)); err != nil {
		fmt.Println(err)
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	r, err := audiofile.Open(path, audiofile.Format{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = r.Close() }()
	fmt.Println(r.Info(), r.Duration())
	// Output: 48000 Hz, stereo, 24 bit 20ms
}
