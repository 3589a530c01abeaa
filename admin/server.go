package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type serverResult struct {
	Name         string                `json:"name"`
	Version      string                `json:"version"`
	Fingerprint  string                `json:"fingerprint" doc:"Of the server's key, which clients pin"`
	Control      string                `json:"control" example:"[::]:7788" doc:"Where control listens (TCP)"`
	Voice        string                `json:"voice" example:"[::]:7788" doc:"Where voice listens (UDP)"`
	Started      time.Time             `json:"started"`
	People       int                   `json:"people" doc:"How many are here"`
	Guests       bool                  `json:"guests" doc:"One may come without an account"`
	Registration voiceapp.Registration `json:"registration" enum:"open,invite,closed" doc:"Who may make an account"`
}

// settingsBody are the settings as the API has them: times in seconds.
type settingsBody struct {
	Name          string                `json:"name"`
	Guests        bool                  `json:"guests" doc:"One may come without an account"`
	Registration  voiceapp.Registration `json:"registration" enum:"open,invite,closed" doc:"Who may make an account"`
	PublicAddress string                `json:"public_address" example:"voice.example.org:7788" doc:"Where clients reach the server, for the links of invites; empty: not known"`
	KeepChat      bool                  `json:"keep_chat"`
	HistoryTime   int64                 `json:"history_seconds" doc:"How long chat is kept; 0: for good"`
	Ping          bool                  `json:"ping" doc:"A ping before login is answered"`
	KickTime      int64                 `json:"kick_seconds" doc:"How long who was kicked is refused; 0: not at all"`
	Fixed         []string              `json:"fixed" nullable:"false" doc:"Which of them can be changed only in the server's configuration"`
}

type settingsEdit struct {
	params.Change
	params.Precondition
	Body struct {
		Name          *string                `json:"name,omitempty" minLength:"1" maxLength:"64"`
		Guests        *bool                  `json:"guests,omitempty"`
		Registration  *voiceapp.Registration `json:"registration,omitempty" enum:"open,invite,closed"`
		PublicAddress *string                `json:"public_address,omitempty" maxLength:"300"`
		KeepChat      *bool                  `json:"keep_chat,omitempty"`
		HistoryTime   *int64                 `json:"history_seconds,omitempty" minimum:"0" maximum:"3153600000"`
		Ping          *bool                  `json:"ping,omitempty"`
		KickTime      *int64                 `json:"kick_seconds,omitempty" minimum:"0" maximum:"86400"`
	}
}

func (s *Server) registerServer() {
	add(s, operation{
		id: "get-server", method: http.MethodGet, path: "/api/server", tag: "server", scope: "server:read",
		summary: "What the server is",
	}, s.getServer)
	add(s, operation{
		id: "get-settings", method: http.MethodGet, path: "/api/settings", tag: "server",
		scope: "settings:read", role: voiceapp.RoleAdmin, summary: "The settings that can be changed while the server runs",
	}, func(context.Context, *identity, *struct{}) (*tagged[settingsBody], error) {
		return replyTagged(s.settings())
	})
	add(s, operation{
		id: "edit-settings", method: http.MethodPatch, path: "/api/settings", tag: "server",
		scope: "settings:write", role: voiceapp.RoleOwner, errors: []voiceapp.Code{voiceapp.Conflict},
		summary: "Change settings", detail: "What is not named stays. They outlive a restart. Those in \"fixed\" can't be changed here.",
	}, s.editSettings)
}

func (s *Server) getServer(context.Context, *identity, *struct{}) (*body[serverResult], error) {
	info := s.config.Info
	result := serverResult{
		Version: info.Version, Control: info.Control, Voice: info.Voice,
		Fingerprint: info.Fingerprint.String(), Started: info.Started.UTC(), People: s.people(),
	}
	settings, err := s.settings()
	result.Name, result.Guests, result.Registration = settings.Name, settings.Guests, settings.Registration
	return reply(result, err)
}

func (s *Server) settings() (settingsBody, error) {
	setter, err := ability[Setter](s, "settings that can be changed")
	if err != nil {
		return settingsBody{}, err
	}
	now, fixed, err := setter.Settings()
	return settingsBodyOf(now, fixed), err
}

func settingsBodyOf(now voiceapp.Settings, fixed []string) settingsBody {
	names := make([]string, 0, len(fixed))
	for _, name := range fixed {
		switch name {
		case "history", "kick_time":
			name = map[string]string{"history": "history_seconds", "kick_time": "kick_seconds"}[name]
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return settingsBody{
		Name: now.Name, Guests: now.Guests, Registration: now.Registration, PublicAddress: now.PublicAddress,
		KeepChat: now.KeepChat, HistoryTime: int64(now.History / time.Second), Ping: now.Ping,
		KickTime: int64(now.KickTime / time.Second), Fixed: names,
	}
}

func (s *Server) editSettings(ctx context.Context, who *identity, in *settingsEdit) (*tagged[settingsBody], error) {
	setter, err := ability[Setter](s, "settings that can be changed")
	if err != nil {
		return nil, err
	}
	reason, err := reasonOf(in.Change)
	if err != nil {
		return nil, err
	}
	want := voiceapp.SettingsEdit{
		Name: in.Body.Name, Guests: in.Body.Guests, Registration: in.Body.Registration, PublicAddress: in.Body.PublicAddress,
		KeepChat: in.Body.KeepChat, Ping: in.Body.Ping, History: secondsOf(in.Body.HistoryTime), KickTime: secondsOf(in.Body.KickTime),
	}
	err = edit(s, in.Precondition, s.settings, func() error {
		_, err := setter.SetSettings(ctx, who.actor, want, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyTagged(s.settings())
}

// secondsOf gives a time that may be absent.
func secondsOf(n *int64) *time.Duration {
	if n == nil {
		return nil
	}
	d := time.Duration(*n) * time.Second
	return &d
}
