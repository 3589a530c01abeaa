package control_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// wordFilter refuses, rewrites and breaks.
type wordFilter struct {
	mu   sync.Mutex
	seen []voiceapp.Message
	wait chan struct{} // what "slow" waits for
}

func (f *wordFilter) FilterMessage(ctx context.Context, m voiceapp.Message) (string, error) {
	f.mu.Lock()
	f.seen = append(f.seen, m)
	f.mu.Unlock()
	switch {
	case strings.Contains(m.Text, "spam"):
		return "", voiceapp.NewError(voiceapp.Forbidden, "no advertising here")
	case m.Text == "broken":
		return "", errors.New("a fault")
	case m.Text == "empty":
		return "", nil
	case m.Text == "slow":
		select {
		case <-f.wait:
		case <-ctx.Done():
		}
	}
	return strings.ReplaceAll(m.Text, "damn", "****"), nil
}

func TestChatFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter := &wordFilter{}
		w := newWorld(t, &control.Server{ChatFilter: filter})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		for _, c := range []*control.Client{anna, bo} {
			if err := c.Join(t.Context(), lobby); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := anna.SendChat(t.Context(), "well, damn"); err != nil {
			t.Fatal(err)
		}
		kept := heard(t, bo)
		if !slices.Equal(kept, []string{"well, ****"}) {
			t.Errorf("Bo got %q", kept)
		}
		m := filter.seen[0]
		if m.Name != "Anna" || m.User == 0 || m.Session != anna.Self().Session || m.Channel != lobby || m.Text != "well, damn" {
			t.Errorf("the filter saw %+v", m)
		}
		for text, code := range map[string]voiceapp.Code{"spam": voiceapp.Forbidden, "broken": voiceapp.Internal, "empty": voiceapp.Internal} {
			_, err := anna.SendChat(t.Context(), text)
			if !errors.Is(err, code) {
				t.Errorf("%s: %v", text, err)
			}
			if text == "spam" && !strings.Contains(err.Error(), "no advertising here") {
				t.Errorf("the writer is told %v", err)
			}
		}
		if got := heard(t, bo); len(got) != 0 {
			t.Errorf("Bo got %q, which was refused", got)
		}
	})
}

// What is edited is filtered too, and only its writer's new text is shown to the
// filter.
func TestChatFilterOfEdits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter := &wordFilter{}
		w := newWorld(t, &control.Server{ChatFilter: filter})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		if err := anna.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
		if err := bo.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
		sent, err := anna.SendChat(t.Context(), "one")
		if err != nil {
			t.Fatal(err)
		}
		if m, err := anna.EditChat(t.Context(), sent, "damn"); err != nil || m.Text != "****" {
			t.Errorf("EditChat = %+v, %v", m, err)
		}
		if _, err := anna.EditChat(t.Context(), sent, "spam"); !errors.Is(err, voiceapp.Forbidden) {
			t.Errorf("the edit to what is refused: %v", err)
		}
		seen := len(filter.seen)
		if _, err := bo.EditChat(t.Context(), sent, "damn"); !errors.Is(err, voiceapp.Forbidden) {
			t.Errorf("another's message: %v", err)
		}
		if len(filter.seen) != seen {
			t.Errorf("the filter saw %+v, which was not the writer's", filter.seen[seen:])
		}
	})
}

// A filter that takes long costs only who writes.
func TestSlowChatFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		filter := &wordFilter{wait: make(chan struct{})}
		w := newWorld(t, &control.Server{ChatFilter: filter})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		for _, c := range []*control.Client{anna, bo} {
			if err := c.Join(t.Context(), lobby); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error, 1)
		go func() {
			_, err := anna.SendChat(t.Context(), "slow")
			done <- err
		}()
		synctest.Wait()
		if _, err := bo.SendChat(t.Context(), "quick"); err != nil {
			t.Fatal(err)
		}
		close(filter.wait)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got := heard(t, bo); !slices.Equal(got, []string{"quick", "slow"}) {
			t.Errorf("Bo got %q", got)
		}
	})
}
