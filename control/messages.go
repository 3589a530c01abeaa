package control

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// ProtocolVersion is the version that session.open has to name.
const ProtocolVersion = 1

// The methods.
const (
	methodInfo     = "server.info"
	methodPing     = "ping"
	methodOpen     = "session.open"
	methodResume   = "session.resume"
	methodClose    = "session.close"
	methodSessions = "session.list"
	methodClaim    = "account.claim"
	methodRegister = "account.register"
	methodChannels = "channel.list"
	methodJoin     = "channel.join"
	methodLeave    = "channel.leave"
	methodCreate   = "channel.create"
	methodEdit     = "channel.edit"
	methodMove     = "channel.move"
	methodDelete   = "channel.delete"
	methodExplain  = "permissions.explain"
	methodChat     = "chat.send"

	methodChallenge = "device.challenge"

	methodHistory    = "chat.history"
	methodEditChat   = "chat.edit"
	methodDeleteChat = "chat.delete"

	methodSetPassword  = "account.set_password"
	methodRename       = "account.rename"
	methodRemember     = "account.remember"
	methodDevices      = "account.devices"
	methodRevoke       = "account.revoke"
	methodForget       = "account.forget"
	methodNewInvite    = "invite.create"
	methodInvites      = "invite.list"
	methodDeleteInvite = "invite.delete"
)

// The events.
const (
	eventJoined  = "user.joined"
	eventLeft    = "user.left"
	eventUpdated = "user.updated"
	eventChat    = "chat.sent"
	eventGranted = "voice.granted"
	eventClosed  = "session.closed"

	eventChannelUpdated = "channel.updated"
	eventChannelDeleted = "channel.deleted"

	eventChatEdited  = "chat.edited"
	eventChatDeleted = "chat.deleted"
)

// empty is the parameters or the result of a method that has none.
type empty struct{}

// ServerInfo is what a server says of itself before login.
type ServerInfo struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Protocol int    `json:"protocol"` // ProtocolVersion of the server
	Guests   bool   `json:"guests"`   // one may come without an account
	Sessions int    `json:"sessions"` // that are open

	Registration voiceapp.Registration `json:"registration"` // who may use account.register
}

// session.open.
type openParams struct {
	Protocol  int    `json:"protocol"`
	Name      string `json:"name,omitempty"`      // not needed with a token
	Password  secret `json:"password,omitempty"`  // "": as a guest
	Token     secret `json:"token,omitempty"`     // of a device; in place of name and password
	Keepalive int    `json:"keepalive,omitempty"` // seconds within which each next line will come; 0: no promise

	Device *deviceProof `json:"device,omitempty"` // null: none, known by its address alone
}

type openResult struct {
	Session voiceapp.SessionID `json:"session"`
	User    voiceapp.UserID    `json:"user"` // 0: a guest
	Name    string             `json:"name"`
	Role    voiceapp.Role      `json:"role"`
	Server  ServerInfo         `json:"server"`
	Voice   *voiceGrant        `json:"voice"`  // null: text only
	Resume  *resumeGrant       `json:"resume"` // null: log in again
}

// session.resume, answered as session.open is.
type resumeParams struct {
	Protocol  int    `json:"protocol"`
	Token     secret `json:"token"` // of the answer before
	Keepalive int    `json:"keepalive,omitempty"`
}

// resumeGrant is with which a client comes back after a lost connection.
type resumeGrant struct {
	Token    secret  `json:"token"`
	Lifetime float64 `json:"lifetime"` // seconds after the loss within which the server knows the session
}

// session.list, in ascending order of ids.
type sessionsParams struct {
	After voiceapp.SessionID `json:"after,omitempty"` // the last of the page before
}

type sessionsResult struct {
	Sessions []voiceapp.Presence `json:"sessions"`
	More     bool                `json:"more"`
}

// user.joined: sessions that are new, and user.updated: sessions that are not as
// they were. Lists, so that what happens within 50 ms goes out together.
type usersEvent struct {
	Users []voiceapp.Presence `json:"users"`
}

// user.left: sessions that have ended.
type leftEvent struct {
	Users []departure `json:"users"`
}

type departure struct {
	Session voiceapp.SessionID `json:"session"`
}

// channel.updated: channels that are new or not as they were, parents first.
type channelUpdatedEvent struct {
	Channels []voiceapp.Channel `json:"channels"`
}

// channel.deleted: channels that are no more, or no more to be seen.
type channelDeletedEvent struct {
	Channels []channelGone `json:"channels"`
}

type channelGone struct {
	ID voiceapp.ChannelID `json:"id"`
}

// voice.granted: this takes the place of the grant before.
type grantedEvent struct {
	Voice voiceGrant `json:"voice"`
}

// session.closed: the last line of a connection that the server ends.
type closedEvent struct {
	Code       voiceapp.Code   `json:"code"`
	Detail     voiceapp.Detail `json:"detail,omitempty"` // which of the code's cases it is
	Message    string          `json:"message"`
	RetryAfter float64         `json:"retry_after,omitempty"` // seconds to wait before coming back
	Until      time.Time       `json:"until,omitzero"`        // of kicked and banned; left out: for good
	Reason     string          `json:"reason,omitempty"`      // of these, for people
}

// voiceGrant is a voiceapp.Grant on the wire. The address is not in it: voice
// goes to the one that TCP reached.
type voiceGrant struct {
	Session voiceapp.SessionID `json:"session"`
	Up      wireKey            `json:"up"`
	Down    wireKey            `json:"down"`
	Bitrate int                `json:"bitrate"`
}

// LogValue leaves the keys out.
func (g voiceGrant) LogValue() slog.Value { return g.grant().LogValue() }

// wireKey is a key as it travels, in base64. Only an encoder of messages sees it
// so; it prints and logs as a voiceapp.Key does.
type wireKey voiceapp.Key

func (k wireKey) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, k[:]), nil
}

func (k *wireKey) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw) != len(k) {
		return voiceapp.NewError(voiceapp.Invalid, "a voice key is 32 bytes in base64")
	}
	copy(k[:], raw)
	return nil
}

func (k wireKey) Format(f fmt.State, verb rune) { voiceapp.Key(k).Format(f, verb) }

func (k wireKey) LogValue() slog.Value { return voiceapp.Key(k).LogValue() }

// secret is a password or a token: it travels, and never prints.
type secret string

const redacted = "[redacted]"

func (secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }
