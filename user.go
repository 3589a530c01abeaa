package voiceapp

import (
	"net/netip"
	"time"
)

// User is an account. It holds no credential: a password hash never leaves the
// store in it.
type User struct {
	ID      UserID    `json:"id"`
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Created time.Time `json:"created"`
}

// Presence is one open session as the others on the server see it.
type Presence struct {
	Session SessionID `json:"session"`
	User    UserID    `json:"user"` // 0 for a guest
	Name    string    `json:"name"`
	Role    Role      `json:"role"`
	Channel ChannelID `json:"channel"` // 0 while in none, or in one that the reader may not see

	Muted     bool `json:"muted,omitempty"`      // by the server: not heard
	Deaf      bool `json:"deaf,omitempty"`       // by the server: hears nothing
	SelfMuted bool `json:"self_muted,omitempty"` // by choice
	SelfDeaf  bool `json:"self_deaf,omitempty"`  // by choice
	Priority  bool `json:"priority,omitempty"`   // the others are turned down while it speaks
	Recording bool `json:"recording,omitempty"`  // keeps what it hears, as it says itself
}

// Actor is one who asks for a change: a session, or an account by other means
// such as the admin API. The zero Actor may do nothing.
type Actor struct {
	User    UserID     // 0: a guest
	Name    string     // as the audit log will show it
	Role    Role       // when it asked; the server looks up what it is at present
	Session SessionID  // 0: not by a session
	Address netip.Addr // the zero address: not known

	// AtMost is the highest role that it acts with, as with an [APIKey]; 0: its own.
	AtMost Role

	// Operator is whoever runs the program and owns its data, without an account. He
	// acts as an owner. Nothing that comes from outside sets it.
	Operator bool
}

// Message is one line of chat.
type Message struct {
	ID      MessageID `json:"id"`
	Channel ChannelID `json:"channel"` // 0: a direct one, or to the whole server
	To      UserID    `json:"to"`      // whom a direct one is for; 0: it is none, or for a guest
	Session SessionID `json:"session"` // the sender's, while present
	User    UserID    `json:"user"`    // 0 from a guest
	Name    string    `json:"name"`    // the sender's name when it was sent
	Text    string    `json:"text"`
	Sent    time.Time `json:"sent"`
	Edited  time.Time `json:"edited,omitzero"` // the zero time: never

	ToSession SessionID `json:"to_session,omitempty"` // the guest whom a direct one is for; it is not kept
}

// MessageQuery asks for a page of one history: that of Channel; or, where To is
// set, of the direct messages between the accounts To and User; or, with Any, of
// all channels and the whole server; or, with none of these, of what was said to the
// whole server.
type MessageQuery struct {
	Channel ChannelID
	User    UserID
	To      UserID
	Any     bool      // for those who may see all channels; direct messages are not among them
	Text    string    // only what holds this, in any case; "": all
	Before  MessageID // only what was sent before that one; 0: the newest
	Limit   int       // most messages; 0 means 100, the most is 500
}
