package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// channels is the command channels.
type channels struct{ login }

// peopledChannel is a channel and who is in it.
type peopledChannel struct {
	voiceapp.Channel
	People []voiceapp.Presence `json:"people"`
}

func (c *channels) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	client, err := c.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	people := make(map[voiceapp.ChannelID][]voiceapp.Presence)
	for _, p := range client.Sessions() {
		people[p.Channel] = append(people[p.Channel], p)
	}
	if !c.JSON {
		printTree(streams.Out, client.Channels(), people, 0, "")
		return nil
	}
	for _, ch := range client.Channels() {
		line := peopledChannel{ch, people[ch.ID]}
		if line.People == nil {
			line.People = []voiceapp.Presence{}
		}
		if err := streams.PrintJSON(line); err != nil {
			return err
		}
	}
	return nil
}

func printTree(w io.Writer, tree []voiceapp.Channel, people map[voiceapp.ChannelID][]voiceapp.Presence, parent voiceapp.ChannelID, indent string) {
	for _, c := range tree {
		if c.Parent != parent {
			continue
		}
		fmt.Fprintf(w, "%s%s\n", indent, describe(c, len(people[c.ID])))
		for _, p := range people[c.ID] {
			fmt.Fprintf(w, "%s  - %s\n", indent, cli.Printable(p.Name))
		}
		printTree(w, tree, people, c.ID, indent+"  ")
	}
}

// describe gives a channel in one line.
func describe(c voiceapp.Channel, here int) string {
	text := fmt.Sprintf("%s, %d kbit/s", cli.Printable(c.Name), c.Bitrate/1000)
	if c.MaxUsers > 0 {
		text += fmt.Sprintf(", %d of %d", here, c.MaxUsers)
	}
	if c.Loudest > 0 {
		text += fmt.Sprintf(", the %d loudest", c.Loudest)
	}
	if c.Temporary {
		text += ", temporary"
	}
	if c.RequiredRole > voiceapp.RoleGuest {
		text += " (for " + c.RequiredRole.String() + " and above)"
	}
	if c.Topic != "" {
		text += ": " + cli.Printable(strings.Join(strings.Fields(c.Topic), " "))
	}
	return text
}

// at opens a session and finds the channel of a path.
func (l *login) at(ctx context.Context, streams *cli.Streams, path string) (*control.Client, voiceapp.Channel, error) {
	client, err := l.dial(ctx, streams)
	if err != nil {
		return nil, voiceapp.Channel{}, err
	}
	ch, err := voiceapp.FindPath(client.Channels(), path)
	if err != nil {
		_ = client.Close()
		return nil, ch, err
	}
	return client, ch, nil
}

// printChannel says what a channel is now.
func (l *login) printChannel(streams *cli.Streams, ch voiceapp.Channel, err error) error {
	switch {
	case err != nil:
		return err
	case l.JSON:
		return streams.PrintJSON(ch)
	}
	fmt.Fprintln(streams.Out, describe(ch, 0))
	return nil
}

// explain is the command channels explain.
type explain struct {
	login

	Of string `name:"of" value:"NAME" help:"somebody who is there, in place of yourself"`
}

func (e *explain) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, ch, err := e.at(ctx, streams, args[0])
	if err != nil {
		return err
	}
	defer client.Close()
	who := client.Self().Session
	if e.Of != "" {
		if who, err = sessionNamed(client, e.Of); err != nil {
			return err
		}
	}
	said, err := client.ExplainSession(ctx, ch.ID, who)
	if err != nil {
		return err
	}
	if e.JSON {
		return streams.PrintJSON(said)
	}
	for _, may := range []struct {
		what string
		voiceapp.Permission
	}{{"see", said.See}, {"join", said.Join}, {"speak", said.Speak}, {"write", said.Write}} {
		fmt.Fprintf(streams.Out, "%-5s  %-3s  %s\n", may.what, map[bool]string{true: "yes", false: "no"}[may.Allowed], cli.Printable(may.Reason))
	}
	return nil
}

// sessionNamed finds somebody who is there.
func sessionNamed(client *control.Client, name string) (voiceapp.SessionID, error) {
	for _, p := range client.Sessions() {
		if voiceapp.FoldName(p.Name) == voiceapp.FoldName(name) {
			return p.Session, nil
		}
	}
	return 0, voiceapp.NewError(voiceapp.NotFound, "nobody here is called "+cli.Printable(name))
}
