package load

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"time"
)

// The plot has a decade of latency in so many columns.
const (
	plotDecade = 160
	plotHeight = 320
	plotFrom   = 10 * time.Microsecond
	plotTo     = time.Second
)

var (
	paper = color.Gray{Y: 255}
	grid  = color.Gray{Y: 215}
	bar   = color.RGBA{R: 70, G: 130, B: 180, A: 255} // blue: frames with that latency
	tail  = color.RGBA{R: 200, G: 30, B: 30, A: 255}  // red: the median, 99 % and 99.9 %
)

// Plot draws how the latencies are spread, as a PNG: from 10 microseconds to a
// second, in equal steps of the logarithm, with a line for each power of ten. Blue is
// the share of the frames, the highest at the top; red lines are the median, 99 and
// 99.9 %.
func (r Result) Plot(w io.Writer) error { return png.Encode(w, r.draw()) }

func (r Result) draw() *image.RGBA {
	width := column(plotTo) + 1
	img := image.NewRGBA(image.Rect(0, 0, width, plotHeight))
	fill := func(x, height int, ink color.Color) {
		draw.Draw(img, image.Rect(x, plotHeight-height, x+1, plotHeight), image.NewUniform(ink), image.Point{}, draw.Src)
	}
	for x := range width {
		ink := color.Color(paper)
		if x%plotDecade == 0 {
			ink = grid
		}
		fill(x, plotHeight, ink)
	}
	shares, highest := r.columns(width)
	for x, share := range shares {
		if share > 0 {
			fill(x, max(1, int(share*plotHeight/highest)), bar)
		}
	}
	for _, d := range [...]time.Duration{r.P50, r.P99, r.P999} {
		fill(column(d), plotHeight, tail)
	}
	return img
}

// columns counts the frames of each column, and the most of any.
func (r Result) columns(width int) (counts []uint64, highest uint64) {
	counts = make([]uint64, width)
	for _, s := range r.spread {
		x := column(s.latency)
		counts[x] += s.frames
		highest = max(highest, counts[x])
	}
	return counts, highest
}

// column is where a latency is; what is off the plot is at its edge.
func column(d time.Duration) int {
	d = min(max(d, plotFrom), plotTo)
	return int(math.Round(math.Log10(float64(d)/float64(plotFrom)) * plotDecade))
}
