package main

import (
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
	Server      string               `name:"server" value:"HOST:PORT" help:"the server"`
	Fingerprint voiceapp.Fingerprint `name:"fingerprint" value:"HEX" help:"the server's key, as it printed it at its start"`
	TrustFirst  bool                 `name:"trust-first-use" help:"trust a server that you never met, and remember its key"`
	JSON        bool                 `name:"json" help:"one JSON object a line, for programs"`
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
	if !r.Fingerprint.IsZero() {
		return config, nil
	}
	pins, err := bookmarks.OpenPins(bookmarks.DefaultPinsPath())
	if err != nil {
		return config, err
	}
	if config.Trust = pins.TrustFirstUse; r.TrustFirst {
		return config, nil
	}
	config.Trust = pins.TrustAsked(func(addr string, shown voiceapp.Fingerprint) error {
		yes, err := confirm(ctx, streams, fmt.Sprintf("This is the first contact with %s. Its key is\n  %s\nDid the server print that at its start?", addr, shown))
		if err != nil || yes {
			return err
		}
		return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
			"%s is not trusted yet. If its key is %s, pass that by --fingerprint; --trust-first-use accepts whoever answers", addr, shown))
	})
	return config, nil
}

// login is how a command opens a session.
type login struct {
	reach

	User         string `name:"user" value:"NAME" help:"your name there"`
	PasswordFile string `name:"password-file" value:"FILE" help:"your password, the first line of a file (- is standard input); without one you are a guest"`
}

func asUser() login {
	user := os.Getenv("USER")
	if voiceapp.CheckName(user) != nil {
		user = "guest"
	}
	return login{reach: anyServer(), User: user}
}

// password reads the password, "" for a guest.
func (l *login) password(ctx context.Context, streams *cli.Streams) (string, error) {
	if l.PasswordFile == "" {
		return "", nil
	}
	secrets, err := readSecrets(ctx, streams, l.PasswordFile, "password")
	if err != nil {
		return "", err
	}
	return secrets[0], nil
}

// dial opens a session.
func (l *login) dial(ctx context.Context, streams *cli.Streams) (*control.Client, error) {
	password, err := l.password(ctx, streams)
	if err != nil {
		return nil, err
	}
	client, err := l.connect(ctx, streams)
	if err != nil {
		return nil, err
	}
	if err := client.Open(ctx, l.User, password); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

// member is a session in a channel.
type member struct {
	login

	Channel string `name:"channel" value:"PATH" help:"the channel, such as Lobby or Games/Chess"`
}

func inChannel() member { return member{login: asUser(), Channel: "Lobby"} }

// dial opens a session that comes back when its connection is lost, and joins the
// channel.
func (m *member) dial(ctx context.Context, streams *cli.Streams) (*control.Reconnector, error) {
	password, err := m.password(ctx, streams)
	if err != nil {
		return nil, err
	}
	config, err := m.config(ctx, streams)
	if err != nil {
		return nil, err
	}
	config.Name, config.Password = m.User, password
	client, err := control.DialReconnecting(ctx, m.Server, config)
	if err != nil {
		return nil, err
	}
	if _, err := client.Client().JoinPath(ctx, m.Channel); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}
