package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// chat is the command chat.
type chat struct {
	member
	withPlugins

	To      string `name:"to" value:"NAME" help:"write to somebody who is there, in place of the channel, and show what he writes to you alone"`
	History int    `name:"history" value:"N" help:"first show the last N messages, at most 50"`

	with voiceapp.ChatTarget // whom To names; the zero target: the channel
	away bool                // the connection is lost, and that was said

	plugins  *plugin.Host // nil: none
	printing sync.Mutex
}

func (c *chat) run(ctx context.Context, streams *cli.Streams, _ []string) (err error) {
	c.plugins, err = c.open(ctx, streams, plugin.Config{Hooks: []string{plugin.HookChatOutgoing, plugin.HookChatIncoming}})
	if err != nil {
		return err
	}
	if c.plugins != nil {
		defer c.plugins.Close()
	}
	client, err := c.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := c.begin(ctx, client, streams); err != nil {
		return err
	}
	shown := make(chan error, 1)
	go func() { shown <- c.show(ctx, client, streams) }()
	lines := make(chan error, 1)
	go func() { lines <- c.sendLines(ctx, client, streams) }()
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

// begin finds out whom to write to, and shows what was said before.
func (c *chat) begin(ctx context.Context, client *control.Reconnector, streams *cli.Streams) (err error) {
	if c.To != "" {
		if c.with, err = named(client, c.To); err != nil {
			return err
		}
	}
	if c.History == 0 {
		return nil
	}
	said, _, err := client.Client().ChatHistory(ctx, c.with, 0, c.History)
	if err != nil {
		return err
	}
	for _, m := range said {
		if err := c.present(ctx, streams, client.Client().Self(), messageLine("chat.history", m)); err != nil {
			return err
		}
	}
	return nil
}

// named finds somebody who is there.
func named(client *control.Reconnector, name string) (voiceapp.ChatTarget, error) {
	for _, p := range client.Client().Sessions() {
		switch {
		case voiceapp.FoldName(p.Name) != voiceapp.FoldName(name):
		case p.User != 0:
			return voiceapp.ChatTarget{To: p.User}, nil
		default:
			return voiceapp.ChatTarget{ToSession: p.Session}, nil
		}
	}
	return voiceapp.ChatTarget{}, voiceapp.NewError(voiceapp.NotFound, "nobody here is called "+cli.Printable(name))
}

// sendLines sends each line, and waits where that is too fast for the server, or
// there is no connection.
func (c *chat) sendLines(ctx context.Context, client *control.Reconnector, streams *cli.Streams) error {
	lines := bufio.NewScanner(streams.In)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		self := client.Client().Self()
		line := chatLine{Text: lines.Text(), Name: self.Name, user: self.User, Channel: self.Channel}
		line.direct = c.with != voiceapp.ChatTarget{}
		keep, err := c.filter(ctx, streams, plugin.HookChatOutgoing, &line)
		if err == nil && keep {
			err = c.sendLine(ctx, client, line.Text)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

func (c *chat) sendLine(ctx context.Context, client *control.Reconnector, line string) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		_, err := client.Client().SendChatTo(ctx, c.with, line)
		if !errors.Is(err, voiceapp.Limited) && !errors.Is(err, voiceapp.Unavailable) {
			return err
		}
		select {
		case <-time.After(cmp.Or(voiceapp.AsError(err).RetryAfter, wait)):
		case <-client.Done():
			return client.Err()
		case <-ctx.Done():
			return errInterrupted
		}
	}
}

// show prints what happens until the connection ends.
func (c *chat) show(ctx context.Context, client *control.Reconnector, streams *cli.Streams) error {
	for event := range client.Events() {
		line, ok := c.line(client, event)
		if !ok {
			continue
		}
		if err := c.present(ctx, streams, client.Client().Self(), line); err != nil {
			return err
		}
	}
	return nil
}

// present prints a line, as the plugins leave it.
func (c *chat) present(ctx context.Context, streams *cli.Streams, self voiceapp.Presence, line chatLine) error {
	if line.Text != "" && line.Name != self.Name {
		if keep, err := c.filter(ctx, streams, plugin.HookChatIncoming, &line); err != nil || !keep {
			return err
		}
	}
	return c.print(streams, line, self)
}

// line is what there is to say of an event, if anything.
func (c *chat) line(client *control.Reconnector, event control.Event) (line chatLine, ok bool) {
	switch e := event.(type) {
	case control.ChatSent:
		return messageLine("chat.sent", e.Message), c.concerns(e.Message)
	case control.ChatEdited:
		return messageLine("chat.edited", e.Message), c.concerns(e.Message)
	case control.ChatDeleted:
		return chatLine{Event: "chat.deleted", At: time.Now(), ID: e.ID, Channel: e.Channel, To: e.To}, c.JSON
	case control.Disconnected:
		first := !c.away
		c.away = true
		return chatLine{Event: "disconnected", At: time.Now(), mark: "the connection is lost; coming back"}, first
	case control.Reconnected:
		c.away = false
		return chatLine{Event: "reconnected", At: time.Now(), mark: "here again"}, true
	case control.UserMoved:
		here := client.Client().Self().Channel
		return chatLine{Event: "user.moved", At: time.Now(), Name: e.Name, Channel: e.Channel}, c.To == "" && (e.From == here || e.Channel == here)
	}
	return chatLine{}, false
}

// concerns reports whether a message belongs to what is shown: with --to, only what
// the two have written to each other.
func (c *chat) concerns(m voiceapp.Message) bool {
	switch {
	case c.with.To != 0:
		return m.To != 0 && (m.To == c.with.To || m.User == c.with.To)
	case c.with.ToSession != 0:
		return m.ToSession == c.with.ToSession
	default:
		return true
	}
}

// chatLine is a line of what chat reports with --json.
type chatLine struct {
	Event   string             `json:"event"`
	At      time.Time          `json:"at"`
	ID      voiceapp.MessageID `json:"id,omitempty"`
	Name    string             `json:"name,omitempty"`
	Text    string             `json:"text,omitempty"`
	Channel voiceapp.ChannelID `json:"channel,omitempty"`
	To      voiceapp.UserID    `json:"to,omitempty"`

	mark   string // what people read beside the name
	user   voiceapp.UserID
	direct bool
}

func messageLine(event string, m voiceapp.Message) chatLine {
	line := chatLine{Event: event, At: m.Sent, ID: m.ID, Name: m.Name, Text: m.Text, Channel: m.Channel, To: m.To, user: m.User}
	line.direct = m.To != 0 || m.ToSession != 0
	switch {
	case line.direct:
		line.mark = " (direct)"
	case m.Channel == 0:
		line.mark = " (to all)"
	}
	if !m.Edited.IsZero() {
		line.mark += " (edited)"
	}
	return line
}

func (c *chat) print(streams *cli.Streams, line chatLine, self voiceapp.Presence) error {
	c.printing.Lock()
	defer c.printing.Unlock()
	at := line.At.Local().Format("15:04")
	switch {
	case c.JSON:
		return streams.PrintJSON(line)
	case line.Text != "":
		fmt.Fprintf(streams.Out, "%s %s%s: %s\n", at, cli.Printable(line.Name), line.mark, cli.Printable(line.Text))
	case line.Name == "":
		fmt.Fprintf(streams.Out, "%s %s\n", at, line.mark)
	case line.Name != self.Name:
		fmt.Fprintf(streams.Out, "%s %s %s\n", at, cli.Printable(line.Name), map[bool]string{true: "came", false: "went"}[line.Channel == self.Channel])
	}
	return nil
}
