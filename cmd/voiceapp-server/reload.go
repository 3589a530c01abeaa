package main

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp/admin"
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
		next.fixed = fixedSettings(again)
		err = next.validate()
	}
	return next, again, err
}

// reloadTime is how long the database may take to be read anew.
const reloadTime = 10 * time.Second

// origin is where the settings are from.
type origin struct {
	start *config.Set // as they were at the start
	last  *config.Set // as they were read last
}

// reload has what can change while the server runs be as the settings are now, the
// certificate of the admin API too. When they are of no use nothing changes.
func (s *server) reload(from *origin) {
	next, again, err := reread(from.start)
	if err == nil {
		err = s.reconfigure(next)
	}
	if err == nil && s.admin != nil {
		err = s.rekey(next)
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

// rekey has the admin API use the keys that are in the file now.
func (s *server) rekey(next *settings) error {
	keys, err := admin.LoadOrCreateKeys(filepath.Join(next.Data, tokenKeyFile), s.fingerprint)
	if err == nil {
		s.admin.SetKeys(keys)
	}
	return err
}

// reconfigure has control and the admin API be as the settings say.
func (s *server) reconfigure(next *settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), reloadTime)
	defer cancel()
	if err := s.control.Configure(ctx, next.asControl(), next.fixed); err != nil || s.guard == nil {
		return err
	}
	config, err := next.guardConfig(s.certificate)
	if err != nil {
		return err
	}
	return s.guard.Reload(config)
}
