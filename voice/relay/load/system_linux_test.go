package load

import (
	"errors"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestParseStat(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 123 456 13 14 15\n"
	for _, stat := range []string{"42 (server)" + rest, "42 (a) b (c) 9 9)" + rest} {
		if got, err := parseStat([]byte(stat)); err != nil || got != 5790*time.Millisecond {
			t.Errorf("%q: %v, %v", stat, got, err)
		}
	}
	for _, stat := range []string{"", "42 (server) S 1 2", "42 (server) S 1 2 3 4 5 6 7 8 9 10 x 456 13", "42 (server) S 1 2 3 4 5 6 7 8 9 10 1 -6 13"} {
		if got, err := parseStat([]byte(stat)); !errors.Is(err, voiceapp.Internal) {
			t.Errorf("%q: %v, %v", stat, got, err)
		}
	}
}
