package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
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

// How loud somebody is, down to not at all, and what one calls him is remembered when he
// comes again.
func TestVolumeAndNickname(t *testing.T) {
	w := newWorld(t)
	addr, key, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	for _, percent := range []float64{150, 0, 100} {
		bo := exampletest.Guest(t, "Bo", addr, key)
		w.until("Bo", func() bool { return w.app.PressAt("Bo", fyne.KeyReturn) })
		find(w, "slider", func(*widget.Slider) bool { return true }).SetValue(percent)
		if percent == 150 {
			nick := w.entry("only you see it")
			test.Type(nick, "Bobby")
			nick.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		}
		w.app.Escape()
		w.until("the nickname", func() bool { return w.shows("Bobby (Bo)") })
		if err := bo.Close(); err != nil {
			t.Fatal(err)
		}
		w.until("Bo is gone", func() bool { return !w.app.PressAt("Bo", fyne.KeyUp) })
		bo = exampletest.Guest(t, "Bo", addr, key)
		w.until("Bo again", func() bool { return w.app.PressAt("Bo", fyne.KeyUp) })
		if got := w.app.Hearing("Bo"); float64(got.Volume) != percent/100 || got.Muted {
			t.Errorf("%v %%: he is heard as %+v", percent, got)
		}
		if err := bo.Close(); err != nil {
			t.Fatal(err)
		}
		w.until("Bo is gone", func() bool { return !w.app.PressAt("Bo", fyne.KeyUp) })
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
