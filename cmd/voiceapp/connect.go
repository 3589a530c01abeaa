package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// reach is how a command finds the server.
type reach struct {
	Server      string               `name:"server" value:"HOST:PORT" help:"the server, or @NAME for one that voiceapp bookmark list shows"`
	Fingerprint voiceapp.Fingerprint `name:"fingerprint" value:"HEX" help:"the server's key, as it printed it at its start"`
	TrustFirst  bool                 `name:"trust-first-use" help:"trust a server that you never met, and remember its key"`
	JSON        bool                 `name:"json" help:"one JSON object a line, for programs"`

	saved saved
}

func anyServer() reach { return reach{Server: "localhost:7788"} }

// connect connects to the server, without a session.
func (r *reach) connect(ctx context.Context, streams *cli.Streams) (*control.Client, error) {
	config, err := r.config(ctx, streams)
	if err != nil {
		return nil, err
	}
	return control.Connect(ctx, r.Server, config)
}

// deviceKey gives the key by which a server knows this device; none, with a warning,
// where it can't be kept.
func deviceKey(streams *cli.Streams, server voiceapp.Fingerprint) control.DeviceKey {
	dir := filepath.Join(filepath.Dir(bookmarks.DefaultPinsPath()), "devices")
	key, err := control.DeviceKeysIn(dir)(server)
	if err != nil {
		fmt.Fprintf(streams.Err, "warning: %v; the server will not know this device again\n", err)
	}
	return key
}

// config says by which key the server knows this device, and which server to trust:
// the one with the given key, the one that was pinned, or the one that the person
// accepts now.
func (r *reach) config(ctx context.Context, streams *cli.Streams) (control.ClientConfig, error) {
	config := control.ClientConfig{
		Fingerprint: r.Fingerprint,
		DeviceKey:   func(server voiceapp.Fingerprint) (control.DeviceKey, error) { return deviceKey(streams, server), nil },
	}
	if err := r.lookUp(); err != nil {
		return config, err
	}
	if !r.Fingerprint.IsZero() {
		config.Fingerprint = r.Fingerprint
		return config, nil
	}
	if r.saved.book != nil {
		config.Trust = r.saved.trust(r.asked(ctx, streams))
		return config, nil
	}
	pins, err := bookmarks.OpenPins(bookmarks.DefaultPinsPath())
	if err != nil {
		return config, err
	}
	config.Trust = pins.TrustAsked(r.asked(ctx, streams))
	return config, nil
}

// asked asks a person about the key of a server that is met for the first time, unless
// everyone is trusted then.
func (r *reach) asked(ctx context.Context, streams *cli.Streams) func(addr string, shown voiceapp.Fingerprint) error {
	return func(addr string, shown voiceapp.Fingerprint) error {
		if r.TrustFirst {
			return nil
		}
		yes, err := confirm(ctx, streams, fmt.Sprintf("This is the first contact with %s. Its key is\n  %s\nDid the server print that at its start?", addr, shown))
		if err != nil || yes {
			return err
		}
		return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
			"%s is not trusted yet. If its key is %s, pass that by --fingerprint; --trust-first-use accepts whoever answers", addr, shown))
	}
}

// login is how a command opens a session.
type login struct {
	reach

	User         string `name:"user" value:"NAME" help:"your name there; without it, that of the saved server, or yours on this computer"`
	PasswordFile string `name:"password-file" value:"FILE" help:"your password, the first line of a file (- is standard input); without one you are a guest"`
}

func asUser() login { return login{reach: anyServer()} }

// name is the name to log in with.
func (l *login) name() string {
	local := os.Getenv("USER")
	if voiceapp.CheckName(local) != nil {
		local = "guest"
	}
	return cmp.Or(l.User, l.saved.User, local)
}

// secret reads the password, or what the desktop client keeps for a saved server; neither
// for a guest.
func (l *login) secret(ctx context.Context, streams *cli.Streams) (bookmarks.Secret, error) {
	if err := l.lookUp(); err != nil {
		return bookmarks.Secret{}, err
	}
	if l.PasswordFile == "" {
		return l.saved.secret(ctx, streams, l.name()), nil
	}
	secrets, err := readSecrets(ctx, streams, l.PasswordFile, "password")
	if err != nil {
		return bookmarks.Secret{}, err
	}
	return bookmarks.Secret{Password: secrets[0]}, nil
}

// dial opens a session.
func (l *login) dial(ctx context.Context, streams *cli.Streams) (*control.Client, error) {
	secret, err := l.secret(ctx, streams)
	if err != nil {
		return nil, err
	}
	client, err := l.connect(ctx, streams)
	if err != nil {
		return nil, err
	}
	if secret.Token != "" {
		err = client.OpenToken(ctx, secret.Token)
	} else {
		err = client.Open(ctx, l.name(), secret.Password)
	}
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	l.saved.used(streams)
	return client, nil
}

// member is a session in a channel.
type member struct {
	login

	Channel string `name:"channel" value:"PATH" help:"the channel, such as Games/Chess; without it, that of the saved server, or Lobby"`
}

func inChannel() member { return member{login: asUser()} }

// dial opens a session that comes back when its connection is lost, and joins the
// channel.
func (m *member) dial(ctx context.Context, streams *cli.Streams) (*control.Reconnector, error) {
	secret, err := m.secret(ctx, streams)
	if err != nil {
		return nil, err
	}
	config, err := m.config(ctx, streams)
	if err != nil {
		return nil, err
	}
	config.Name, config.Password, config.Token = m.name(), secret.Password, secret.Token
	client, err := control.DialReconnecting(ctx, m.Server, config)
	if err != nil {
		return nil, err
	}
	m.saved.used(streams)
	if _, err := client.Client().JoinPath(ctx, cmp.Or(m.Channel, m.saved.Channel, "Lobby")); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}
