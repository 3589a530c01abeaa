package control

import "github.com/voiceapp-sdk/voiceapp"

// channel.list, parents before their children.
type channelsParams struct {
	After voiceapp.ChannelID `json:"after,omitempty"` // the last of the page before
}

type channelsResult struct {
	Channels []voiceapp.Channel `json:"channels"`
	More     bool               `json:"more"`
}

// channel.join.
type joinParams struct {
	Channel voiceapp.ChannelID `json:"channel"`
}

type joinResult struct {
	Channel voiceapp.Channel `json:"channel"`
}

// channel.create.
type createParams struct {
	Channel voiceapp.Channel `json:"channel"`
	Reason  string           `json:"reason,omitempty"`
}

// channelResult answers what makes or alters a channel.
type channelResult struct {
	Channel voiceapp.Channel `json:"channel"`
}

// channel.edit. What is left out of Set stays.
type editParams struct {
	Channel voiceapp.ChannelID   `json:"channel"`
	Set     voiceapp.ChannelEdit `json:"set"`
	Reason  string               `json:"reason,omitempty"`
}

// channel.move.
type moveParams struct {
	Channel  voiceapp.ChannelID `json:"channel"`
	Parent   voiceapp.ChannelID `json:"parent"`
	Position int                `json:"position,omitempty"` // 0: the last
	Reason   string             `json:"reason,omitempty"`
}

// channel.delete.
type deleteParams struct {
	Channel   voiceapp.ChannelID `json:"channel"`
	Recursive bool               `json:"recursive,omitempty"`
	Reason    string             `json:"reason,omitempty"`
}

// permissions.explain. At most one of User and Session; with neither it is about
// the one who asks.
type explainParams struct {
	Channel voiceapp.ChannelID `json:"channel"`
	User    voiceapp.UserID    `json:"user,omitempty"`
	Session voiceapp.SessionID `json:"session,omitempty"`
}
