package ui

import "github.com/voiceapp-sdk/voiceapp/plugin"

// What a desktop or a disk may be slow to give comes when the window is there already. Any
// goroutine may call these.

// UseKeys has keys work while another program has the focus.
func (a *App) UseKeys(keys Keys) {
	a.do(func() {
		a.cfg.Keys = keys
		a.watchKeys()
	})
}

// UsePlugins lets plugins decide about sound and chat.
func (a *App) UsePlugins(host *plugin.Host) {
	a.plugins.Store(host)
	a.do(a.applySound)
}

// host are the plugins; nil: there are none, or not yet.
func (a *App) host() *plugin.Host {
	if late := a.plugins.Load(); late != nil {
		return late
	}
	return a.cfg.Plugins
}
