package voiceapp

import (
	"fmt"
	"time"
)

// CheckMessage reports, as [Invalid], why a text can't be that of a chat message:
// it is empty, longer than [MaxMessageLength], or refused by [CheckText].
func CheckMessage(text string) error {
	if text == "" {
		return NewError(Invalid, "the text is empty").With(TextEmpty)
	}
	return CheckText("the text", text, MaxMessageLength)
}

// Check reports, as [Invalid], why m can't be a message that is kept: its text,
// as [CheckMessage] says, a direct one from no account, one to a channel and to an
// account, or a value that is out of range. That there is such a channel or
// account is not looked at.
func (m Message) Check() error {
	switch {
	case m.Channel != 0 && m.To != 0:
		return NewError(Invalid, "a message goes to a channel or to an account")
	case m.To != 0 && m.User == 0:
		return NewError(Invalid, "a direct message comes from an account")
	}
	if err := checkID("the sender", m.User); err != nil {
		return err
	}
	if err := CheckText("the sender's name", m.Name, MaxNameLength); err != nil {
		return err
	}
	if err := checkTime("the time of the message", m.Sent); err != nil {
		return err
	}
	return CheckMessage(m.Text)
}

// Check reports, as [Invalid], why q can't be a query: it asks for two histories, or
// the text to look for can be in no message. The limit is not looked at.
func (q MessageQuery) Check() error {
	if q.Channel != 0 && q.To != 0 || q.Any && (q.Channel != 0 || q.To != 0) {
		return NewError(Invalid, "a history is that of a channel, of two accounts, or of all channels")
	}
	return CheckText("the text to look for", q.Text, MaxMessageLength)
}

// Check reports, as [Invalid], why i can't be a new invite at the given time: its
// role is above [MaxInviteRole], it makes less than one account or more than
// [MaxInviteUses], or it would have expired already.
func (i Invite) Check(now time.Time) error {
	if err := checkTime("the end of the invite", i.Expires); err != nil {
		return err
	}
	switch {
	case i.Role < RoleGuest || i.Role > MaxInviteRole:
		return NewError(Invalid, i.Role.String()+" is none that an invite can give")
	case i.Uses < 1 || i.Uses > MaxInviteUses:
		return NewError(Invalid, fmt.Sprintf("an invite makes 1 to %d accounts, not %d", MaxInviteUses, i.Uses))
	case !i.Expires.IsZero() && !i.Expires.After(now):
		return NewError(Invalid, "the invite would have expired already")
	}
	return checkID("the one who invites", i.By)
}

// Check reports, as [Invalid], why c can't be a channel: its name, as [CheckName]
// says, its topic, or a role, a bitrate, a number of people or a wait that is out of range.
// That there is such a parent is not looked at.
func (c Channel) Check() error {
	switch {
	case c.Bitrate < MinBitrate || c.Bitrate > MaxBitrate:
		return NewError(Invalid, fmt.Sprintf("a channel's bitrate is %d to %d bits a second, not %d", MinBitrate, MaxBitrate, c.Bitrate))
	case c.MaxUsers < 0 || c.MaxUsers > MaxChannelUsers:
		return NewError(Invalid, fmt.Sprintf("a channel holds at most 1 to %d people, or 0 for no limit, not %d", MaxChannelUsers, c.MaxUsers))
	case c.Loudest < -1 || c.Loudest > MaxLoudest:
		return NewError(Invalid, fmt.Sprintf("the loudest who are heard are 1 to %d, 0 for as many as the server says, or -1 for all, not %d", MaxLoudest, c.Loudest))
	case c.MaxWait < -1 || c.MaxWait > MaxChannelWait:
		return NewError(Invalid, fmt.Sprintf("a frame waits for 1 to %d ms, 0 for as long as the server says, or -1 for not at all, not %d", MaxChannelWait, c.MaxWait))
	}
	for _, role := range []Role{c.RequiredRole, c.SpeakRole, c.WriteRole, c.SeeRole} {
		if !role.Valid() {
			return NewError(Invalid, role.String()+" is none that a channel can ask for")
		}
	}
	if err := CheckText("the topic", c.Topic, MaxTopicLength); err != nil {
		return err
	}
	return CheckName(c.Name)
}

// checkTime refuses a time that JSON can't hold.
func checkTime(what string, t time.Time) error {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1970 || year > 9999) {
		return NewError(Invalid, what+" is not between the years 1970 and 9999")
	}
	return nil
}

// checkID refuses an id that nothing can have; 0 is none and passes.
func checkID[T ~int64](what string, id T) error {
	if id < 0 || id > MaxID {
		return NewError(Invalid, fmt.Sprintf("%s has the id %d, which is out of range", what, id))
	}
	return nil
}
