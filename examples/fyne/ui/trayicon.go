package ui

import (
	"bytes"
	"image/color"
	"image/png"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
)

// trayIconSize is in pixels.
const trayIconSize = 64

// trayIcon is the program's icon with a mark for how one is: pale on no server, green while
// one speaks, red with a level bar while one is muted and with a cross while one is deaf, yellow
// with an upright one while the connection is lost.
func trayIcon(program fyne.Resource, s standing) fyne.Resource {
	const all, mark = float32(trayIconSize), float32(trayIconSize) * 0.55
	at := fyne.NewPos(all-mark, all-mark)
	icon := canvas.NewImageFromResource(program)
	icon.Resize(fyne.NewSquareSize(all))
	drawn := container.NewWithoutLayout(icon)
	add := func(o fyne.CanvasObject, size, pos float32) {
		o.Resize(fyne.NewSquareSize(size))
		o.Move(at.AddXY(pos, pos))
		drawn.Add(o)
	}
	disc := func(fill color.Color) {
		add(canvas.NewCircle(color.White), mark, 0)
		add(canvas.NewCircle(fill), mark-6, 3)
	}
	stroke := func(fromX, fromY, toX, toY float32) {
		l := canvas.NewLine(color.White)
		l.StrokeWidth = 5
		l.Position1, l.Position2 = at.AddXY(fromX*mark, fromY*mark), at.AddXY(toX*mark, toY*mark)
		drawn.Add(l)
	}
	switch s {
	case standsAway:
		icon.Translucency = 0.5
	case standsLost:
		disc(rgb(0xb7791f))
		stroke(0.5, 0.25, 0.5, 0.75)
	case standsHeard:
		disc(rgb(0x14a05f))
	case standsMuted:
		disc(rgb(0xc62828))
		stroke(0.25, 0.5, 0.75, 0.5)
	case standsDeaf:
		disc(rgb(0xc62828))
		stroke(0.3, 0.3, 0.7, 0.7)
		stroke(0.3, 0.7, 0.7, 0.3)
	case standsReady:
	}
	paper := software.NewTransparentCanvas()
	paper.SetPadded(false)
	paper.SetContent(drawn)
	paper.Resize(fyne.NewSquareSize(all))
	var file bytes.Buffer
	if err := png.Encode(&file, paper.Capture()); err != nil {
		return program
	}
	return fyne.NewStaticResource(program.Name(), file.Bytes())
}
