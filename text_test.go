package voiceapp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestCheckText(t *testing.T) {
	for _, text := range []string{"", "Tonight: chess\n\t20:00", strings.Repeat("ü", 40), "👩\u200d🚀"} {
		if err := voiceapp.CheckText("the topic", text, 40); err != nil {
			t.Errorf("CheckText(%q) = %v", text, err)
		}
	}
	for _, text := range []string{strings.Repeat("x", 41), "a\x1b[31m", "a\x00", "a\rb", "a\u202eb", "a\u2066b", "\xff"} {
		err := voiceapp.CheckText("the topic", text, 40)
		if !errors.Is(err, voiceapp.Invalid) || !strings.HasPrefix(err.Error(), "the topic ") {
			t.Errorf("CheckText(%q) = %v; want invalid", text, err)
		}
	}
}
