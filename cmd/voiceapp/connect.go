package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// connection is how a command reaches the server.
type connection struct {
	Server       string               `name:"server" value:"HOST:PORT" help:"the server"`
	User         string               `name:"user" value:"NAME" help:"your name there"`
	PasswordFile string               `name:"password-file" value:"FILE" help:"your password, the first line of a file (- is standard input); without one you are a guest"`
	Fingerprint  voiceapp.Fingerprint `name:"fingerprint" value:"HEX" help:"the server's key, as it printed it at its start"`
	TrustFirst   bool                 `name:"trust-first-use" help:"trust a server that you never met, and remember its key"`
	JSON         bool                 `name:"json" help:"one JSON object a line, for programs"`
}

func connected() connection {
	user := os.Getenv("USER")
	if voiceapp.CheckName(user) != nil {
		user = "guest"
	}
	return connection{Server: "localhost:7788", User: user}
}

// dial opens a session.
func (c *connection) dial(ctx context.Context, streams *cli.Streams) (_ *control.Client, err error) {
	var password string
	if c.PasswordFile != "" {
		if password, err = streams.ReadSecret(c.PasswordFile, "password"); err != nil {
			return nil, err
		}
	}
	client, err := c.reach(ctx, streams)
	if err != nil {
		return nil, err
	}
	if err := client.Open(ctx, c.User, password); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}

// reach connects to the server, without a session.
func (c *connection) reach(ctx context.Context, streams *cli.Streams) (*control.Client, error) {
	config, err := c.config(streams)
	if err != nil {
		return nil, err
	}
	return control.Connect(ctx, c.Server, config)
}

// config says which server to trust: the one with the given key, the one that was
// pinned, or the one that the person accepts now.
func (c *connection) config(streams *cli.Streams) (control.ClientConfig, error) {
	if !c.Fingerprint.IsZero() {
		return control.ClientConfig{Fingerprint: c.Fingerprint}, nil
	}
	pins, err := bookmarks.OpenPins(bookmarks.DefaultPinsPath())
	if err != nil {
		return control.ClientConfig{}, err
	}
	if c.TrustFirst {
		return control.ClientConfig{Trust: pins.TrustFirstUse}, nil
	}
	return control.ClientConfig{Trust: pins.TrustAsked(func(addr string, shown voiceapp.Fingerprint) error {
		if streams.Confirm(fmt.Sprintf("This is the first contact with %s. Its key is\n  %s\nDid the server print that at its start?", addr, shown)) {
			return nil
		}
		return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
			"%s is not trusted yet. If its key is %s, pass that by --fingerprint; --trust-first-use accepts whoever answers", addr, shown))
	})}, nil
}

// member is a connection that is in a channel.
type member struct {
	connection

	Channel string `name:"channel" value:"PATH" help:"the channel, such as Lobby or Games/Chess"`
}

func inChannel() member { return member{connection: connected(), Channel: "Lobby"} }

// dial opens a session and joins the channel.
func (m *member) dial(ctx context.Context, streams *cli.Streams) (*control.Client, error) {
	client, err := m.connection.dial(ctx, streams)
	if err != nil {
		return nil, err
	}
	if _, err := client.JoinPath(ctx, m.Channel); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return client, nil
}
