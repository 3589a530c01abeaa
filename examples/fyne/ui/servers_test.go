package ui_test

import "testing"

// Whoever searches sees at each letter what was known of the servers before.
func TestSearchKeepsWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	w.serve()
	w.app.Refill()
	w.until("how it is", func() bool { return w.shows("people") })
	for _, text := range []string{"H", "Ho", "Hom", "nothing", "Home", ""} {
		w.app.Search(text)
		if found := text != "nothing"; w.shows("people") != found {
			t.Errorf("%q: what is known is shown: %t", text, !found)
		}
	}
}
