package similarity_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
)

// speech returns our recording: 16 kHz, mono, 16 bit, behind a header of 44 bytes.
func speech(t testing.TB) []float32 {
	t.Helper()
	b, err := os.ReadFile("../../testdata/speech/speech.wav")
	if err != nil {
		t.Fatal(err)
	}
	var pcm []float32
	for b = b[44:]; len(b) > 1; b = b[2:] {
		pcm = append(pcm, float32(int16(binary.LittleEndian.Uint16(b)))/32768)
	}
	return pcm
}

func compare(t testing.TB, said, heard []float32) similarity.Result {
	t.Helper()
	r, err := similarity.Compare(said, heard)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.5f, want %.5f", what, got, want)
	}
}

func silence(d time.Duration) []float32 { return make([]float32, d*similarity.Rate/time.Second) }

func TestSame(t *testing.T) {
	said := speech(t)
	r := compare(t, said, said)
	near(t, "similarity", r.Similarity, 1, 1e-9)
	near(t, "worst", r.Worst, 1, 1e-9)
	near(t, "level", r.LevelDB, 0, 1e-6)
	if r.Windows != 20 || r.Missing != 0 || r.Lag != 0 || r.Heard != 10090*time.Millisecond {
		t.Errorf("%v", r)
	}
}

func TestLagAndLevel(t *testing.T) {
	said := speech(t)
	half := slices.Clone(said)
	for i := range half {
		half[i] /= 2
	}
	r := compare(t, said, append(silence(1234*time.Millisecond), half...))
	near(t, "similarity", r.Similarity, 1, 1e-6)
	near(t, "level", r.LevelDB, -6.02, 0.01)
	if r.Lag != 1234*time.Millisecond || r.Heard != 11324*time.Millisecond {
		t.Errorf("%v", r)
	}
	if r = compare(t, said, said[len(silence(700*time.Millisecond)):]); r.Lag != -700*time.Millisecond || r.Missing != 2 {
		t.Errorf("the beginning was not heard: %v", r)
	}
}

// A cable with the poles swapped is found at its place, but sounds like nothing
// that was said.
func TestInverted(t *testing.T) {
	said := speech(t)
	heard := silence(time.Second)
	for _, v := range said {
		heard = append(heard, -v)
	}
	if r := compare(t, said, heard); r.Lag != time.Second || r.Similarity > 0.9 {
		t.Errorf("%v", r)
	}
}

// Down to 30 dB below the loudest window it counts as speech.
func TestQuietWindows(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for db, want := range map[float64]int{-10: 4, -28: 4, -32: 2} {
		said := make([]float32, 2*similarity.Rate)
		for i := range said {
			said[i] = float32(dice.NormFloat64() / 10)
			if i >= similarity.Rate {
				said[i] *= float32(math.Pow(10, db/20))
			}
		}
		if r := compare(t, said, said); r.Windows != want {
			t.Errorf("the second half at %g dB: %d windows, want %d", db, r.Windows, want)
		}
	}
}

// The correlation of a signal with itself plus noise is 1/sqrt(1+noise/signal).
func TestNoise(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	said := make([]float32, 10*similarity.Rate)
	for i := range said {
		said[i] = float32(dice.NormFloat64() / 10)
	}
	for _, snr := range []float64{20, 10, 3, 0} {
		heard := slices.Clone(said)
		for i := range heard {
			heard[i] += float32(dice.NormFloat64() / 10 * math.Pow(10, -snr/20))
		}
		want := 1 / math.Sqrt(1+math.Pow(10, -snr/10))
		near(t, fmt.Sprintf("similarity at %g dB", snr), compare(t, said, heard).Similarity, want, 0.003)
	}
}

// The definition must not drift: these figures are those of the reference program
// for the same samples.
func TestReference(t *testing.T) {
	said := speech(t)
	heard := make([]float32, 3*len(said))
	dice := rand.New(rand.NewPCG(3, 4))
	for i := range heard {
		v := 0.5*said[max(0, i/3-1000)] + float32(dice.NormFloat64()/100)
		if i/3 > 5*similarity.Rate {
			v = min(max(v, -0.02), 0.02)
		}
		heard[i] = float32(math.Round(float64(v)*32768)) / 32768
	}
	want := "similarity=0.9473 worst=0.765 windows=20 missing=0 level_db=-6.9 lag_ms=62 heard_s=10.09"
	if got := compare(t, said, similarity.Prepare(heard, 3*similarity.Rate)).String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMissing(t *testing.T) {
	said := speech(t)
	heard := slices.Clone(said)
	clear(heard[5*similarity.Rate : 7*similarity.Rate])
	r := compare(t, said, heard)
	if r.Missing != 4 || r.Worst != 0 {
		t.Errorf("two seconds of twenty half seconds are silent: %v", r)
	}
}

// A jitter buffer plays some parts later than others.
func TestStretched(t *testing.T) {
	said := speech(t)
	cut := 5 * similarity.Rate
	heard := slices.Concat(said[:cut], silence(150*time.Millisecond), said[cut:])
	if r := compare(t, said, heard); r.Similarity < 0.9999 || r.Missing != 0 {
		t.Errorf("the second half is 150 ms late: %v", r)
	}
	heard = slices.Concat(said[:cut], silence(350*time.Millisecond), said[cut:])
	if r := compare(t, said, heard); r.Similarity > 0.9 {
		t.Errorf("the second half is 350 ms late: %v", r)
	}
}

func TestNothing(t *testing.T) {
	said := speech(t)
	for name, nothing := range map[string][]float32{
		"nil": nil, "shorter than a window": said[:7999], "silence": silence(time.Second),
	} {
		if _, err := similarity.Compare(nothing, said); !errors.Is(err, similarity.ErrNoSpeech) {
			t.Errorf("said: %s: error %v", name, err)
		}
		if r := compare(t, said, nothing); r.Missing != r.Windows || r.Similarity > 0.3 || r.LevelDB > -10 {
			t.Errorf("heard: %s: %v", name, r)
		}
	}
}

func ExampleCompare() {
	said := make([]float32, similarity.Rate)
	for i := range said {
		said[i] = float32(math.Sin(float64(i) * float64(i) / 1e5))
	}
	heard := append(make([]float32, 160), said...) // 10 ms later
	r, err := similarity.Compare(said, heard)
	fmt.Println(r, err)
	// Output: similarity=1.0000 worst=1.000 windows=2 missing=0 level_db=0.0 lag_ms=10 heard_s=1.01 <nil>
}

func BenchmarkCompare(b *testing.B) {
	said := speech(b)
	heard := append(silence(50*time.Millisecond), said...)
	for b.Loop() {
		compare(b, said, heard)
	}
}
