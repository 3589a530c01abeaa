package control

import (
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// activityTime is the least time between two looks at who talks, and the time
// between them while somebody does.
const activityTime = 50 * time.Millisecond

// activity is who talks, as everyone was told last. All of it belongs to the loop.
type activity struct {
	source  VoiceActivity // nil: nobody knows
	wake    <-chan struct{}
	timer   *time.Timer
	running bool // the timer is
	talkers map[voiceapp.SessionID]struct{}

	begun, ceased []voiceapp.SessionID // memory for the next look
}

func newActivity(voice Voice) activity {
	a := activity{timer: time.NewTimer(activityTime), talkers: make(map[voiceapp.SessionID]struct{})}
	a.timer.Stop()
	if source, ok := voice.(VoiceActivity); ok {
		a.source, a.wake = source, source.TalkChanged()
	}
	return a
}

// woken looks at once, unless it did so just now.
func (r *roster) woken() {
	if !r.activity.running {
		r.lookWhoTalks()
	}
}

// lookWhoTalks tells everyone what has changed, and looks again soon while somebody
// talks.
func (r *roster) lookWhoTalks() {
	a := &r.activity
	a.begun, a.ceased = a.source.TalkChanges(a.begun[:0], a.ceased[:0])
	slices.Sort(a.begun)
	slices.Sort(a.ceased)
	for _, id := range a.begun {
		a.talkers[id] = struct{}{}
	}
	for _, id := range a.ceased {
		delete(a.talkers, id)
	}
	changed := len(a.begun)+len(a.ceased) > 0
	if changed {
		r.broadcast(nil, func(role voiceapp.Role) []byte { return r.activityLines(a.begun, a.ceased, role) })
	}
	if a.running = changed || len(a.talkers) > 0; a.running {
		a.timer.Reset(activityTime)
	}
}

// forgetTalker drops one who has left: everyone knows that by user.left.
func (a *activity) forgetTalker(id voiceapp.SessionID) { delete(a.talkers, id) }

// activityLines says what those of a role may know: only of who is in a channel that
// they may see.
func (r *roster) activityLines(begun, ceased []voiceapp.SessionID, role voiceapp.Role) (lines []byte) {
	begun, ceased = r.audible(begun, role), r.audible(ceased, role)
	for page := range slices.Chunk(begun, PageSize) {
		lines = append(lines, mustEncode(outgoing{Method: eventActivity, Params: activityEvent{Talking: page}})...)
	}
	for page := range slices.Chunk(ceased, PageSize) {
		lines = append(lines, mustEncode(outgoing{Method: eventActivity, Params: activityEvent{Silent: page}})...)
	}
	return lines
}

func (r *roster) audible(ids []voiceapp.SessionID, role voiceapp.Role) (seen []voiceapp.SessionID) {
	for _, id := range ids {
		if s := r.sessions[id]; s != nil && r.tree.shows(s.channel, role) {
			seen = append(seen, id)
		}
	}
	return seen
}

// talkingNow says to those of a role who talks at present, nil when nobody does:
// for who has just come, or sees more than before.
func (r *roster) talkingNow(role voiceapp.Role) []byte {
	talkers := make([]voiceapp.SessionID, 0, len(r.activity.talkers))
	for id := range r.activity.talkers {
		talkers = append(talkers, id)
	}
	slices.Sort(talkers)
	return r.activityLines(talkers, nil, role)
}

// stillTalking says it of those who may have come into sight.
func (r *roster) stillTalking(moved []*session, role voiceapp.Role) []byte {
	var talkers []voiceapp.SessionID
	for _, s := range moved {
		if _, talks := r.activity.talkers[s.id]; talks {
			talkers = append(talkers, s.id)
		}
	}
	return r.activityLines(talkers, nil, role)
}
