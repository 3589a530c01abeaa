package store_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/storetest"
)

func TestDirectory(t *testing.T) {
	storetest.TestDirectory(t, func(t *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
		s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{Log: slog.New(slog.DiscardHandler)})
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
		return s, token
	})
}
