package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
	"github.com/voiceapp-sdk/voiceapp/internal/outbound"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// settings are the same for every command, so that one config.toml serves them all.
type settings struct {
	Data   string `name:"data" value:"DIR" help:"where the database, the keys and the backups are"`
	Config string `name:"config" value:"FILE" help:"settings file; config.toml in the data directory if there is one"`
	Listen string `name:"listen" value:"ADDR" help:"address and port of control (TCP) and voice (UDP)"`
	adminSettings
	Name   string `name:"name" help:"what the server calls itself" reload:"yes"`
	Guests bool   `name:"guests" help:"let people in without an account (--guests=false: don't)" reload:"yes"`

	Registration voiceapp.Registration `name:"registration" value:"open|invite|closed" help:"who may make an account: everyone, whoever has an invite, or nobody" reload:"yes"`

	VoiceLoops int           `name:"voice-loops" value:"N" help:"sockets and loops that forward voice; 0: one for every two cores"`
	VoiceWait  time.Duration `name:"voice-wait" value:"TIME" help:"how long at most a frame waits for others where many talk, if its channel does not say; 0: none waits anywhere"`
	Loudest    int           `name:"loudest" value:"N" help:"how many at most are heard at once in a channel that does not say; 0: all"`

	BackupEvery time.Duration `name:"backup-every" value:"TIME" help:"time from one backup in backups/ to the next; 0: none"`
	BackupKeep  int           `name:"backup-keep" value:"N" help:"how many of these backups to keep"`
	Ping        bool          `name:"ping" help:"answer a ping before login (--ping=false: do not)" reload:"yes"`
	KeepChat    bool          `name:"keep-chat" help:"keep what is written, for those who come later (--keep-chat=false: do not)" reload:"yes"`
	History     time.Duration `name:"history" value:"TIME" help:"how long chat is kept; 0: for good" reload:"yes"`
	KickTime    time.Duration `name:"kick-time" value:"TIME" help:"how long who was kicked is refused; 0: not at all" reload:"yes"`
	PublicAddr  string        `name:"public-address" value:"HOST:PORT" help:"where clients reach the server, for the links of invites" reload:"yes"`
	AuthURL     string        `name:"auth-url" value:"URL" help:"another program that says who may log in (see the package authhook)"`
	AuthAllow   string        `name:"auth-allow" value:"HOSTS" help:"hosts and ranges, by commas, where that program may be although they are private"`
	HookAllow   string        `name:"webhook-allow" value:"HOSTS" help:"hosts and ranges, by commas, that webhooks may tell by http or although they are private"`
	Plugins     string        `name:"plugins" value:"DIR" help:"the plugins that read chat before it is delivered (see voiceapp plugin); plugins in the data directory"`
	LogLevel    slog.Level    `name:"log-level" value:"LEVEL" help:"the least to log: DEBUG, INFO, WARN or ERROR" reload:"yes"`
	LogFormat   logFormat     `name:"log-format" value:"text|json" help:"form of the log's lines"`

	fixed []string // those of the settings that an owner can't change while the server runs
}

func defaultSettings() *settings {
	return &settings{
		Data:         filepath.Join(xdg.DataHome, "voiceapp"),
		Listen:       ":7788",
		Name:         "voiceapp",
		Guests:       true,
		Registration: voiceapp.RegistrationOpen,
		VoiceWait:    relay.DefaultMaxWait,
		BackupEvery:  24 * time.Hour,
		BackupKeep:   7,
		KeepChat:     true,
		Ping:         true,
		History:      90 * 24 * time.Hour,
		KickTime:     time.Minute,
		LogFormat:    logText,

		adminSettings: adminSettings{Admin: "127.0.0.1:7789"},
	}
}

// settingsFile names the file to read: the one that was asked for, or else
// config.toml in the data directory if it is there.
func settingsFile(set *config.Set) (string, error) {
	if path, ok := set.Lookup("config"); ok {
		return path, nil
	}
	data, ok := set.Lookup("data")
	if !ok {
		data = defaultSettings().Data
	}
	path := filepath.Join(data, "config.toml")
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", unusableData(err)
	}
	return path, nil
}

