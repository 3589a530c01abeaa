package main

import (
	"strings"

	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

// reread reads the settings anew from where they were read before.
func reread(set *config.Set) (*settings, *config.Set, error) {
	next := defaultSettings()
	again := set.Again(next)
	path, err := settingsFile(again)
	if err == nil {
		err = again.Apply(path)
	}
	if err == nil {
		err = next.validate()
	}
	return next, again, err
}

// origin is where the settings are from.
type origin struct {
	start *config.Set // as they were at the start
	last  *config.Set // as they were read last
}

// reload has what can change while the server runs be as the settings are now, the
// certificate of the admin API too. When they are of no use nothing changes.
func (s *server) reload(from *origin) {
	next, again, err := reread(from.start)
	if err == nil && s.guard != nil {
		err = s.reguard(next)
	}
	if err != nil {
		s.log.Error("the settings stay as they were", "error", err)
		return
	}
	changed, _ := again.Changed(from.last)
	_, restart := again.Changed(from.start)
	from.last = again
	s.level.Set(next.LogLevel)
	s.log.Info("the settings were read anew", "changed", strings.Join(changed, " "))
	if len(restart) > 0 {
		s.log.Warn("some settings take a restart to change", "settings", strings.Join(restart, " "))
	}
}

// reguard has the admin API be reached as the settings say.
func (s *server) reguard(next *settings) error {
	config, err := next.guardConfig(s.certificate)
	if err != nil {
		return err
	}
	return s.guard.Reload(config)
}
