package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

// newChannel is a channel that is to be made.
type newChannel struct {
	Name         string             `json:"name" minLength:"1" maxLength:"64" example:"Chess"`
	Topic        string             `json:"topic,omitempty" maxLength:"512"`
	Parent       voiceapp.ChannelID `json:"parent,omitempty" minimum:"0" doc:"0: at the top"`
	RequiredRole voiceapp.Role      `json:"required_role,omitempty" minimum:"0" maximum:"40" doc:"The lowest role that may join"`
	SpeakRole    voiceapp.Role      `json:"speak_role,omitempty" minimum:"0" maximum:"40" doc:"The lowest that is heard"`
	WriteRole    voiceapp.Role      `json:"write_role,omitempty" minimum:"0" maximum:"40" doc:"The lowest that may write"`
	SeeRole      voiceapp.Role      `json:"see_role,omitempty" minimum:"0" maximum:"40" doc:"The lowest to which it exists"`
	MaxUsers     int                `json:"max_users,omitempty" minimum:"0" maximum:"10000" doc:"0: no limit"`
	Bitrate      int                `json:"bitrate,omitempty" example:"64000" doc:"Most bits a second of one speaker, 6000 to 510000; 0: the default"`
	Temporary    bool               `json:"temporary,omitempty" doc:"It vanishes when the last one leaves"`
	Loudest      int                `json:"loudest,omitempty" minimum:"-1" maximum:"1000" doc:"Most who are heard at once, the loudest; 0: as the server says, -1: all"`
	MaxWait      int                `json:"max_wait_ms,omitempty" minimum:"-1" maximum:"20" doc:"How long frames wait for others where many talk; 0: as the server says, -1: never"`
}

func (n newChannel) channel() voiceapp.Channel {
	return voiceapp.Channel{
		Name: n.Name, Topic: n.Topic, Parent: n.Parent, RequiredRole: n.RequiredRole, SpeakRole: n.SpeakRole,
		WriteRole: n.WriteRole, SeeRole: n.SeeRole, MaxUsers: n.MaxUsers, Bitrate: n.Bitrate, Temporary: n.Temporary,
		Loudest: n.Loudest, MaxWait: n.MaxWait,
	}
}

type createChannelInput struct {
	params.Change
	Body newChannel
}

type editChannelInput struct {
	params.Change
	params.Precondition
	params.Channel
	Body struct {
		Name         *string        `json:"name,omitempty" minLength:"1" maxLength:"64"`
		Topic        *string        `json:"topic,omitempty" maxLength:"512"`
		RequiredRole *voiceapp.Role `json:"required_role,omitempty" minimum:"0" maximum:"40"`
		SpeakRole    *voiceapp.Role `json:"speak_role,omitempty" minimum:"0" maximum:"40"`
		WriteRole    *voiceapp.Role `json:"write_role,omitempty" minimum:"0" maximum:"40"`
		SeeRole      *voiceapp.Role `json:"see_role,omitempty" minimum:"0" maximum:"40"`
		MaxUsers     *int           `json:"max_users,omitempty" minimum:"0" maximum:"10000"`
		Bitrate      *int           `json:"bitrate,omitempty" doc:"6000 to 510000; 0: the default"`
		Temporary    *bool          `json:"temporary,omitempty"`
		Loudest      *int           `json:"loudest,omitempty" minimum:"-1" maximum:"1000"`
		MaxWait      *int           `json:"max_wait_ms,omitempty" minimum:"-1" maximum:"20"`
	}
}

type bitrateInput struct {
	params.Change
	Body struct {
		Channel voiceapp.ChannelID `json:"channel" minimum:"1"`
		Bitrate int                `json:"bitrate" minimum:"6000" maximum:"510000" example:"64000" doc:"Most bits a second of one speaker"`
	}
}

type moveChannelInput struct {
	params.Change
	params.Precondition
	params.Channel
	Body struct {
		Parent   voiceapp.ChannelID `json:"parent" minimum:"0" doc:"0: to the top"`
		Position int                `json:"position,omitempty" minimum:"0" doc:"Among its new siblings: 1 is the first; 0, the last"`
	}
}

type deleteChannelInput struct {
	params.Change
	params.Precondition
	params.Channel
	Recursive bool `query:"recursive" doc:"With all that is below it"`
}

