package audiofile_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

func TestWriterBeyond4GiB(t *testing.T) {
	for _, test := range []struct {
		size int64
		id   string
	}{
		{1<<32 - 100, "RIFF"}, {1<<32 - 60, "RF64"}, {1 << 32, "RF64"}, {1 << 40, "RF64"},
	} {
		header := audiofile.HeaderOf(audiofile.Format{}, test.size)
		if string(header[:4]) != test.id {
			t.Errorf("%d bytes: %s, want %s", test.size, header[:4], test.id)
		}
		r, err := audiofile.NewReader(io.MultiReader(bytes.NewReader(header)), audiofile.Format{})
		if err != nil {
			t.Fatal(err)
		}
		want := time.Duration(test.size/96000)*time.Second + time.Duration(test.size%96000/2)*time.Second/48000
		if test.id == "RF64" && r.Duration() != want {
			t.Errorf("%d bytes: %v, want %v", test.size, r.Duration(), want)
		}
	}
}
