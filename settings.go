package voiceapp

import (
	"net"
	"time"
)

// Registration says who may make an account. The zero value is RegistrationOpen.
type Registration string

// The ways.
const (
	RegistrationOpen   Registration = "open"   // whoever wants to; as a member
	RegistrationInvite Registration = "invite" // whoever has an invite, with the role that it gives
	RegistrationClosed Registration = "closed" // nobody
)

// Check reports, as [Invalid], that r is none of the ways, nor the zero value.
func (r Registration) Check() error {
	switch r {
	case "", RegistrationOpen, RegistrationInvite, RegistrationClosed:
		return nil
	}
	return NewError(Invalid, "registration is open, invite or closed")
}

// UnmarshalText reads a way. The error is [Invalid].
func (r *Registration) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return NewError(Invalid, "registration is open, invite or closed")
	}
	*r = Registration(text)
	return r.Check()
}

// The bounds of [Settings].
const (
	MaxKickTime = 24 * time.Hour
	MaxHistory  = 100 * 365 * 24 * time.Hour
)

// Settings are what an owner can change of a server while it runs.
type Settings struct {
	Name          string        `json:"name"`           // what people read
	Guests        bool          `json:"guests"`         // one may come without an account
	Registration  Registration  `json:"registration"`   // who may make an account
	PublicAddress string        `json:"public_address"` // where clients reach the server, HOST or HOST:PORT, for links; "": not known
	KeepChat      bool          `json:"keep_chat"`      // chat is kept
	History       time.Duration `json:"history"`        // how long chat is kept; 0: for good
	Ping          bool          `json:"ping"`           // a ping before login is answered
	KickTime      time.Duration `json:"kick_time"`      // how long who was kicked is refused; 0: not at all
}

// SettingsEdit says which settings are to be something else. What is nil stays.
type SettingsEdit struct {
	Name          *string
	Guests        *bool
	Registration  *Registration
	PublicAddress *string
	KeepChat      *bool
	History       *time.Duration
	Ping          *bool
	KickTime      *time.Duration
}

// Of returns the settings as they are after the edit. Nothing is checked.
func (e SettingsEdit) Of(s Settings) Settings {
	s.Name = or(e.Name, s.Name)
	s.Guests = or(e.Guests, s.Guests)
	s.Registration = or(e.Registration, s.Registration)
	s.PublicAddress = or(e.PublicAddress, s.PublicAddress)
	s.KeepChat = or(e.KeepChat, s.KeepChat)
	s.History = or(e.History, s.History)
	s.Ping = or(e.Ping, s.Ping)
	s.KickTime = or(e.KickTime, s.KickTime)
	return s
}

// Check reports, as [Invalid], why s can't be the settings of a server.
func (s Settings) Check() error {
	if err := CheckName(s.Name); err != nil {
		return err
	}
	if err := s.Registration.Check(); err != nil {
		return err
	}
	if s.KickTime < 0 || s.KickTime > MaxKickTime {
		return NewError(Invalid, "kick_time is 0 to 24 hours")
	}
	if s.History < 0 || s.History > MaxHistory {
		return NewError(Invalid, "history is 0, for good, or a time up to 100 years")
	}
	return CheckPublicAddress(s.PublicAddress)
}

// CheckPublicAddress reports, as [Invalid], that a text is not HOST or HOST:PORT as
// a [Link] has them. An empty one passes.
func CheckPublicAddress(address string) error {
	if address == "" {
		return nil
	}
	var link Link
	link.Host, link.Port = SplitPublicAddress(address)
	return link.Check()
}

// SplitPublicAddress parts HOST:PORT, or HOST alone, as a [Link] has them.
func SplitPublicAddress(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port, _ = net.SplitHostPort(net.JoinHostPort(address, ""))
	}
	return host, port
}
