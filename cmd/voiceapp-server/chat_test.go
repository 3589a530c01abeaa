package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// guestAt logs in to a server that has printed its first line.
func guestAt(t testing.TB, ready, name string) *control.Client {
	t.Helper()
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: name, Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if _, err := client.JoinPath(t.Context(), "Lobby"); err != nil {
		t.Fatal(err)
	}
	return client
}

// What was written is there after a restart, and the ids go on.
func TestChatGoesOnOverARestart(t *testing.T) {
	data := t.TempDir()
	var want []voiceapp.MessageID
	for round := range 2 {
		ready, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0")
		anna := guestAt(t, ready, "anna")
		for i := range 3 {
			id, err := anna.SendChat(t.Context(), fmt.Sprint(round, i))
			if err != nil || len(want) > 0 && id <= want[len(want)-1] {
				t.Fatalf("after %v came %d, %v", want, id, err)
			}
			want = append(want, id)
		}
		said, _, err := anna.ChatHistory(t.Context(), voiceapp.ChatTarget{}, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []voiceapp.MessageID
		for _, m := range said {
			got = append(got, m.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the history is %v, want %v", got, want)
		}
		stop()
	}
	ready, _ := serve(t, "--data", data, "--listen", "127.0.0.1:0", "--keep-chat=false")
	if _, _, err := guestAt(t, ready, "anna").ChatHistory(t.Context(), voiceapp.ChatTarget{}, 0, 0); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("a server that keeps nothing: %v", err)
	}
}

// A message that is kept on disk reaches the last of a hundred.
func BenchmarkKeptChatTo100(b *testing.B) {
	const listeners = 100
	ready, _ := serve(b, "--data", b.TempDir(), "--listen", "127.0.0.1:0")
	clients := make([]*control.Client, listeners)
	arrived := make(chan time.Time, listeners)
	for i := range clients {
		clients[i] = guestAt(b, ready, fmt.Sprint("listener ", i))
		go func() {
			for e := range clients[i].Events() {
				if _, ok := e.(control.ChatSent); ok {
					arrived <- time.Now()
				}
			}
		}()
	}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		begin := time.Now()
		if _, err := clients[n%listeners].SendChat(b.Context(), "good evening, everybody"); err != nil {
			b.Fatal(err)
		}
		for range listeners {
			took = append(took, (<-arrived).Sub(begin))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
