package voiceapp

import "time"

// User is an account. It holds no credential: a password hash never leaves the
// store in it.
type User struct {
	ID      UserID
	Name    string
	Role    Role
	Created time.Time
}

// Presence is one open session as the others on the server see it.
type Presence struct {
	Session SessionID
	User    UserID // 0 for a guest
	Name    string
	Role    Role
	Channel ChannelID // 0 while in none
}

// Ban keeps a user, a device or an address out of the server. At least one of
// User, Device and Address is set.
type Ban struct {
	ID      BanID
	User    UserID // 0: not by account
	Device  string // hex fingerprint of the device key; "": not by device
	Address string // CIDR, an IPv6 one at most /64; "": not by address
	Reason  string
	By      UserID
	Created time.Time
	Until   time.Time // the zero time: for good
}

// Active reports whether the ban is in force at the given time.
func (b Ban) Active(now time.Time) bool {
	return b.Until.IsZero() || now.Before(b.Until)
}

// Message is one line of chat.
type Message struct {
	ID      MessageID
	Channel ChannelID
	Session SessionID // the sender's, while present
	User    UserID    // 0 from a guest
	Name    string    // the sender's name when it was sent
	Text    string
	Sent    time.Time
}
