package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// chat is the command chat.
type chat struct{ member }

func (c *chat) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	client, err := c.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	shown := make(chan error, 1)
	go func() { shown <- c.show(client, streams) }()
	lines := make(chan error, 1)
	go func() { lines <- sendLines(ctx, client, streams.In) }()
	select {
	case err = <-lines:
	case <-client.Done():
		err = client.Err()
	case <-ctx.Done():
	}
	_ = client.Close() // its only error is that it was closed before
	if failed := <-shown; err == nil {
		err = failed
	}
	return err
}

// sendLines sends each line, and waits where that is too fast for the server.
func sendLines(ctx context.Context, client *control.Client, in io.Reader) error {
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := sendLine(ctx, client, lines.Text()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

func sendLine(ctx context.Context, client *control.Client, line string) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		_, err := client.SendChat(ctx, line)
		if !errors.Is(err, voiceapp.Limited) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errInterrupted
		}
	}
}

// show prints what happens until the connection ends.
func (c *chat) show(client *control.Client, streams *cli.Streams) error {
	for event := range client.Events() {
		line := chatLine{At: time.Now()}
		switch e := event.(type) {
		case control.ChatSent:
			line.Event, line.Name, line.Text, line.At = "chat.sent", e.Name, e.Text, e.Sent
		case control.UserMoved:
			if here := client.Self().Channel; e.From != here && e.Channel != here {
				continue
			}
			line.Event, line.Name, line.Channel = "user.moved", e.Name, e.Channel
		default:
			continue
		}
		if err := c.print(streams, line, client.Self()); err != nil {
			return err
		}
	}
	return nil
}

// chatLine is a line of what chat reports with --json.
type chatLine struct {
	Event   string             `json:"event"`
	At      time.Time          `json:"at"`
	Name    string             `json:"name"`
	Text    string             `json:"text,omitempty"`
	Channel voiceapp.ChannelID `json:"channel,omitempty"`
}

func (c *chat) print(streams *cli.Streams, line chatLine, self voiceapp.Presence) error {
	switch {
	case c.JSON:
		return streams.PrintJSON(line)
	case line.Event == "chat.sent":
		fmt.Fprintf(streams.Out, "%s %s: %s\n", line.At.Local().Format("15:04"), cli.Printable(line.Name), cli.Printable(line.Text))
	case line.Name != self.Name:
		fmt.Fprintf(streams.Out, "%s %s %s\n", line.At.Local().Format("15:04"), cli.Printable(line.Name), map[bool]string{true: "came", false: "went"}[line.Channel == self.Channel])
	}
	return nil
}

// channels is the command channels.
type channels struct{ login }

func (c *channels) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	client, err := c.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	tree := client.Channels()
	if c.JSON {
		for _, channel := range tree {
			if err := streams.PrintJSON(channel); err != nil {
				return err
			}
		}
		return nil
	}
	people := make(map[voiceapp.ChannelID][]string)
	for _, p := range client.Sessions() {
		people[p.Channel] = append(people[p.Channel], p.Name)
	}
	printTree(streams.Out, tree, people, 0, "")
	return nil
}

func printTree(w io.Writer, tree []voiceapp.Channel, people map[voiceapp.ChannelID][]string, parent voiceapp.ChannelID, indent string) {
	for _, c := range tree {
		if c.Parent != parent {
			continue
		}
		note := ""
		if c.RequiredRole > voiceapp.RoleGuest {
			note = " (for " + c.RequiredRole.String() + " and above)"
		}
		fmt.Fprintf(w, "%s%s, %d kbit/s%s\n", indent, cli.Printable(c.Name), c.Bitrate/1000, note)
		for _, name := range people[c.ID] {
			fmt.Fprintf(w, "%s  - %s\n", indent, cli.Printable(name))
		}
		printTree(w, tree, people, c.ID, indent+"  ")
	}
}

// ping is the command ping.
type ping struct {
	reach

	Count int `name:"count" help:"how often"`
}

func (p *ping) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	if p.Count < 1 {
		return voiceapp.NewError(voiceapp.Invalid, "--count is at least 1")
	}
	client, err := p.connect(ctx, streams)
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
	token, password, err := c.secrets(ctx, streams)
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

// secrets reads the token and the new password.
func (c *claim) secrets(ctx context.Context, streams *cli.Streams) (token, password string, err error) {
	if c.PasswordFile == "" {
		both, err := readSecrets(ctx, streams, c.TokenFile, "token", "new password")
		if err != nil {
			return "", "", err
		}
		return both[0], both[1], nil
	}
	first, err := readSecrets(ctx, streams, c.TokenFile, "token")
	if err != nil {
		return "", "", err
	}
	second, err := readSecrets(ctx, streams, c.PasswordFile, "new password")
	if err != nil {
		return "", "", err
	}
	return first[0], second[0], nil
}
