package replay

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"time"
)

// The plot is one column of pixels for each pixelTime, at least.
const (
	plotHeight = 480
	plotWidth  = 8000 // at most
	pixelTime  = 20 * time.Millisecond
	gridDelay  = 50 * time.Millisecond
	gridTime   = time.Second
	headroom   = 1.1 // of the delay that nearly all of playout stays below
)

var (
	paper   = color.Gray{Y: 255}
	grid    = color.Gray{Y: 225}
	network = color.RGBA{R: 70, G: 130, B: 180, A: 255} // blue: delay at arrival
	target  = color.RGBA{R: 240, G: 160, B: 30, A: 255} // orange: the delay that is aimed at
	playout = color.RGBA{R: 30, G: 120, B: 50, A: 255}  // green: delay at playout
	missed  = color.RGBA{R: 200, G: 30, B: 30, A: 255}  // red: a frame that was not played
)

// Plot draws delay over time as a PNG: in blue what the network took, in orange
// what playout aimed at, in green what it did; red marks at the bottom are frames
// that were not heard. There is a line for each second and each 50 ms.
func (r *Result) Plot(w io.Writer) error { return png.Encode(w, r.draw()) }

// plot is a drawing in progress.
type plot struct {
	*image.RGBA
	pixel time.Duration // of a column
	top   time.Duration // delay at the upper edge
}

func (r *Result) draw() *plot {
	end := r.Timeline[len(r.Timeline)-1].Send
	pixel := max(pixelTime, end/(plotWidth-1))
	p := &plot{
		RGBA:  image.NewRGBA(image.Rect(0, 0, int(end/pixel)+1, plotHeight)),
		pixel: pixel,
		top:   max(2*gridDelay, time.Duration(float64(r.P95Delay)*2*headroom)),
	}
	p.background()
	for i, point := range r.Timeline {
		x := int(point.Send / pixel)
		if point.Came {
			p.dot(x, point.Network, network)
		}
		if !point.Played {
			p.mark(x)
			continue
		}
		p.dot(x, point.Target, target)
		p.dot(x, point.Playout, playout)
		if i > 0 && r.Timeline[i-1].Played {
			p.rise(x, r.Timeline[i-1].Playout, point.Playout)
		}
	}
	return p
}

func (p *plot) background() {
	for x := range p.Rect.Dx() {
		t := time.Duration(x) * p.pixel
		for y := range plotHeight {
			ink := paper
			if t%gridTime < p.pixel {
				ink = grid
			}
			p.Set(x, y, ink)
		}
	}
	for d := gridDelay; d < p.top; d += gridDelay {
		for x := range p.Rect.Dx() {
			p.Set(x, p.y(d), grid)
		}
	}
}

// y is the row of a delay; what is off the plot is at its edge.
func (p *plot) y(d time.Duration) int {
	return max(0, min(plotHeight-1, plotHeight-1-int(d*(plotHeight-1)/p.top)))
}

func (p *plot) dot(x int, d time.Duration, ink color.Color) {
	y := p.y(d)
	p.Set(x, y, ink)
	p.Set(x, y-1, ink)
}

// rise joins two delays at playout.
func (p *plot) rise(x int, from, to time.Duration) {
	for y := min(p.y(from), p.y(to)); y <= max(p.y(from), p.y(to)); y++ {
		p.Set(x, y, playout)
	}
}

func (p *plot) mark(x int) {
	for y := plotHeight - 12; y < plotHeight; y++ {
		p.Set(x, y, missed)
	}
}
