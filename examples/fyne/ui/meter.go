package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// meterFloor is the level at which a meter is empty, in dBFS.
const meterFloor = -70.0

// meter is a level as a bar, with a mark where speech begins.
type meter struct {
	widget.BaseWidget
	level, mark float64 // dBFS; a mark of 0 or more is none
	open        bool    // what is measured is heard
}

func newMeter() *meter {
	m := &meter{level: meterFloor}
	m.ExtendBaseWidget(m)
	return m
}

// show draws another level; nothing is drawn again when it looks the same.
func (m *meter) show(level, mark float64, open bool) {
	level = max(level, meterFloor)
	if int(level*2) == int(m.level*2) && int(mark*2) == int(m.mark*2) && open == m.open {
		return
	}
	m.level, m.mark, m.open = level, mark, open
	m.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{meter: m, back: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(color.Transparent), line: canvas.NewRectangle(color.Transparent)}
	r.back.CornerRadius, r.bar.CornerRadius = 3, 3
	r.Refresh()
	return r
}

type meterRenderer struct {
	meter           *meter
	back, bar, line *canvas.Rectangle
}

func part(level float64) float32 {
	return float32(min(max((level-meterFloor)/-meterFloor, 0), 1))
}

// Layout implements fyne.WidgetRenderer.
func (r *meterRenderer) Layout(size fyne.Size) {
	const high = 8
	top := (size.Height - high) / 2
	r.back.Move(fyne.NewPos(0, top))
	r.back.Resize(fyne.NewSize(size.Width, high))
	r.bar.Move(fyne.NewPos(0, top))
	r.bar.Resize(fyne.NewSize(size.Width*part(r.meter.level), high))
	r.line.Move(fyne.NewPos(size.Width*part(r.meter.mark), top-3))
	r.line.Resize(fyne.NewSize(2, high+6))
}

// MinSize implements fyne.WidgetRenderer.
func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 16) }

// Refresh implements fyne.WidgetRenderer.
func (r *meterRenderer) Refresh() {
	r.back.FillColor = colored(theme.ColorNameSeparator)
	r.bar.FillColor = colored(colorQuiet)
	if r.meter.open {
		r.bar.FillColor = colored(colorTalking)
	}
	if r.meter.level > -1.5 {
		r.bar.FillColor = colored(theme.ColorNameError)
	}
	r.line.FillColor = colored(theme.ColorNameForeground)
	r.line.Hidden = r.meter.mark >= 0 || r.meter.mark <= meterFloor
	r.Layout(r.meter.Size())
	canvas.Refresh(r.meter)
}

// Objects implements fyne.WidgetRenderer.
func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.bar, r.line}
}

// Destroy implements fyne.WidgetRenderer.
func (r *meterRenderer) Destroy() {}
