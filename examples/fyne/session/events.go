package session

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Kind says what has happened.
type Kind string

// The kinds.
const (
	HappenedJoin     Kind = "join"     // somebody came into one's channel
	HappenedLeave    Kind = "leave"    // somebody left it
	HappenedMessage  Kind = "message"  // to one's channel, or to all
	HappenedDirect   Kind = "direct"   // to oneself alone
	HappenedMoved    Kind = "moved"    // one was put into another channel
	HappenedLost     Kind = "lost"     // the connection
	HappenedBack     Kind = "back"     // there is a connection again
	HappenedEnd      Kind = "end"      // the session is over, and will not come back
	HappenedRefusal  Kind = "refusal"  // something that was asked for can't be
	HappenedRecorded Kind = "recorded" // somebody in one's channel records
	HappenedUnheard  Kind = "unheard"  // one whispers no longer to somebody who is not here any more
)

// Happening is what a person may want to be told of.
type Happening struct {
	Kind    Kind
	Who     voiceapp.Presence
	Message voiceapp.Message // of HappenedMessage and HappenedDirect
	Err     error            // of HappenedLost, HappenedEnd and HappenedRefusal
}

// follow takes the server's events until there is no way back.
func (s *Session) follow() {
	defer s.done.Done()
	for event := range s.client.Events() {
		s.take(event)
		s.change()
	}
	if s.ctx.Err() == nil {
		s.happen(Happening{Kind: HappenedEnd, Err: s.client.Err()})
	}
	s.change()
}

// take takes one event.
func (s *Session) take(event control.Event) {
	self := s.Client().Self()
	switch e := event.(type) {
	case control.UserJoined:
		s.moved(self, e.Presence, 0, e.Channel)
	case control.UserLeft:
		s.moved(self, e.Presence, e.Channel, 0)
		s.forget(e.Presence)
	case control.UserMoved:
		s.moved(self, e.Presence, e.From, e.Channel)
	case control.UserUpdated:
		if !e.Was.Recording {
			s.recorded(self, e.Presence)
		}
	case control.ChatSent:
		s.received(self, e.Message)
	case control.ChatEdited:
		s.chat.edit(e.Message)
	case control.ChatDeleted:
		s.chat.remove(e.ID)
	case control.Disconnected:
		s.setLost(&e)
	case control.Reconnected:
		s.setLost(nil)
		s.recorded(self, s.Client().Sessions()...)
		s.done.Go(func() {
			s.goOn(s.ctx)
			s.ask(s.ctx)
			s.catchUp(s.ctx)
		})
	}
}

// moved tells of those who come into one's channel and leave it, and whether somebody
// there records.
func (s *Session) moved(self, who voiceapp.Presence, from, to voiceapp.ChannelID) {
	switch {
	case from == to:
	case who.Session == self.Session:
		s.happen(Happening{Kind: HappenedMoved, Who: who})
		s.recorded(self, s.Client().Sessions()...)
	case self.Channel == 0:
	case to == self.Channel:
		s.happen(Happening{Kind: HappenedJoin, Who: who})
		s.recorded(self, who)
	case from == self.Channel:
		s.happen(Happening{Kind: HappenedLeave, Who: who})
	}
}

// recorded tells who of these records in one's channel.
func (s *Session) recorded(self voiceapp.Presence, people ...voiceapp.Presence) {
	for _, who := range people {
		if who.Recording && who.Session != self.Session && who.Channel == self.Channel && who.Channel != 0 {
			s.happen(Happening{Kind: HappenedRecorded, Who: who})
		}
	}
}

// forget drops what was known of a session that has ended.
func (s *Session) forget(who voiceapp.Presence) {
	s.mu.Lock()
	delete(s.heard, who.Session)
	s.mu.Unlock()
	s.endWhisper(who)
}

func (s *Session) setLost(lost *control.Disconnected) {
	s.mu.Lock()
	first := s.lost == nil
	s.lost = lost
	if lost != nil {
		s.again = time.Now().Add(lost.Wait)
	}
	s.mu.Unlock()
	switch {
	case lost == nil:
		s.happen(Happening{Kind: HappenedBack})
	case first:
		s.happen(Happening{Kind: HappenedLost, Err: lost.Reason})
	}
}
