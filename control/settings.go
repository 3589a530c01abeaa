package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// settingPrefix begins the keys of a server's settings in its directory.
const settingPrefix = "server."

// settingsInForce are the settings, and which of them the program fixes. It is not
// altered.
type settingsInForce struct {
	voiceapp.Settings
	fixed []string
}

// settings are those in force.
func (s *Server) settings() *voiceapp.Settings { return &s.inForce.Load().Settings }

// fieldSettings gives the settings that the server's fields ask for.
func (s *Server) fieldSettings() voiceapp.Settings {
	return voiceapp.Settings{
		Name:          cmp.Or(s.Name, "voiceapp"),
		Guests:        !s.NoGuests,
		Registration:  cmp.Or(s.Registration, voiceapp.RegistrationOpen),
		PublicAddress: s.PublicAddress,
		KeepChat:      !s.NoHistory,
		History:       s.History,
		Ping:          !s.NoPing,
		KickTime:      max(0, cmp.Or(s.Limits.KickTime, defaultKickTime)),
	}
}

// loadSettings puts what owners have set over what the program says, but for what is
// fixed. A value that is of no use any more is passed over.
func (s *Server) loadSettings(ctx context.Context, said settingsInForce) error {
	keeper, ok := s.Directory.(SettingsKeeper)
	if !ok {
		s.inForce.Store(&said)
		return nil
	}
	kept, err := keeper.Settings(ctx)
	if err != nil {
		return err
	}
	now := settingsMap(said.Settings)
	for name := range now {
		if value, ok := kept[settingPrefix+name]; ok && !slices.Contains(said.fixed, name) {
			now[name] = json.RawMessage(value)
		}
	}
	settings, err := settingsOf(now)
	if err == nil {
		err = settings.Check()
	}
	if err != nil {
		s.log.Error("the settings in the database are of no use; those of the configuration are in force", "error", err)
		settings = said.Settings
	}
	s.inForce.Store(&settingsInForce{settings, said.fixed})
	return nil
}

// Configure has a server that runs be as the program's configuration is now: settings
// take the place of what the fields say, and fixed that of Fixed. What owners have set
// stays, where that is not fixed. The audit log has no entry. The error is
// [voiceapp.Invalid], or that of the Directory; then nothing changes.
func (s *Server) Configure(ctx context.Context, settings voiceapp.Settings, fixed []string) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	if err := settings.Check(); err != nil {
		return err
	}
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.endTurn()
	if err := s.loadSettings(ctx, settingsInForce{settings, slices.Clone(fixed)}); err != nil {
		return err
	}
	return s.apply(func(*roster) {})
}

// settingsMap gives settings by their names, as JSON.
func settingsMap(settings voiceapp.Settings) map[string]json.RawMessage {
	var named map[string]json.RawMessage
	text, err := json.Marshal(settings)
	if err == nil {
		err = json.Unmarshal(text, &named)
	}
	if err != nil {
		panic(err) // settings are plain values
	}
	return named
}

func settingsOf(named map[string]json.RawMessage) (settings voiceapp.Settings, err error) {
	text, err := json.Marshal(named)
	if err == nil {
		err = json.Unmarshal(text, &settings)
	}
	return settings, err
}

// Settings returns the settings that are in force, and the names of those, as their
// JSON has them, that can't be changed because the program fixes them.
func (s *Server) Settings() (settings voiceapp.Settings, fixed []string, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return settings, nil, s.startErr
	}
	now := s.inForce.Load()
	return now.Settings, slices.Clone(now.fixed), nil
}

// SetSettings changes settings for good where the Directory keeps them, otherwise
// until the server stops, and returns those in force. It takes an owner. reason is
// for the audit log. The errors are [voiceapp.Forbidden], [voiceapp.Conflict] for one
// that the program fixes, and [voiceapp.Invalid].
func (s *Server) SetSettings(ctx context.Context, by voiceapp.Actor, edit voiceapp.SettingsEdit, reason string) (voiceapp.Settings, error) {
	err := s.change(ctx, by, actionSettings, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(voiceapp.RoleOwner); err != nil {
			return err
		}
		was := *s.settings()
		d.from(was)
		settings := edit.Of(was)
		if err := settings.Check(); err != nil {
			return err
		}
		if err := s.keepSettings(ctx, settingsMap(was), settingsMap(settings)); err != nil {
			return err
		}
		d.to(settings)
		s.inForce.Store(&settingsInForce{settings, s.inForce.Load().fixed})
		return s.apply(func(*roster) {})
	})
	if err != nil {
		return voiceapp.Settings{}, err
	}
	return *s.settings(), nil
}

const actionSettings = "settings.edit"

// keepSettings writes what is to be different.
func (s *Server) keepSettings(ctx context.Context, was, is map[string]json.RawMessage) error {
	changed := make(map[string]string)
	for name, value := range is {
		if string(was[name]) == string(value) {
			continue
		}
		if slices.Contains(s.inForce.Load().fixed, name) {
			return voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("%s is fixed by the server's configuration: change it there", name))
		}
		changed[settingPrefix+name] = string(value)
	}
	keeper, ok := s.Directory.(SettingsKeeper)
	if !ok || len(changed) == 0 {
		return nil
	}
	return keeper.SetSettings(ctx, changed)
}

const defaultKickTime = time.Minute
