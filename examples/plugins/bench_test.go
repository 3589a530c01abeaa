package plugins_test

import (
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// BenchmarkGoGuestFromCache is how long it takes until the plugin in Go runs in its
// child, when it was compiled before.
func BenchmarkGoGuestFromCache(b *testing.B) {
	cfg := plugin.Config{Files: []string{filepath.Join("dice", "dice.wasm")}, Grant: []string{plugin.PermissionRandom}, Cache: b.TempDir()}
	start := func() {
		host, err := plugin.Open(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		if err := host.Close(); err != nil {
			b.Fatal(err)
		}
	}
	start() // fills the cache
	for b.Loop() {
		start()
	}
}
