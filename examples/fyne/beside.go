//go:build cgo || (ci && no_glfw)

package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/desktop"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// Times for what opens beside the window. One that needs longer is not had.
const (
	keysTime    = 10 * time.Second
	pluginsTime = time.Minute
	trayTime    = 300 * time.Millisecond
)

// hasTray reports whether the desktop may have a tray. Fyne asks for it before it shows a window, and
// without an end: a desktop that does not answer in trayTime is not asked.
func hasTray(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, trayTime)
	defer cancel()
	return runtime.GOOS != "linux" || hotkey.BusAnswers(ctx)
}

// beside is what the window does not wait for.
type beside struct {
	client *ui.App
	log    *slog.Logger
	shown  chan struct{} // closed when the window is there
	served sync.WaitGroup
	host   *plugin.Host // once served; nil: there is none
}

// await reports whether the window is there; false: it never will be.
func (b *beside) await(ctx context.Context) bool {
	select {
	case <-b.shown:
		return true
	case <-ctx.Done():
		return false
	}
}

// keys has keys work everywhere, until ctx ends. A desktop that hangs has none.
func (b *beside) keys(ctx context.Context) {
	opening, cancel := context.WithTimeout(ctx, keysTime)
	defer cancel()
	global, err := hotkey.Open(opening, hotkey.Config{AppID: desktop.ID, Logger: b.log})
	if err != nil {
		b.log.Info("no global keys", "err", err)
		return
	}
	defer global.Close()
	if !b.await(ctx) {
		return
	}
	b.client.UseKeys(global)
	if err := global.Run(ctx); err != nil && ctx.Err() == nil {
		b.log.Warn("global keys are lost until the next start", "err", err)
		b.client.KeysLost(err)
	}
}

func pluginDir() string { return filepath.Join(xdg.DataHome, "voiceapp", "plugins") }

// plugins starts those that are enabled in the user's folder.
func (b *beside) plugins(ctx context.Context) {
	opening, cancel := context.WithTimeout(ctx, pluginsTime)
	defer cancel()
	host, err := plugin.Open(opening, plugin.Config{
		Dir: pluginDir(), Cache: filepath.Join(xdg.CacheHome, "voiceapp", "plugins"), Logger: b.log,
		Hooks: []string{plugin.HookAudio, plugin.HookChatIncoming, plugin.HookChatOutgoing},
	})
	if err != nil {
		b.log.Warn("there are no plugins", "err", err)
		return
	}
	b.host = host
	if b.await(ctx) {
		b.client.UsePlugins(host)
	}
}

// closePlugins is for the end, when nothing uses them any more.
func (b *beside) closePlugins() {
	if b.host != nil {
		_ = b.host.Close() // what is kept is kept at each change
	}
}
