package voiceapp

import "time"

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
	Channel ChannelID `json:"channel"` // 0 while in none
}

// Ban keeps a user, a device or an address out of the server. At least one of
// User, Device and Address is set.
type Ban struct {
	ID      BanID     `json:"id"`
	User    UserID    `json:"user"`    // 0: not by account
	Device  string    `json:"device"`  // hex fingerprint of the device key; "": not by device
	Address string    `json:"address"` // CIDR, an IPv6 one at most /64; "": not by address
	Reason  string    `json:"reason"`
	By      UserID    `json:"by"`
	Created time.Time `json:"created"`
	Until   time.Time `json:"until"` // the zero time: for good
}

// Active reports whether the ban is in force at the given time.
func (b Ban) Active(now time.Time) bool {
	return b.Until.IsZero() || now.Before(b.Until)
}

// Message is one line of chat.
type Message struct {
	ID      MessageID `json:"id"`
	Channel ChannelID `json:"channel"`
	Session SessionID `json:"session"` // the sender's, while present
	User    UserID    `json:"user"`    // 0 from a guest
	Name    string    `json:"name"`    // the sender's name when it was sent
	Text    string    `json:"text"`
	Sent    time.Time `json:"sent"`
}
