package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// manyMessages says a needle and then as many other things in the Lobby, and gives
// the id of the first.
func manyMessages(t testing.TB, s *Store, n int64) voiceapp.Message {
	t.Helper()
	first, err := s.AppendMessage(t.Context(), voiceapp.Message{Channel: lobby(t, s).ID, Text: "the Needle"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), func(c *conn) error {
		return c.exec(`
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO messages (channel_id, session, user_id, name, text, sent) SELECT ?, 1, 0, 'Guest', 'Something that somebody says in a channel, number ' || i, 0 FROM n`,
			n, int64(first.Channel))
	}); err != nil {
		t.Fatal(err)
	}
	return first
}

// A search finds what is far back, and each once where it goes from one read to the
// next.
func TestSearchGoesBack(t *testing.T) {
	const window = 100
	s := openTest(t, newPath(t), Options{Log: quiet.Log, window: window})
	first := manyMessages(t, s, 2*window)
	before := s.Stats().Reads
	for _, query := range []voiceapp.MessageQuery{
		{Channel: first.Channel, Text: "needle"}, {Any: true, Text: "needle"}, {Any: true, Text: "needle", Before: first.ID + window}, {Any: true, Text: "needle", Before: first.ID + 1},
	} {
		if found, err := s.Messages(t.Context(), query); err != nil || len(found) != 1 || found[0] != first {
			t.Errorf("%+v finds %+v, %v", query, found, err)
		}
	}
	if reads := s.Stats().Reads - before; reads != 4+3+3+1+1 {
		t.Errorf("there were %d reads", reads)
	}
	for _, n := range []voiceapp.MessageID{2 * window, window + 2, window + 1, window, window - 1} { // about where one read ends
		query := voiceapp.MessageQuery{Any: true, Text: fmt.Sprint("NUMBER ", n)}
		if found, err := s.Messages(t.Context(), query); err != nil || len(found) != 1 || found[0].ID != first.ID+n {
			t.Errorf("%q finds %+v, %v", query.Text, found, err)
		}
	}
}

// A search that nobody waits for any more ends.
func TestSearchEnds(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	first := manyMessages(t, s, 10)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := s.Messages(ctx, voiceapp.MessageQuery{Channel: first.Channel, Text: "needle"}); !errors.Is(err, voiceapp.Unavailable) || len(found) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// BenchmarkSearch looks through 50,000 messages.
func BenchmarkSearch(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	first := manyMessages(b, s, searchWindow)
	for b.Loop() {
		if found, err := s.Messages(b.Context(), voiceapp.MessageQuery{Channel: first.Channel, Text: "nowhere"}); err != nil || len(found) != 0 {
			b.Fatal(found, err)
		}
	}
}
