package store

import (
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

// A search looks at so many messages and no more, and goes on where Before says.
func TestSearchIsBounded(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	first := manyMessages(t, s, voiceapp.MaxSearch)
	for _, query := range []voiceapp.MessageQuery{{Channel: first.Channel, Text: "needle"}, {Any: true, Text: "needle"}} {
		if found, err := s.Messages(t.Context(), query); err != nil || len(found) != 0 {
			t.Errorf("beyond the bound there is %+v, %v", found, err)
		}
		query.Before = first.ID + voiceapp.MaxSearch
		if found, err := s.Messages(t.Context(), query); err != nil || len(found) != 1 || found[0] != first {
			t.Errorf("within the bound there is %+v, %v", found, err)
		}
	}
}

// BenchmarkSearch looks through as many messages as one query does.
func BenchmarkSearch(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	first := manyMessages(b, s, voiceapp.MaxSearch)
	for b.Loop() {
		if found, err := s.Messages(b.Context(), voiceapp.MessageQuery{Channel: first.Channel, Text: "nowhere"}); err != nil || len(found) != 0 {
			b.Fatal(found, err)
		}
	}
}
