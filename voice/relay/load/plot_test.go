package load

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"
	"time"
)

// Most frames are where the plot is highest; nothing is where there are none.
func TestPlot(t *testing.T) {
	r := Result{
		P50: 20 * time.Millisecond, P99: 500 * time.Millisecond, P999: time.Hour,
		spread: []share{{time.Millisecond, 50}, {20 * time.Millisecond, 10}, {100 * time.Millisecond, 100}},
	}
	var out bytes.Buffer
	if err := r.Plot(&out); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		d   time.Duration
		y   int
		ink color.Color
	}{
		{100 * time.Millisecond, 0, bar},
		{time.Millisecond, plotHeight/2 + 1, bar},
		{time.Millisecond, plotHeight/2 - 2, grid},
		{20 * time.Millisecond, 0, tail},
		{time.Minute, 0, tail},
		{3 * time.Millisecond, plotHeight - 1, paper},
	} {
		got := color.RGBAModel.Convert(img.At(column(want.d), want.y))
		if got != color.RGBAModel.Convert(want.ink) {
			t.Errorf("at %v, row %d: %v, want %v", want.d, want.y, got, want.ink)
		}
	}
}
