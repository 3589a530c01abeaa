//go:build cgo && !nospeex

package speex_test

import (
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

const second = speex.SampleRate

// robot is arithmetic that speaks.
func robot(_ testing.TB, dB float64) []float32 {
	return speechtest.ToLevel(voicetest.Speech(10*time.Second, 1), dB)
}

func add(a, b []float32) []float32 {
	c := slices.Clone(a)
	for i := range c {
		c[i] += b[i]
	}
	return c
}

func compare(t testing.TB, said, heard []float32) similarity.Result {
	t.Helper()
	r, err := similarity.Compare(similarity.Prepare(said, second), similarity.Prepare(heard, second))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
