package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// From the words of package voiceapp to those of the wire, and back.

func wirePresence(p voiceapp.Presence) presence {
	return presence{Session: p.Session, User: p.User, Name: p.Name, Role: p.Role, Channel: p.Channel}
}

func (p presence) presence() voiceapp.Presence {
	return voiceapp.Presence{Session: p.Session, User: p.User, Name: p.Name, Role: p.Role, Channel: p.Channel}
}

func wireAccount(u voiceapp.User) account {
	return account{ID: u.ID, Name: u.Name, Role: u.Role, Created: u.Created.UTC()}
}

func (a account) user() voiceapp.User {
	return voiceapp.User{ID: a.ID, Name: a.Name, Role: a.Role, Created: a.Created}
}

func wireChannel(c voiceapp.Channel) channel {
	return channel{ID: c.ID, Name: c.Name, Parent: c.Parent, RequiredRole: c.RequiredRole, Bitrate: c.Bitrate}
}

func (c channel) channel() voiceapp.Channel {
	return voiceapp.Channel{ID: c.ID, Name: c.Name, Parent: c.Parent, RequiredRole: c.RequiredRole, Bitrate: c.Bitrate}
}

func wireMessage(m voiceapp.Message) chatEvent {
	return chatEvent{ID: m.ID, Channel: m.Channel, Session: m.Session, User: m.User, Name: m.Name, Text: m.Text, Sent: m.Sent.UTC()}
}

func (e chatEvent) message() voiceapp.Message {
	return voiceapp.Message{ID: e.ID, Channel: e.Channel, Session: e.Session, User: e.User, Name: e.Name, Text: e.Text, Sent: e.Sent}
}

func wireGrant(g voiceapp.Grant) voiceGrant {
	return voiceGrant{Session: g.Session, Up: wireKey(g.Up), Down: wireKey(g.Down), Bitrate: g.Bitrate}
}

func (g voiceGrant) grant() voiceapp.Grant {
	return voiceapp.Grant{Session: g.Session, Up: voiceapp.Key(g.Up), Down: voiceapp.Key(g.Down), Bitrate: g.Bitrate}
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
