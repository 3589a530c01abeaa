package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// row is a row of the tree.
func (w *world) row(name string) *ui.TreeRow {
	w.t.Helper()
	return find(w, "row of "+name, func(r *ui.TreeRow) bool { return r.Name() == name })
}

// A click at its arrow folds a channel, and one beside it does not, however deep it is.
func TestFold(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve(voiceapp.Channel{Name: "Games"}, voiceapp.Channel{Name: "Board", Parent: 2}, voiceapp.Channel{Name: "Chess", Parent: 3})
	w.app.Connect(b)
	w.until("the channels", func() bool { return w.app.Talks() == 1 && w.shows("Chess") })
	w.app.Window().Canvas().Capture() // it is drawn
	click := func(name string, x float32) {
		t.Helper()
		w.row(name).MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 10)}})
	}
	for _, name := range []string{"Games", "Board"} {
		from, to := w.row(name).Arrow()
		if click(name, to+12); !w.shows("Chess") {
			t.Errorf("%s: a click beside the arrow folds it", name)
		}
		if click(name, (from+to)/2); w.shows("Chess") {
			t.Errorf("%s: a click at the arrow does not fold it", name)
		}
		if click(name, (from+to)/2); !w.shows("Chess") {
			t.Errorf("%s: a second one does not unfold it", name)
		}
	}
}

// A double click joins.
func TestDoubleClick(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve(voiceapp.Channel{Name: "Quiet"})
	w.app.Connect(b)
	w.until("the channels", func() bool { return w.app.Talks() == 1 && w.shows("Quiet") })
	test.DoubleTap(w.row("Quiet"))
	w.until("Anna is in Quiet", func() bool { return w.app.Client().Self().Channel == 2 })
}
