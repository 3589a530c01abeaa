package ui

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// People who are called the same have a conversation each.
func TestConversationsOfOneName(t *testing.T) {
	c := &chatPane{names: map[string]session.Topic{"@ Bo": "a", "@ Bo (2)": "b"}}
	for name, want := range map[string]string{"@ Bo": "@ Bo (3)", "@ Cy": "@ Cy"} {
		if got := c.unlike(name); got != want {
			t.Errorf("%s is shown as %q, not as %q", name, got, want)
		}
	}
}
