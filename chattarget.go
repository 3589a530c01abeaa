package voiceapp

// ChatTarget says whom a chat message is for, or whose history is meant. At most
// one of the fields is set; the zero value is the channel in which one is.
type ChatTarget struct {
	Channel   ChannelID // those who are in that channel
	To        UserID    // all sessions of an account: a direct message
	ToSession SessionID // as To, by a session of it; also a guest's
	Server    bool      // everyone
}

// Check reports, as [Invalid], that there is more than one target.
func (t ChatTarget) Check() error {
	set := 0
	for _, is := range []bool{t.Channel != 0, t.To != 0, t.ToSession != 0, t.Server} {
		if is {
			set++
		}
	}
	if set > 1 {
		return NewError(Invalid, "only one of channel, to, to_session and server can be named")
	}
	return nil
}
