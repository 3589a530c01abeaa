package control

import (
	"cmp"
	"iter"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// tree is the channels at one moment. It is immutable.
type tree struct {
	channels []voiceapp.Channel // parents before their children, siblings in their order
	index    map[voiceapp.ChannelID]int
}

func newTree(channels []voiceapp.Channel) *tree {
	t := &tree{channels: channels, index: make(map[voiceapp.ChannelID]int, len(channels))}
	for i, ch := range channels {
		t.index[ch.ID] = i
	}
	return t
}

// channel returns a channel; ok is false when there is none.
func (t *tree) channel(id voiceapp.ChannelID) (ch voiceapp.Channel, ok bool) {
	at, ok := t.index[id]
	if ok {
		ch = t.channels[at]
	}
	return ch, ok
}

// shows reports whether there is such a channel for those who have that role.
func (t *tree) shows(id voiceapp.ChannelID, role voiceapp.Role) bool {
	ch, ok := t.channel(id)
	return ok && role >= ch.SeeRole
}

// under returns a channel and all that is below it, parents before their children.
func (t *tree) under(top voiceapp.ChannelID) (under []voiceapp.Channel) {
	inside := map[voiceapp.ChannelID]bool{top: true}
	for _, ch := range t.channels {
		if inside[ch.ID] = inside[ch.ID] || inside[ch.Parent]; inside[ch.ID] {
			under = append(under, ch)
		}
	}
	return under
}

// seenBy returns the channels that exist for those who have that role.
func (t *tree) seenBy(role voiceapp.Role) []voiceapp.Channel {
	seen := make([]voiceapp.Channel, 0, len(t.channels))
	for _, ch := range t.channels {
		if role >= ch.SeeRole {
			seen = append(seen, ch)
		}
	}
	return seen
}

// treeOrder gives channels as a tree is read: each is followed by those under it,
// siblings stand in their order. What does not hang on the top is left out.
func treeOrder(channels iter.Seq[voiceapp.Channel]) []voiceapp.Channel {
	below, n := make(map[voiceapp.ChannelID][]voiceapp.Channel), 0
	for ch := range channels {
		below[ch.Parent] = append(below[ch.Parent], ch)
		n++
	}
	return appendBelow(make([]voiceapp.Channel, 0, n), below, 0)
}

// appendBelow takes the channels below a parent out of the map. One that a hostile
// server puts under itself is never reached.
func appendBelow(list []voiceapp.Channel, below map[voiceapp.ChannelID][]voiceapp.Channel, parent voiceapp.ChannelID) []voiceapp.Channel {
	level := below[parent]
	delete(below, parent)
	slices.SortFunc(level, compareSiblings)
	for _, ch := range level {
		list = appendBelow(append(list, ch), below, ch.ID)
	}
	return list
}

func compareSiblings(a, b voiceapp.Channel) int {
	return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
}

// view is a tree as those of one role see it.
type view struct {
	*tree
	role voiceapp.Role
}

// updated gives the event about channels that are new or different since a view,
// parents first; nil when there are none.
func (v view) updated(before view) (lines []byte) {
	var updated []voiceapp.Channel
	for _, ch := range v.seenBy(v.role) {
		if was, ok := before.channel(ch.ID); !ok || was != ch || !before.shows(ch.ID, before.role) {
			updated = append(updated, ch)
		}
	}
	for page := range slices.Chunk(updated, channelPage) {
		lines = append(lines, mustEncode(outgoing{Method: eventChannelUpdated, Params: channelUpdatedEvent{page}})...)
	}
	return lines
}

// deleted gives the event about channels that are no more since a view, children
// first; nil when there are none.
func (v view) deleted(before view) (lines []byte) {
	var gone []channelGone
	for _, ch := range slices.Backward(before.seenBy(before.role)) {
		if !v.shows(ch.ID, v.role) {
			gone = append(gone, channelGone{ch.ID})
		}
	}
	for page := range slices.Chunk(gone, PageSize) {
		lines = append(lines, mustEncode(outgoing{Method: eventChannelDeleted, Params: channelDeletedEvent{page}})...)
	}
	return lines
}

// errNoChannel is the answer about a channel that is not there, and about one that
// is there for others only.
func errNoChannel() error {
	return voiceapp.NewError(voiceapp.NotFound, "there is no such channel").With(voiceapp.NoChannel)
}

// setTree takes the channels as they are now, tells everyone what is different
// for him, and works out again what everyone here may do.
func (r *roster) setTree(channels []voiceapp.Channel) {
	before := r.tree
	r.tree = newTree(channels)
	for _, s := range r.inOrder() {
		r.rescue(s, before)
		r.refresh(s)
	}
	r.touchFlipped(before)
	r.tellTree(before)
}

// rescue moves someone whose channel is no more to the nearest one that was above
// it, if he may enter that. Otherwise he will be in none.
func (r *roster) rescue(s *session, before *tree) {
	at, was := before.channel(s.channel)
	if _, is := r.tree.channel(s.channel); is || !was {
		return
	}
	above, ok := r.tree.channel(at.Parent)
	for !ok && at.Parent != 0 {
		at, _ = before.channel(at.Parent)
		above, ok = r.tree.channel(at.Parent)
	}
	if ok && r.mayEnter(s, above) == nil {
		r.mustEnter(s, above)
	}
}

// touchFlipped marks those who are in a channel that others began to see, or see no
// more.
func (r *roster) touchFlipped(before *tree) {
	for id, members := range r.members {
		was, _ := before.channel(id)
		is, _ := r.tree.channel(id)
		if was.SeeRole == is.SeeRole {
			continue
		}
		for _, s := range members {
			r.touch(s)
		}
	}
}

// tellTree sends what has changed in the tree, and between what is new and what is
// gone where people are now: nobody is ever in a channel that the reader does not
// know.
func (r *roster) tellTree(before *tree) {
	r.broadcast(nil, func(role voiceapp.Role) []byte { return view{r.tree, role}.updated(view{before, role}) })
	r.flush()
	r.broadcast(nil, func(role voiceapp.Role) []byte { return view{r.tree, role}.deleted(view{before, role}) })
}

// setRole gives a session another role, and shows it what it may see with it.
func (r *roster) setRole(s *session, role voiceapp.Role) {
	if s.role == role {
		return
	}
	before := view{r.tree, s.role}
	s.role = role
	r.refresh(s)
	r.touch(s)
	r.flush()
	now := view{r.tree, role}
	updated, deleted := now.updated(before), now.deleted(before)
	if updated == nil && deleted == nil {
		return
	}
	for _, lines := range [][]byte{updated, r.inFlipped(before, now), r.talkingNow(role), deleted} {
		if lines != nil {
			s.conn.push(lines)
		}
	}
}

// inFlipped says who is in the channels that one view has and the other has not.
func (r *roster) inFlipped(before, now view) []byte {
	var users []voiceapp.Presence
	for _, s := range r.inOrder() {
		if before.shows(s.channel, before.role) != now.shows(s.channel, now.role) {
			users = append(users, r.presenceFor(s, now.role))
		}
	}
	return presenceLines(eventUpdated, users)
}
