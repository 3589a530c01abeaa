package ui_test

import (
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// A server that shows another key than before is not connected to, and both keys are there
// to be compared, in groups.
func TestKeyChanged(t *testing.T) {
	w := newWorld(t)
	addr, key, _ := w.serve()
	other := voiceapp.Fingerprint{0xab, 0xcd}
	w.app.Connect(w.save("Changed", addr, other))
	w.until("that it is another server", func() bool { return w.shows("Key before") && w.shows("Key now") })
	groups := strings.Join(w.texts(), "\n")
	for _, f := range []voiceapp.Fingerprint{key, other} {
		text := f.String()
		if !strings.Contains(groups, text[:4]+" "+text[4:8]) {
			t.Errorf("%s is not shown: %s", text, groups)
		}
	}
	if w.app.Talks() != 0 {
		t.Error("one is on it")
	}
}
