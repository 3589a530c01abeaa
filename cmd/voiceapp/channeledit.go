package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// channelFlags are what of a channel can be set. What is not named stays.
type channelFlags struct {
	Topic        maybeText   `name:"topic" value:"TEXT" help:"what it is about"`
	Bitrate      maybeNumber `name:"bitrate" value:"BPS" help:"most bits a second of one speaker; 0 is the server's default"`
	MaxUsers     maybeNumber `name:"max-users" value:"N" help:"most people in it, moderators aside; 0 is no limit"`
	Loudest      maybeNumber `name:"loudest" value:"N" help:"most who are heard at once, the loudest; 0 is as the server says, -1 all"`
	MaxWait      maybeNumber `name:"max-wait-ms" value:"MS" help:"how long frames wait for others where many talk; 0 is as the server says, -1 never"`
	RequiredRole maybeRole   `name:"required-role" value:"ROLE" help:"the lowest role that may join: guest, member, moderator, admin, owner or a number"`
	SpeakRole    maybeRole   `name:"speak-role" value:"ROLE" help:"the lowest role that is heard"`
	WriteRole    maybeRole   `name:"write-role" value:"ROLE" help:"the lowest role that may write"`
	SeeRole      maybeRole   `name:"see-role" value:"ROLE" help:"the lowest role to which it exists"`
	Reason       string      `name:"reason" value:"TEXT" help:"why, for the audit log"`
}

func (f *channelFlags) edit() voiceapp.ChannelEdit {
	return voiceapp.ChannelEdit{
		Topic:        f.Topic.value,
		Bitrate:      f.Bitrate.value,
		MaxUsers:     f.MaxUsers.value,
		Loudest:      f.Loudest.value,
		MaxWait:      f.MaxWait.value,
		RequiredRole: f.RequiredRole.value,
		SpeakRole:    f.SpeakRole.value,
		WriteRole:    f.WriteRole.value,
		SeeRole:      f.SeeRole.value,
	}
}

// Flags whose value is nil when they are not given.
type (
	maybeText   struct{ value *string }
	maybeNumber struct{ value *int }
	maybeRole   struct{ value *voiceapp.Role }
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *maybeText) UnmarshalText(text []byte) error {
	m.value = new(string(text))
	return voiceapp.CheckText("it", *m.value, voiceapp.MaxTopicLength)
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *maybeNumber) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return voiceapp.NewError(voiceapp.Invalid, strconv.Quote(string(text))+" is not a whole number")
	}
	m.value = &n
	return nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *maybeRole) UnmarshalText(text []byte) error {
	role, err := voiceapp.ParseRole(string(text))
	if err != nil {
		return err
	}
	m.value = &role
	return nil
}

// createChannel is the command channels create.
type createChannel struct {
	login
	channelFlags
}

func (c *createChannel) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, err := c.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	ch := voiceapp.Channel{Name: args[0]}
	if cut := strings.LastIndexByte(args[0], '/'); cut > 0 {
		above, err := voiceapp.FindPath(client.Channels(), args[0][:cut])
		if err != nil {
			return err
		}
		ch.Parent, ch.Name = above.ID, args[0][cut+1:]
	}
	made, err := client.CreateChannel(ctx, c.edit().Of(ch), c.Reason)
	return c.printChannel(streams, made, err)
}

// editChannel is the command channels edit.
type editChannel struct {
	login
	channelFlags

	Name maybeText `name:"name" value:"TEXT" help:"its new name"`
}

func (e *editChannel) run(ctx context.Context, streams *cli.Streams, args []string) error {
	edit := e.edit()
	edit.Name = e.Name.value
	if edit == (voiceapp.ChannelEdit{}) {
		return voiceapp.NewError(voiceapp.Invalid, "say what is to change, such as --topic or --bitrate")
	}
	client, ch, err := e.at(ctx, streams, args[0])
	if err != nil {
		return err
	}
	defer client.Close()
	became, err := client.EditChannel(ctx, ch.ID, edit, e.Reason)
	return e.printChannel(streams, became, err)
}

// moveChannel is the command channels move.
type moveChannel struct {
	login

	To       string `name:"to" value:"PATH" help:"the channel to put it below, / for the top; without it, it stays below the same one"`
	Position int    `name:"position" help:"its place among its siblings: 1 is the first; 0 is the last"`
	Reason   string `name:"reason" value:"TEXT" help:"why, for the audit log"`
}

func (m *moveChannel) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, ch, err := m.at(ctx, streams, args[0])
	if err != nil {
		return err
	}
	defer client.Close()
	parent := ch.Parent
	switch m.To {
	case "":
	case "/":
		parent = 0
	default:
		above, err := voiceapp.FindPath(client.Channels(), m.To)
		if err != nil {
			return err
		}
		parent = above.ID
	}
	became, err := client.MoveChannel(ctx, ch.ID, parent, m.Position, m.Reason)
	return m.printChannel(streams, became, err)
}

// deleteChannel is the command channels delete.
type deleteChannel struct {
	login

	Recursive bool   `name:"recursive" help:"delete what is below it too"`
	Reason    string `name:"reason" value:"TEXT" help:"why, for the audit log"`
}

func (d *deleteChannel) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, ch, err := d.at(ctx, streams, args[0])
	if err != nil {
		return err
	}
	defer client.Close()
	return client.DeleteChannel(ctx, ch.ID, d.Recursive, d.Reason)
}
