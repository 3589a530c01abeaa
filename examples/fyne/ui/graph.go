package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// graphPoints is how many seconds a graph shows.
const graphPoints = 60

// graph is the round trip of the latest minute as bars, red where something was lost.
type graph struct {
	widget.BaseWidget
	trace []session.Quality
}

func newGraph() *graph {
	g := &graph{}
	g.ExtendBaseWidget(g)
	return g
}

func (g *graph) show(trace []session.Quality) {
	g.trace = trace
	g.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (g *graph) CreateRenderer() fyne.WidgetRenderer {
	r := &graphRenderer{graph: g, back: canvas.NewRectangle(color.Transparent)}
	r.back.CornerRadius, r.back.StrokeWidth = 4, 1
	r.objects = append(r.objects, r.back)
	for range graphPoints {
		r.objects = append(r.objects, canvas.NewRectangle(color.Transparent))
	}
	r.Refresh()
	return r
}

type graphRenderer struct {
	graph   *graph
	back    *canvas.Rectangle
	objects []fyne.CanvasObject // back, then a bar for each second
}

// Layout implements fyne.WidgetRenderer.
func (r *graphRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	most := 50 * time.Millisecond
	for _, q := range r.graph.trace {
		most = max(most, q.RoundTrip)
	}
	const edge = 3
	wide := (size.Width - 2*edge) / graphPoints
	for i := range graphPoints {
		bar := r.objects[i+1]
		at := i - (graphPoints - len(r.graph.trace))
		if at < 0 {
			bar.Hide()
			continue
		}
		high := max(2, (size.Height-2*edge)*float32(r.graph.trace[at].RoundTrip)/float32(most))
		bar.Move(fyne.NewPos(edge+float32(i)*wide, size.Height-edge-high))
		bar.Resize(fyne.NewSize(max(1, wide-1), high))
		bar.Show()
	}
}

// MinSize implements fyne.WidgetRenderer.
func (r *graphRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 56) }

// Refresh implements fyne.WidgetRenderer.
func (r *graphRenderer) Refresh() {
	r.back.FillColor, r.back.StrokeColor = colored(theme.ColorNameBackground), colored(theme.ColorNameInputBorder)
	trace := r.graph.trace
	for i := range graphPoints {
		bar := r.objects[i+1].(*canvas.Rectangle) //nolint:forcetypeassert // CreateRenderer made it
		if at := i - (graphPoints - len(trace)); at >= 0 {
			bar.FillColor = colored(qualityColor(trace[at]))
		}
	}
	r.Layout(r.graph.Size())
	canvas.Refresh(r.graph)
}

// Objects implements fyne.WidgetRenderer.
func (r *graphRenderer) Objects() []fyne.CanvasObject { return r.objects }

// Destroy implements fyne.WidgetRenderer.
func (r *graphRenderer) Destroy() {}

// qualityColor says by a colour how a connection fares.
func qualityColor(q session.Quality) fyne.ThemeColorName {
	switch {
	case !q.Known || q.Lost > 0.05 || q.RoundTrip > 400*time.Millisecond:
		return theme.ColorNameError
	case q.TCP || q.Lost > 0.01 || q.RoundTrip > 200*time.Millisecond:
		return theme.ColorNameWarning
	}
	return theme.ColorNameSuccess
}