type explainInput struct {
	params.Channel
	User    voiceapp.UserID    `query:"user" minimum:"0" doc:"An account; neither it nor a session: oneself"`
	Session voiceapp.SessionID `query:"session" minimum:"0" doc:"Somebody who is here"`
}

// treeNode is a channel with those below it.
type treeNode struct {
	voiceapp.ChannelInfo
	Children []*treeNode `json:"children" nullable:"false"`
}

func (s *Server) registerChannels() {
	read := func(id, path, summary string) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: "channels", scope: "channels:read", role: voiceapp.RoleMember, summary: summary}
	}
	write := func(id, method, path, summary string) operation {
		return operation{
			id: id, method: method, path: path, tag: "channels", scope: "channels:write", role: voiceapp.RoleMember, summary: summary,
			errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Exists, voiceapp.Conflict},
		}
	}
	add(s, read("list-channels", "/api/channels", "All channels, parents before their children"), s.listChannels)
	add(s, read("get-tree", "/api/channels/tree", "All channels, each with those below it"), s.channelTree)
	one := read("get-channel", "/api/channels/{id}", "One channel")
	one.errors = []voiceapp.Code{voiceapp.NotFound}
	add(s, one, func(ctx context.Context, who *identity, in *params.Channel) (*tagged[voiceapp.ChannelInfo], error) {
		ch, err := s.channel(ctx, who, in.ID)
		return replyChannel(ch, err)
	})
	explain := read("explain-permissions", "/api/channels/{id}/permissions", "What somebody may do in a channel, and why not")
	explain.errors = one.errors
	add(s, explain, s.explain)
	create := write("create-channel", http.MethodPost, "/api/channels", "Make a channel, the last of its siblings")
	create.status = http.StatusCreated
	add(s, create, s.createChannel)
	create.id, create.path = "channel-create", "/api/channel/create"
	add(s, create, s.createChannel)
	add(s, write("edit-channel", http.MethodPatch, "/api/channels/{id}", "Change a channel; what is not named stays"), s.editChannel)
	add(s, write("channel-bitrate", http.MethodPost, "/api/channel/bitrate", "Change a channel's bitrate, also of those who speak"), s.setBitrate)
	add(s, write("move-channel", http.MethodPost, "/api/channels/{id}/move", "Put a channel, with all below it, somewhere else"), s.moveChannel)
	add(s, write("delete-channel", http.MethodDelete, "/api/channels/{id}", "Delete a channel"), s.deleteChannel)
}

func (s *Server) tree(ctx context.Context, who *identity) ([]voiceapp.ChannelInfo, error) {
	reader, err := ability[ChannelReader](s, "list of channels")
	if err != nil {
		return nil, err
	}
	return reader.Tree(ctx, who.actor)
}

func (s *Server) listChannels(ctx context.Context, who *identity, _ *struct{}) (*body[page[voiceapp.ChannelInfo]], error) {
	all, err := s.tree(ctx, who)
	return reply(page[voiceapp.ChannelInfo]{Items: append([]voiceapp.ChannelInfo{}, all...)}, err)
}

func (s *Server) channelTree(ctx context.Context, who *identity, _ *struct{}) (*body[page[*treeNode]], error) {
	all, err := s.tree(ctx, who)
	top := &treeNode{Children: []*treeNode{}}
	nodes := map[voiceapp.ChannelID]*treeNode{0: top}
	for _, ch := range all {
		node := &treeNode{ChannelInfo: ch, Children: []*treeNode{}}
		nodes[ch.ID] = node
		if parent := nodes[ch.Parent]; parent != nil {
			parent.Children = append(parent.Children, node)
		}
	}
	return reply(page[*treeNode]{Items: top.Children}, err)
}

// channel returns one channel that somebody may see.
func (s *Server) channel(ctx context.Context, who *identity, id voiceapp.ChannelID) (voiceapp.ChannelInfo, error) {
	all, err := s.tree(ctx, who)
	if err != nil {
		return voiceapp.ChannelInfo{}, err
	}
	at := slices.IndexFunc(all, func(ch voiceapp.ChannelInfo) bool { return ch.ID == id })
	if at < 0 {
		return voiceapp.ChannelInfo{}, voiceapp.NewError(voiceapp.NotFound, "there is no such channel")
	}
	return all[at], nil
}

