package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The methods about others.
const (
	methodKick       = "user.kick"
	methodMute       = "user.mute"
	methodDeafen     = "user.deafen"
	methodMoveUser   = "user.move"
	methodBan        = "user.ban"
	methodSetRole    = "user.set_role"
	methodRenameUser = "user.rename"
	methodUsers      = "user.list"
	methodDeleteUser = "user.delete"
	methodBans       = "ban.list"
	methodEditBan    = "ban.edit"
	methodLiftBan    = "ban.lift"
	methodAudit      = "audit.list"
)

// The most entries of lists whose entries have long texts, so that a page fits into
// a line; of the audit log, as many more as do not make it longer than auditBytes.
const (
	userPage   = 200
	banPage    = 200
	auditPage  = 100
	auditBytes = MaxClientLine / 2
)

// user.kick.
type kickParams struct {
	Session voiceapp.SessionID `json:"session"`
	Reason  string             `json:"reason,omitempty"`
}

// user.mute.
type muteParams struct {
	Session voiceapp.SessionID `json:"session"`
	Muted   bool               `json:"muted"`
	Reason  string             `json:"reason,omitempty"`
}

// user.deafen.
type deafenParams struct {
	Session voiceapp.SessionID `json:"session"`
	Deaf    bool               `json:"deaf"`
	Reason  string             `json:"reason,omitempty"`
}

// user.move.
type moveUserParams struct {
	Session voiceapp.SessionID `json:"session"`
	Channel voiceapp.ChannelID `json:"channel"` // 0: none
	Reason  string             `json:"reason,omitempty"`
}

// user.ban.
type banParams struct {
	Session voiceapp.SessionID `json:"session,omitempty"`
	Parts   []voiceapp.BanPart `json:"parts,omitempty"`
	User    voiceapp.UserID    `json:"user,omitempty"`
	Device  string             `json:"device,omitempty"`
	Address string             `json:"address,omitempty"`
	Reason  string             `json:"reason,omitempty"`
	Seconds int64              `json:"seconds,omitempty"` // 0: for good
	Confirm bool               `json:"confirm,omitempty"`
}

// ban.edit. What is null stays.
type editBanParams struct {
	Ban     voiceapp.BanID `json:"ban"`
	Reason  *string        `json:"reason,omitempty"`
	Seconds *int64         `json:"seconds,omitempty"` // from now on; 0: for good
	Confirm bool           `json:"confirm,omitempty"`
}

// banResult answers user.ban and ban.edit.
type banResult struct {
	Ban voiceapp.Ban `json:"ban"`
}

// ban.lift.
type liftBanParams struct {
	Ban    voiceapp.BanID `json:"ban"`
	Reason string         `json:"reason,omitempty"`
}

// ban.list.
type bansParams struct {
	After voiceapp.BanID `json:"after,omitempty"` // the last of the page before
}

type bansResult struct {
	Bans []voiceapp.Ban `json:"bans"`
	More bool           `json:"more"`
}

// user.set_role.
type setRoleParams struct {
	User   voiceapp.UserID `json:"user"`
	Role   voiceapp.Role   `json:"role"`
	Reason string          `json:"reason,omitempty"`
}

// user.rename: an account, or a guest who is here.
type renameUserParams struct {
	User    voiceapp.UserID    `json:"user,omitempty"`
	Session voiceapp.SessionID `json:"session,omitempty"`
	Name    string             `json:"name"`
	Reason  string             `json:"reason,omitempty"`
}

// user.list.
type usersParams struct {
	After voiceapp.UserID `json:"after,omitempty"` // the last of the page before
}

type usersResult struct {
	Users []voiceapp.User `json:"users"`
	More  bool            `json:"more"`
}

// user.delete.
type deleteUserParams struct {
	User   voiceapp.UserID `json:"user"`
	Reason string          `json:"reason,omitempty"`
}

// audit.list, the newest first.
type auditParams struct {
	Actor  voiceapp.UserID  `json:"actor,omitempty"`
	Action string           `json:"action,omitempty"`
	Target string           `json:"target,omitempty"`
	Before voiceapp.AuditID `json:"before,omitempty"` // the last of the page before
}

type auditResult struct {
	Entries []voiceapp.AuditEntry `json:"entries"`
	More    bool                  `json:"more"`
}

// maxSeconds is the longest time that a client can name: more is no duration.
const maxSeconds = int64(100 * 365 * 24 * time.Hour / time.Second)

// duration gives a time that a client named in seconds. The error is
// [voiceapp.Invalid].
func duration(seconds int64) (time.Duration, error) {
	if seconds < 0 || seconds > maxSeconds {
		return 0, voiceapp.NewError(voiceapp.Invalid, `params: "seconds" is 0 for good, or up to 100 years`)
	}
	return time.Duration(seconds) * time.Second, nil
}