func unusableData(cause error) error {
	return voiceapp.WrapError(voiceapp.Invalid, "the data directory is of no use: name one that you may write by --data", cause)
}

func (s *settings) validate() error {
	if err := checkAddress("listen", s.Listen); err != nil {
		return err
	}
	if err := voiceapp.CheckName(s.Name); err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "name", err)
	}
	if err := s.checkVoice(); err != nil {
		return err
	}
	if s.BackupEvery < 0 || s.BackupEvery > 0 && s.BackupEvery < time.Minute {
		return voiceapp.NewError(voiceapp.Invalid, "backup-every: write 0 for none, or at least 1m, such as 24h")
	}
	if s.BackupKeep < 1 || s.BackupKeep > 1000 {
		return voiceapp.NewError(voiceapp.Invalid, "backup-keep: write a number from 1 to 1000")
	}
	if s.History < 0 {
		return voiceapp.NewError(voiceapp.Invalid, "history: write 0 for good, or a time such as 2160h")
	}
	if s.KickTime < 0 || s.KickTime > 24*time.Hour {
		return voiceapp.NewError(voiceapp.Invalid, "kick-time: write 0 for none, or a time up to 24h, such as 60s")
	}
	if s.Data == "" {
		return voiceapp.NewError(voiceapp.Invalid, "data: name the directory for the database and the keys")
	}
	if _, err := outbound.Parse(hostList(s.HookAllow)); err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "webhook-allow", err)
	}
	if err := s.checkAccounts(); err != nil {
		return err
	}
	return s.checkAdmin()
}

// checkAddress looks at a setting that is an address to listen at.
func checkAddress(name, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s: %q is no address: write HOST:PORT, or :PORT for every address", name, address))
	}
	return nil
}

// hostList gives the entries of a setting that are parted by commas.
func hostList(text string) (hosts []string) {
	for host := range strings.SplitSeq(text, ",") {
		if host = strings.TrimSpace(host); host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// presence says whether the database has to be there already.
type presence bool

const (
	mustExist presence = true
	mayBeNew  presence = false
)

// makeData makes the data directory where there is none.
func (s *settings) makeData() error {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return unusableData(err)
	}
	return nil
}

// openStore opens the database in the data directory.
func openStore(ctx context.Context, s *settings, wanted presence, log *slog.Logger) (*store.Store, error) {
	path := filepath.Join(s.Data, "voiceapp.db")
	if _, err := os.Stat(path); wanted == mustExist && errors.Is(err, fs.ErrNotExist) {
		return nil, voiceapp.NewError(voiceapp.NotFound, "there is no database in "+s.Data+": start the server once, or name its directory by --data")
	}
	if err := s.makeData(); err != nil {
		return nil, err
	}
	if archive.Pending(s.Data) {
		return nil, errPending(s.Data)
	}
	return store.Open(ctx, path, store.Options{Log: log})
}

// asControl gives those of the settings that can change while the server runs, as
// control has them.
func (s *settings) asControl() voiceapp.Settings {
	return voiceapp.Settings{
		Name: s.Name, Guests: s.Guests, Registration: s.Registration, PublicAddress: s.PublicAddr,
		KeepChat: s.KeepChat, History: s.History, Ping: s.Ping, KickTime: s.KickTime,
	}
}

// fixedSettings names, as the JSON of voiceapp.Settings does, what the configuration
// says: owners can't change it while the server runs.
func fixedSettings(set *config.Set) (fixed []string) {
	for _, name := range []string{"name", "guests", "registration", "public-address", "keep-chat", "history", "ping", "kick-time"} {
		if set.Source(name) != config.Default {
			fixed = append(fixed, strings.ReplaceAll(name, "-", "_"))
		}
	}
	return fixed
}
