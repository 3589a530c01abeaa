package store_test

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/storetest"
)

// clocked is a store whose clock the contract can move.
type clocked struct {
	*store.Store
	ahead *atomic.Int64
}

func (c clocked) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

func TestContract(t *testing.T) {
	storetest.Test(t, func(t *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
		ahead := new(atomic.Int64)
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{
			Log: slog.New(slog.DiscardHandler),
			Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		token, err := s.Init(t.Context(), channels)
		if err != nil {
			t.Fatal(err)
		}
		return clocked{s, ahead}, token
	}, storetest.All()...)
}
