package control

import (
	"maps"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// batchTime is how long news of who is here waits for more of its kind.
const batchTime = 50 * time.Millisecond

// batch is the news of who is here that has not gone out. All of it belongs to the
// loop.
type batch struct {
	timer   *time.Timer // runs while the batch holds something
	joined  map[*session]struct{}
	updated map[*session]struct{}
	left    []departure
}

func newBatch() batch {
	timer := time.NewTimer(batchTime)
	timer.Stop()
	return batch{timer: timer, joined: make(map[*session]struct{}), updated: make(map[*session]struct{})}
}

// begin starts the wait when this is the first news.
func (b *batch) begin() {
	if len(b.joined)+len(b.updated)+len(b.left) == 0 {
		b.timer.Reset(batchTime)
	}
}

// join marks a session as new.
func (b *batch) join(s *session) {
	b.begin()
	b.joined[s] = struct{}{}
}

// only returns the session whose coming is all the news, and none to itself;
// nil when there is more.
func (b *batch) only() (alone *session) {
	if len(b.joined) == 1 && len(b.updated)+len(b.left) == 0 {
		for alone = range b.joined {
		}
	}
	return alone
}

// leave marks a session as gone, also one that nobody has been told of yet:
// somebody may have listed it, and all may want to know who was here.
func (b *batch) leave(s *session) {
	b.begin()
	delete(b.updated, s)
	b.left = append(b.left, departure{s.id})
}

// touch marks a session whose presence is another now.
func (r *roster) touch(s *session) {
	if r.sessions[s.id] != s {
		return
	}
	r.batch.begin()
	r.batch.updated[s] = struct{}{}
}

// flush sends the batch: what of it each role may see.
func (r *roster) flush() {
	b := &r.batch
	if len(b.joined)+len(b.updated)+len(b.left) == 0 {
		return
	}
	b.timer.Stop()
	alone := b.only()
	for s := range b.joined {
		delete(b.updated, s)
	}
	joined, updated := byID(b.joined), byID(b.updated)
	left := leftLines(b.left)
	clear(b.joined)
	clear(b.updated)
	b.left = b.left[:0]
	r.broadcast(alone, func(role voiceapp.Role) []byte {
		lines := presenceLines(eventJoined, r.presencesFor(joined, role))
		lines = append(lines, presenceLines(eventUpdated, r.presencesFor(updated, role))...)
		lines = append(lines, r.stillTalking(slices.Concat(joined, updated), role)...)
		return append(lines, left...)
	})
}

func byID(marked map[*session]struct{}) []*session {
	return slices.SortedFunc(maps.Keys(marked), func(a, b *session) int { return compareSessions(a.id, b.id) })
}

func (r *roster) presencesFor(sessions []*session, role voiceapp.Role) []voiceapp.Presence {
	seen := make([]voiceapp.Presence, len(sessions))
	for i, s := range sessions {
		seen[i] = r.presenceFor(s, role)
	}
	return seen
}

// presenceFor is a session as those of a role see it: in no channel when they may
// not see the one that it is in.
func (r *roster) presenceFor(s *session, role voiceapp.Role) voiceapp.Presence {
	p := s.presence()
	if !r.tree.shows(p.Channel, role) {
		p.Channel = 0
	}
	return p
}

// broadcast sends everyone but one, who may be nil, and the observers the lines for
// their roles, made once for each role.
func (r *roster) broadcast(but *session, lines func(voiceapp.Role) []byte) {
	made := make(map[voiceapp.Role][]byte)
	linesFor := func(role voiceapp.Role) []byte {
		text, ok := made[role]
		if !ok {
			text = lines(role)
			made[role] = text
		}
		return text
	}
	for _, s := range r.sessions {
		if s != but {
			s.conn.push(linesFor(s.role))
		}
	}
	for o := range r.observers {
		o.push(linesFor(o.role))
	}
}

// presenceLines gives an event about users as lines, nil when there are none.
func presenceLines(event string, users []voiceapp.Presence) (lines []byte) {
	for page := range slices.Chunk(users, PageSize) {
		lines = append(lines, mustEncode(outgoing{Method: event, Params: usersEvent{page}})...)
	}
	return lines
}

func leftLines(left []departure) (lines []byte) {
	for page := range slices.Chunk(left, PageSize) {
		lines = append(lines, mustEncode(outgoing{Method: eventLeft, Params: leftEvent{page}})...)
	}
	return lines
}
