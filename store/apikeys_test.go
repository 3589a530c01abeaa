package store

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// newKey makes an API key of an account of its own.
func newKey(t testing.TB, s *Store) (voiceapp.APIKey, [sha256.Size]byte) {
	t.Helper()
	key, secret, err := s.NewAPIKey(t.Context(), voiceapp.APIKey{Name: "bot", User: member(t, s, "Anna").ID, Role: voiceapp.RoleMember})
	if err != nil {
		t.Fatal(err)
	}
	return key, sha256.Sum256([]byte(secret))
}

func useKey(t testing.TB, s *Store, secret [sha256.Size]byte) voiceapp.APIKey {
	t.Helper()
	key, _, err := s.UseAPIKey(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// The last use of a key is noted to the minute, by one write a minute whatever the
// number of uses, and is there after the store was closed.
func TestKeyUseIsNoted(t *testing.T) {
	var ahead atomic.Int64
	path, options := newPath(t), Options{Log: quiet.Log, Now: func() time.Time { return time.Unix(1_700_000_000, 0).Add(time.Duration(ahead.Load())) }}
	s := openTest(t, path, options)
	made, secret := newKey(t, s)
	before := s.Stats().Writes

	ahead.Store(int64(keyStep - time.Millisecond))
	useKey(t, s, secret)
	s.uses.done.Wait()
	if writes := s.Stats().Writes - before; writes != 0 {
		t.Errorf("a use within the minute took %d writes", writes)
	}

	ahead.Store(int64(time.Hour))
	useKey(t, s, secret)
	s.uses.done.Wait()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { useKey(t, s, secret) })
	}
	all.Wait()
	s.uses.done.Wait()
	if writes := s.Stats().Writes - before; writes != 1 {
		t.Errorf("an hour later 21 uses took %d writes, want 1", writes)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := openTest(t, path, options).APIKeys(t.Context(), 0, 0)
	if err != nil || len(kept) != 1 || !kept[0].Used.Equal(made.Created.Add(time.Hour)) {
		t.Errorf("the keys are %+v, %v; want one used an hour after %v", kept, err, made.Created)
	}
}

// Nobody waits for the note of a use: keys are used while the writer is held.
func TestKeyUseWaitsForNoWrite(t *testing.T) {
	var ahead atomic.Int64
	s := openTest(t, newPath(t), Options{Log: quiet.Log, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	_, secret := newKey(t, s)
	<-s.writer.turn
	for minute := range 3 {
		ahead.Store(int64(time.Duration(minute+1) * time.Hour))
		useKey(t, s, secret)
	}
	before := s.Stats().Writes
	s.writer.turn <- struct{}{}
	s.uses.done.Wait()
	if writes := s.Stats().Writes - before; writes < 1 || writes > 2 {
		t.Errorf("there were %d writes, want the first use's and one for all since", writes)
	}
}

// Keys that expired go with the next pruning, the others stay.
func TestKeysArePruned(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := openTest(t, newPath(t), Options{Log: quiet.Log, Now: func() time.Time { return now }})
	kept, _ := newKey(t, s)
	if _, _, err := s.NewAPIKey(t.Context(), voiceapp.APIKey{Name: "brief", User: kept.User, Role: 10, Expires: now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 1} {
		if _, err := s.Prune(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if left, err := s.APIKeys(t.Context(), 0, 0); err != nil || len(left) != want || left[0].ID != kept.ID {
			t.Errorf("after %v there are %+v, %v; want %d", now, left, err, want)
		}
		now = now.Add(time.Hour)
	}
}

func BenchmarkUseAPIKey(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	_, secret := newKey(b, s)
	b.ReportAllocs()
	for b.Loop() {
		useKey(b, s, secret)
	}
}

func BenchmarkEpoch(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	id := member(b, s, "Anna").ID
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Epoch(b.Context(), id); err != nil {
			b.Fatal(err)
		}
	}
}
