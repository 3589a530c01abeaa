package main

import (
	"context"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// ping is the command ping.
type ping struct {
	login

	Count int  `name:"count" help:"how often"`
	Voice bool `name:"voice" help:"log in, and try by which way voice goes"`
}

func (p *ping) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	if p.Count < 1 {
		return voiceapp.NewError(voiceapp.Invalid, "--count is at least 1")
	}
	dial := p.connect
	if p.Voice {
		dial = p.dial
	}
	client, err := dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	for range p.Count {
		rtt, err := client.Ping(ctx)
		if err != nil {
			return err
		}
		ms := float64(rtt.Microseconds()) / 1000
		if p.JSON {
			err = streams.PrintJSON(map[string]float64{"rtt_ms": ms})
		} else {
			_, err = fmt.Fprintf(streams.Out, "%s answers in %.2f ms\n", client.Addr(), ms)
		}
		if err != nil {
			return err
		}
	}
	if p.Voice {
		return p.tryVoice(ctx, streams, client)
	}
	return nil
}

// claim is the command claim.
type claim struct {
	reach

	Name         string `name:"name" help:"the name of the owner's account"`
	TokenFile    string `name:"token-file" value:"FILE" help:"the token, the first line of a file (- is standard input)"`
	PasswordFile string `name:"password-file" value:"FILE" help:"the new password, the first line of a file; without it, the second line of the token's"`
}

func (c *claim) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	if c.Name == "" || c.TokenFile == "" {
		return voiceapp.NewError(voiceapp.Invalid, "name the account by --name, and the file with the server's token by --token-file")
	}
	token, password, err := readTwoSecrets(ctx, streams, c.TokenFile, "token", c.PasswordFile, "new password")
	if err != nil {
		return err
	}
	client, err := c.connect(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	user, err := client.Claim(ctx, token, c.Name, password)
	if err != nil {
		return err
	}
	if c.JSON {
		return streams.PrintJSON(user)
	}
	fmt.Fprintf(streams.Out, "%s is the owner now. Log in with --user %q and the new password.\n", user.Name, user.Name)
	return nil
}
