package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// chat.send. At most one of Channel, To, ToSession and Server.
type chatParams struct {
	Text      string             `json:"text"`
	Channel   voiceapp.ChannelID `json:"channel,omitempty"`
	To        voiceapp.UserID    `json:"to,omitempty"`
	ToSession voiceapp.SessionID `json:"to_session,omitempty"`
	Server    bool               `json:"server,omitempty"`
}

type chatResult struct {
	ID   voiceapp.MessageID `json:"id"` // 0: it is not kept, while others are
	Sent time.Time          `json:"sent"`
}

// chat.history, oldest first. At most one of Channel, To and Server.
type historyParams struct {
	Channel voiceapp.ChannelID `json:"channel,omitempty"`
	To      voiceapp.UserID    `json:"to,omitempty"`
	Server  bool               `json:"server,omitempty"`
	Before  voiceapp.MessageID `json:"before,omitempty"` // the first of the page after
	Limit   int                `json:"limit,omitempty"`  // 0: historyPage
}

type historyResult struct {
	Messages []voiceapp.Message `json:"messages"`
	More     bool               `json:"more"` // there are older ones
}

// chat.edit.
type editChatParams struct {
	ID   voiceapp.MessageID `json:"id"`
	Text string             `json:"text"`
}

type messageResult struct {
	Message voiceapp.Message `json:"message"`
}

// chat.delete.
type deleteChatParams struct {
	ID     voiceapp.MessageID `json:"id"`
	Reason string             `json:"reason,omitempty"`
}

// chatGone is chat.deleted.
type chatGone struct {
	ID      voiceapp.MessageID `json:"id"`
	Channel voiceapp.ChannelID `json:"channel"`
	To      voiceapp.UserID    `json:"to"`
}
