package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
)

// metrics returns them by their name and the value of their label, if they have one.
func (s *Store) metrics() map[string]voiceapp.Metric {
	all := map[string]voiceapp.Metric{}
	s.Metrics(func(m voiceapp.Metric) {
		for _, l := range m.Labels {
			m.Name += "/" + l.Value
		}
		all[m.Name] = m
	})
	return all
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, newPath(t), quiet)
		before := s.metrics()
		release := hold(s)
		failed := make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, err := s.CreateUser(ctx, "Anna", someHash, voiceapp.RoleMember)
			failed <- err
		}()
		synctest.Wait()
		if waiting := s.metrics()["voiceapp_store_queue"].Value; waiting != 1 {
			t.Errorf("%v writes wait", waiting)
		}
		cancel()
		if err := <-failed; !errors.Is(err, voiceapp.Unavailable) {
			t.Errorf("a write that was given up: %v", err)
		}
		release()
		member(t, s, "Berta")
		if _, err := s.CreateUser(t.Context(), "Berta", someHash, voiceapp.RoleMember); !errors.Is(err, voiceapp.Exists) {
			t.Errorf("a name that is taken: %v", err)
		}
		if _, _, err := s.Credential(t.Context(), "Berta"); err != nil {
			t.Error(err)
		}
		after := s.metrics()
		for name, want := range map[string]uint64{
			"voiceapp_store_read_seconds":  1,
			"voiceapp_store_write_seconds": 3,
			"voiceapp_store_sync_seconds":  2,
		} {
			if got := after[name].Count - before[name].Count; got != want {
				t.Errorf("%s has counted %d, want %d", name, got, want)
			}
		}
		for name, want := range map[string]float64{
			"voiceapp_store_writes_total":             1,
			"voiceapp_store_commits_total":            2,
			"voiceapp_store_errors_total/unavailable": 1,
			"voiceapp_store_errors_total/busy":        0,
			"voiceapp_store_errors_total/internal":    0,
		} {
			if got := after[name].Value - before[name].Value; got != want {
				t.Errorf("%s has risen by %v, want %v", name, got, want)
			}
		}
		for name, least := range map[string]float64{
			"voiceapp_store_readers":             1,
			"voiceapp_store_file_bytes/database": 4096,
			"voiceapp_store_file_bytes/wal":      4096,
		} {
			if got := after[name].Value; got < least {
				t.Errorf("%s is %v, want %v at least", name, got, least)
			}
		}
	})
}
