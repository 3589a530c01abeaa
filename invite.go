package voiceapp

import "time"

// MaxInviteRole is the highest role that an invite can give.
const MaxInviteRole = RoleModerator

// MaxInviteUses is the most accounts that one invite can make.
const MaxInviteUses = 10_000

// Invite lets people make accounts with a role. Its token is not part of it:
// that is shown once, when the invite is made.
type Invite struct {
	ID      InviteID  `json:"id"`
	Role    Role      `json:"role"` // of the accounts, at most MaxInviteRole
	Uses    int       `json:"uses"` // how many more accounts it can make
	By      UserID    `json:"by"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"` // the zero time: never
}

// Resumption is a session that its client may take up again after a lost
// connection, without a password.
type Resumption struct {
	Session SessionID // the number it had
	User    UserID    // 0 for a guest
	Name    string    // the account's at present, or the guest's
	Role    Role      // the account's at present; guest for a guest
	Device  string    // hex SHA-256 of the device key; "": none was proved
	Expires time.Time // when its token can no longer be used
}
