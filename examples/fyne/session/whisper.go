package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// whisperSlot is the target slot of whispers.
const whisperSlot = 1

// returnTime is how long somebody to whom one whispers may take to come back to a server
// that was away.
const returnTime = 10 * time.Second

// Whisper has one heard by one person alone, until it is called with 0.
func (s *Session) Whisper(ctx context.Context, person voiceapp.SessionID) error {
	s.asking.Lock()
	defer s.asking.Unlock()
	var to voiceapp.Presence
	if person != 0 {
		client := s.Client()
		people := client.Sessions()
		if err := whisperTo(ctx, client, person); err != nil {
			return err
		}
		i := slices.IndexFunc(people, func(p voiceapp.Presence) bool { return p.Session == person })
		if i < 0 {
			return voiceapp.NewError(voiceapp.NotFound, "nobody is there to whisper to").With(voiceapp.NobodyHere)
		}
		to = people[i]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aim(to)
}

func whisperTo(ctx context.Context, client *control.Client, person voiceapp.SessionID) error {
	return client.SetWhisper(ctx, whisperSlot, voiceapp.Target{Sessions: []voiceapp.SessionID{person}})
}

// aim, under mu, has the voice go to one person, or to the channel.
func (s *Session) aim(to voiceapp.Presence) error {
	s.whispers = to
	s.change()
	slot := 0
	if to.Session != 0 {
		slot = whisperSlot
	}
	if s.voice == nil {
		return nil
	}
	return s.voice.SetTarget(slot)
}

// endWhisper has one heard by the channel again, if one whispers to somebody who is not
// here any more.
func (s *Session) endWhisper(who voiceapp.Presence) {
	s.mu.Lock()
	ends := s.whispers.Session == who.Session
	if ends {
		_ = s.aim(voiceapp.Presence{}) // the channel is always a target
	}
	s.mu.Unlock()
	if ends {
		s.happen(Happening{Kind: HappenedUnheard, Who: who})
	}
}

// Listen has one hear a further channel, or no longer.
func (s *Session) Listen(ctx context.Context, id voiceapp.ChannelID, on bool) error {
	do := s.Client().Unlisten
	if on {
		do = s.Client().Listen
	}
	if err := do(ctx, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.listening[id] = true
	} else {
		delete(s.listening, id)
	}
	s.change()
	return nil
}

// goOn tells a server that may have been started anew to whom one whispers and where one
// listens. What can't be any more ends, and is told.
func (s *Session) goOn(ctx context.Context) {
	client := s.Client()
	s.mu.Lock()
	to, channels := s.whispers, slices.Collect(maps.Keys(s.listening))
	s.mu.Unlock()
	for _, id := range channels {
		if err := s.Listen(ctx, id, true); err != nil && !over(client) {
			s.mu.Lock()
			delete(s.listening, id)
			s.mu.Unlock()
			s.happen(Happening{Kind: HappenedRefusal, Err: err})
		}
	}
	if to.Session != 0 {
		s.whisperOn(ctx, client, to)
	}
}

// whisperOn whispers to whom it was before. He may come back a little later than oneself:
// nobody else hears anything until then.
func (s *Session) whisperOn(ctx context.Context, client *control.Client, to voiceapp.Presence) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(returnTime); ; {
		if done := s.tryWhisper(ctx, client, to); done {
			return
		}
		select {
		case <-tick.C:
		case <-client.Done(): // it goes on with the next connection
			return
		case <-ctx.Done():
			return
		case <-late:
			s.endWhisper(to)
			return
		}
	}
}

// tryWhisper reports whether one whispers to him again, or no longer wants to.
func (s *Session) tryWhisper(ctx context.Context, client *control.Client, to voiceapp.Presence) (done bool) {
	s.asking.Lock()
	defer s.asking.Unlock()
	s.mu.Lock()
	wanted := s.whispers.Session == to.Session
	s.mu.Unlock()
	if !wanted {
		return true
	}
	now, here := again(client.Sessions(), to)
	if !here || whisperTo(ctx, client, now.Session) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aim(now) == nil
}

// again finds somebody who was here before. A server that was started anew may have given
// the number of his session to another.
func again(people []voiceapp.Presence, who voiceapp.Presence) (found voiceapp.Presence, ok bool) {
	for _, p := range people {
		switch {
		case p.User != who.User || p.User == 0 && p.Name != who.Name:
		case p.Session == who.Session:
			return p, true
		case p.User != 0:
			found, ok = p, true
		}
	}
	return found, ok
}

// over reports whether a connection is.
func over(client *control.Client) bool {
	select {
	case <-client.Done():
		return true
	default:
		return false
	}
}
