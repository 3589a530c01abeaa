package main

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/storetest"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// The siblings never import each other; here is where they are seen to fit.
var (
	_ control.Directory    = (*store.Store)(nil)
	_ control.Directory    = (*control.Memory)(nil)
	_ storetest.Directory  = control.Directory(nil)
	_ control.Directory    = storetest.Directory(nil)
	_ control.HashUpgrader = (*store.Store)(nil)
	_ control.HashUpgrader = (*control.Memory)(nil)
	_ control.Voice        = (*relay.Relay)(nil)
	_ voice.Signaling      = (*control.Client)(nil)
	_ voice.Signaling      = (*control.Reconnector)(nil)
	_                      = control.ClientConfig{Trust: (*bookmarks.Pins)(nil).TrustFirstUse}
)

func TestDirectories(t *testing.T) {
	t.Run("store", func(t *testing.T) {
		storetest.TestDirectory(t, func(t *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
			db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			token, err := db.Init(t.Context(), channels)
			if err != nil {
				t.Fatal(err)
			}
			return db, token
		})
	})
	t.Run("memory", func(t *testing.T) {
		storetest.Test(t, func(_ *testing.T, channels []voiceapp.Channel) (storetest.Directory, string) {
			m := control.NewMemory(channels...)
			return m, m.NewOwnerToken()
		}, "ChannelEditor", "Accounts", "Bans", "Messages", "Invites", "HashUpgrader", "Resumer", "Devices", "DeviceForgetter", "Externals", "Audit", "Epochs", "APIKeys", "UserFinder")
	})
}
