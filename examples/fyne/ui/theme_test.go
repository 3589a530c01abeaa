package ui_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// luminance is 0 for black, and 1 for white.
func luminance(c color.Color) float64 {
	return float64(color.Gray16Model.Convert(c).(color.Gray16).Y) / 0xffff //nolint:forcetypeassert // the model's
}

// brightness is the mean luminance of a picture.
func brightness(img image.Image) float64 {
	var sum, n float64
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 3 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 3 {
			sum += luminance(img.At(x, y))
			n++
		}
	}
	return sum / n
}

// Another theme reaches all that is in the window at once: the grounds, and the names on
// them.
func TestThemeSwitches(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()
	if _, err := bo.SendChat(t.Context(), "hello there"); err != nil {
		t.Fatal(err)
	}
	w.until("Bo's message", func() bool { return w.shows("hello there") })
	for _, look := range []string{"dark", "light", "dark"} {
		w.app.Wear(look, 100)
		if all := brightness(w.app.Window().Canvas().Capture()); (all > 0.5) != (look == "light") || all > 0.2 && all < 0.8 {
			t.Errorf("%s: the window has a brightness of %.2f", look, all)
		}
		name := find(w, "name at the message", func(text *canvas.Text) bool { return text.Text == "Bo" })
		if ink := luminance(name.Color); (ink < 0.5) != (look == "light") {
			t.Errorf("%s: the name has a brightness of %.2f", look, ink)
		}
	}
}

// The graph of a connection stands on a ground that can be told from the dialog behind it.
func TestGraphHasAGround(t *testing.T) {
	w := newWorld(t)
	for _, look := range []string{"dark", "light"} {
		w.app.Wear(look, 100)
		fill, edge := w.app.GraphGround()
		behind := w.app.Color(theme.ColorNameOverlayBackground)
		if fill == behind || math.Abs(luminance(edge)-luminance(behind)) < 0.1 {
			t.Errorf("%s: the ground is %v with an edge of %v, on %v", look, fill, edge, behind)
		}
	}
}

// On a small screen with large letters no setting is out of reach.
func TestSettingsOnSmallScreen(t *testing.T) {
	w := newWorld(t)
	w.app.Wear("dark", 200)
	w.app.Window().Resize(fyne.NewSize(800, 600))
	pages := w.app.Settings()
	for _, page := range pages.Items {
		pages.Select(page)
		for _, o := range below(page.Content) {
			scroll, ok := o.(*container.Scroll)
			if ok && scroll.Direction == container.ScrollVerticalOnly && scroll.Content.MinSize().Width > scroll.Size().Width+1 {
				t.Errorf("%s: %v are out of sight", page.Text, scroll.Content.MinSize().Width-scroll.Size().Width)
			}
		}
	}
}
