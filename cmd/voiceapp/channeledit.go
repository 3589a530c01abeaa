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
	Topic        maybe[textValue]   `name:"topic" value:"TEXT" help:"what it is about"`
	Bitrate      maybe[numberValue] `name:"bitrate" value:"BPS" help:"most bits a second of one speaker; 0 is the server's default"`
	MaxUsers     maybe[numberValue] `name:"max-users" value:"N" help:"most people in it, moderators aside; 0 is no limit"`
	RequiredRole maybe[roleValue]   `name:"required-role" value:"ROLE" help:"the lowest role that may join: guest, member, moderator, admin, owner or a number"`
	SpeakRole    maybe[roleValue]   `name:"speak-role" value:"ROLE" help:"the lowest role that is heard"`
	WriteRole    maybe[roleValue]   `name:"write-role" value:"ROLE" help:"the lowest role that may write"`
	SeeRole      maybe[roleValue]   `name:"see-role" value:"ROLE" help:"the lowest role to which it exists"`
	Reason       string             `name:"reason" value:"TEXT" help:"why, for the audit log"`
}

func (f *channelFlags) edit() voiceapp.ChannelEdit {
	return voiceapp.ChannelEdit{
		Topic:        (*string)(f.Topic.value),
		Bitrate:      (*int)(f.Bitrate.value),
		MaxUsers:     (*int)(f.MaxUsers.value),
		RequiredRole: (*voiceapp.Role)(f.RequiredRole.value),
		SpeakRole:    (*voiceapp.Role)(f.SpeakRole.value),
		WriteRole:    (*voiceapp.Role)(f.WriteRole.value),
		SeeRole:      (*voiceapp.Role)(f.SeeRole.value),
	}
}

// maybe is a flag that may not be given.
type maybe[V interface{ parse(text string) (V, error) }] struct{ value *V }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *maybe[V]) UnmarshalText(text []byte) error {
	var v V
	v, err := v.parse(string(text))
	if err == nil {
		m.value = &v
	}
	return err
}

type (
	textValue   string
	numberValue int
	roleValue   voiceapp.Role
)

func (textValue) parse(text string) (textValue, error) { return textValue(text), nil }

func (numberValue) parse(text string) (numberValue, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, voiceapp.NewError(voiceapp.Invalid, strconv.Quote(text)+" is not a whole number")
	}
	return numberValue(n), nil
}

func (roleValue) parse(text string) (roleValue, error) {
	role, err := voiceapp.ParseRole(text)
	return roleValue(role), err
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

	Name maybe[textValue] `name:"name" value:"TEXT" help:"its new name"`
}

func (e *editChannel) run(ctx context.Context, streams *cli.Streams, args []string) error {
	edit := e.edit()
	edit.Name = (*string)(e.Name.value)
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
