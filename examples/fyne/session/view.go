package session

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// View is what there is to be seen. It is a snapshot, the caller's.
type View struct {
	Server  control.ServerInfo
	Addr    string
	Key     voiceapp.Fingerprint
	Self    voiceapp.Presence
	Rooms   []Room // parents before their children, in the order in which to show them
	Nowhere []Person
	Quality Quality
	Trace   []Quality // a point for each second, the oldest first

	Whispers   voiceapp.SessionID // to whom one whispers; 0: to nobody
	VoiceError error              // why there is no voice; nil: there is

	Lost  error     // why the connection is lost, or the latest try came to nothing, while it is
	Again time.Time // when the next try to come back is made; zero: it is being made
}

// Room is a channel with those who are in it.
type Room struct {
	voiceapp.Channel
	Depth     int
	People    []Person
	Locked    error // why one can't join, a [voiceapp.Refusal]; nil: one can
	Full      bool
	Listening bool // one hears it although one is elsewhere
	Unread    int
}

// Person is somebody who is here.
type Person struct {
	voiceapp.Presence
	Self    bool
	Talking bool
	Hearing Hearing
	Unread  int // of direct messages
}

// View returns a snapshot.
func (s *Session) View() View {
	client := s.Client()
	channels, people := client.Channels(), client.Sessions()
	v := View{Addr: client.Addr(), Key: client.Fingerprint(), Self: client.Self()}
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Server, v.Quality, v.Trace = s.serverIs, s.quality, slices.Clone(s.trace.points)
	v.Whispers, v.VoiceError = s.whispers.Session, s.voiceErr
	if s.lost != nil {
		v.Lost = s.lost.Reason
		if s.again.After(time.Now()) {
			v.Again = s.again
		}
	}
	in := make(map[voiceapp.ChannelID][]Person)
	for _, p := range people {
		in[p.Channel] = append(in[p.Channel], s.person(p, v.Self))
	}
	for _, list := range in {
		s.sort(list)
	}
	depth := map[voiceapp.ChannelID]int{}
	for _, ch := range channels {
		if d, ok := depth[ch.Parent]; ok {
			depth[ch.ID] = d + 1
		} else {
			depth[ch.ID] = 0
		}
		v.Rooms = append(v.Rooms, s.room(ch, depth[ch.ID], in[ch.ID], v.Self))
	}
	v.Nowhere = in[0]
	return v
}

// sort, under mu, orders people as a reader looks for them: without regard to case,
// an accented letter beside the plain one (UTS #10), guest 2 before guest 10.
func (s *Session) sort(people []Person) {
	slices.SortFunc(people, func(a, b Person) int {
		return cmp.Or(s.order.CompareString(a.Name, b.Name), cmp.Compare(a.Session, b.Session))
	})
}

// room, under mu, says how a channel looks to oneself.
func (s *Session) room(ch voiceapp.Channel, depth int, people []Person, self voiceapp.Presence) Room {
	r := Room{
		Channel: ch, Depth: depth, People: people, Listening: s.listening[ch.ID],
		Full:   ch.MaxUsers > 0 && len(people) >= ch.MaxUsers,
		Unread: s.chat.unread(channelTopic(ch.ID)),
	}
	if join := ch.Permissions(self.Role).Join; !join.Allowed && self.Channel != ch.ID {
		r.Locked = voiceapp.Refusal(self.Role, join.Needs)
	}
	return r
}

func (s *Session) person(p voiceapp.Presence, self voiceapp.Presence) Person {
	one := Person{
		Presence: p, Self: p.Session == self.Session, Talking: s.talking[p.Session], Hearing: Hearing{Volume: 1},
		Unread: s.chat.unread(personTopic(p)),
	}
	if h, ok := s.heard[p.Session]; ok {
		one.Hearing = h
	}
	return one
}

// Room returns a channel of the view.
func (v View) Room(id voiceapp.ChannelID) (Room, bool) {
	i := slices.IndexFunc(v.Rooms, func(r Room) bool { return r.ID == id })
	if i < 0 {
		return Room{}, false
	}
	return v.Rooms[i], true
}

// Person returns somebody of the view.
func (v View) Person(id voiceapp.SessionID) (Person, bool) {
	for _, list := range append([][]Person{v.Nowhere}, peopleOf(v.Rooms)...) {
		for _, p := range list {
			if p.Session == id {
				return p, true
			}
		}
	}
	return Person{}, false
}

func peopleOf(rooms []Room) (lists [][]Person) {
	for _, r := range rooms {
		lists = append(lists, r.People)
	}
	return lists
}