// replyChannel is replyTagged for a channel: who is in it does not count as a change.
func replyChannel(ch voiceapp.ChannelInfo, err error) (*tagged[voiceapp.ChannelInfo], error) {
	out, err := replyTagged(ch, err)
	if err == nil {
		out.ETag = etag(ch.Channel)
	}
	return out, err
}

func (s *Server) explain(ctx context.Context, who *identity, in *explainInput) (*body[voiceapp.Permissions], error) {
	reader, err := ability[ChannelReader](s, "list of channels")
	if err != nil {
		return nil, err
	}
	return reply(reader.Explain(ctx, who.actor, in.ID, in.User, in.Session))
}

func (s *Server) createChannel(ctx context.Context, who *identity, in *createChannelInput) (*tagged[voiceapp.ChannelInfo], error) {
	editor, reason, err := editorOf[ChannelEditor](s, in.Change, "channels that can be changed")
	if err != nil {
		return nil, err
	}
	made, err := editor.CreateChannel(ctx, who.actor, in.Body.channel(), reason)
	return replyChannel(voiceapp.ChannelInfo{Channel: made}, err)
}

// editorOf returns what changes something, and the reason for the change.
func editorOf[T any](s *Server, c params.Change, what string) (able T, reason string, err error) {
	if able, err = ability[T](s, what); err == nil {
		reason, err = reasonOf(c)
	}
	return able, reason, err
}

// changeChannel makes a change to a channel that is as it was read.
func (s *Server) changeChannel(ctx context.Context, who *identity, id voiceapp.ChannelID, p params.Precondition, c params.Change, do func(ChannelEditor, string) error) error {
	editor, reason, err := editorOf[ChannelEditor](s, c, "channels that can be changed")
	if err != nil {
		return err
	}
	read := func() (voiceapp.Channel, error) {
		ch, err := s.channel(ctx, who, id)
		return ch.Channel, err
	}
	return edit(s, p, read, func() error { return do(editor, reason) })
}

func (s *Server) editChannel(ctx context.Context, who *identity, in *editChannelInput) (*tagged[voiceapp.ChannelInfo], error) {
	want := voiceapp.ChannelEdit{
		Name: in.Body.Name, Topic: in.Body.Topic, RequiredRole: in.Body.RequiredRole, SpeakRole: in.Body.SpeakRole, WriteRole: in.Body.WriteRole,
		SeeRole: in.Body.SeeRole, MaxUsers: in.Body.MaxUsers, Bitrate: in.Body.Bitrate, Temporary: in.Body.Temporary,
		Loudest: in.Body.Loudest, MaxWait: in.Body.MaxWait,
	}
	err := s.changeChannel(ctx, who, in.ID, in.Precondition, in.Change, func(editor ChannelEditor, reason string) error {
		_, err := editor.EditChannel(ctx, who.actor, in.ID, want, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyChannel(s.channel(ctx, who, in.ID))
}

func (s *Server) setBitrate(ctx context.Context, who *identity, in *bitrateInput) (*tagged[voiceapp.ChannelInfo], error) {
	err := s.changeChannel(ctx, who, in.Body.Channel, params.Precondition{}, in.Change, func(editor ChannelEditor, reason string) error {
		_, err := editor.EditChannel(ctx, who.actor, in.Body.Channel, voiceapp.ChannelEdit{Bitrate: &in.Body.Bitrate}, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyChannel(s.channel(ctx, who, in.Body.Channel))
}

func (s *Server) moveChannel(ctx context.Context, who *identity, in *moveChannelInput) (*tagged[voiceapp.ChannelInfo], error) {
	err := s.changeChannel(ctx, who, in.ID, in.Precondition, in.Change, func(editor ChannelEditor, reason string) error {
		_, err := editor.MoveChannel(ctx, who.actor, in.ID, in.Body.Parent, in.Body.Position, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyChannel(s.channel(ctx, who, in.ID))
}

func (s *Server) deleteChannel(ctx context.Context, who *identity, in *deleteChannelInput) (*done, error) {
	return nothing(s.changeChannel(ctx, who, in.ID, in.Precondition, in.Change, func(editor ChannelEditor, reason string) error {
		return editor.DeleteChannel(ctx, who.actor, in.ID, in.Recursive, reason)
	}))
}
