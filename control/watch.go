package control

import (
	"bytes"
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// observer follows what happens without being here. All of it belongs to the loop
// but out, which anyone may use.
type observer struct {
	user voiceapp.UserID // 0: the operator
	role voiceapp.Role
	out  queue
	last *voiceapp.Error // why it was ended; set before out is closed
}

// end takes no more for the observer.
func (o *observer) end(why *voiceapp.Error) {
	if o.last == nil {
		o.last = why
		o.out.abort()
	}
}

// push queues lines, and ends an observer who does not take them.
func (o *observer) push(lines []byte) {
	if len(lines) > 0 && !o.out.push(lines) {
		o.end(voiceapp.NewError(voiceapp.Limited, "the events came faster than they were taken"))
	}
}

// Watch has take called with what those of the actor's role see happen, line by
// line: notifications as control/PROTOCOL.md has them, without the newline. The
// first say what there is, channels by "channel.updated", people by "user.joined"
// and "voice.activity"; "watch.ready" ends them. Of chat it has what is written to
// channels that the actor may join, and to everyone. take may keep the line, and is
// called by this goroutine only.
//
// Watch returns when ctx ends, with its error; when the server stops, as
// [voiceapp.Unavailable]; when take is too slow, as [voiceapp.Limited]; and when the
// actor's account has another role or password, was kicked, banned or deleted, as
// [voiceapp.Forbidden]. It takes a moderator.
func (s *Server) Watch(ctx context.Context, by voiceapp.Actor, take func(line []byte)) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	var o *observer
	err := s.settled(ctx, func(ctx context.Context) error {
		if err := s.lookUp(ctx, &by); err != nil {
			return err
		}
		return needs(by, voiceapp.RoleModerator)
	}, func(r *roster) error {
		o = &observer{user: by.User, role: by.Role, out: queue{limit: watchBytes, wake: make(chan struct{}, 1)}}
		r.observe(o)
		return nil
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.roster.do(func(r *roster) error { delete(r.observers, o); return nil }) }()
	defer context.AfterFunc(ctx, o.out.abort)()
	defer context.AfterFunc(s.open, o.out.abort)()
	o.run(take)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.open.Err() != nil:
		return errStopping()
	default:
		return s.roster.do(func(*roster) error { return o.last })
	}
}

// watchBytes is how much may wait for one observer: at least what there is at first.
const watchBytes = 8 << 20

// run gives the lines to take until there are no more.
func (o *observer) run(take func(line []byte)) {
	for more := true; more; {
		var lines []byte
		lines, more = o.out.take(nil)
		for line := range bytes.Lines(lines) {
			take(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
}

// observe adds an observer, and tells it what there is.
func (r *roster) observe(o *observer) {
	r.flush() // what is said twice from here on is said after this
	r.observers[o] = struct{}{}
	o.push(view{r.tree, o.role}.updated(view{newTree(nil), o.role}))
	o.push(presenceLines(eventJoined, r.presencesFor(r.inOrder(), o.role)))
	o.push(r.talkingNow(o.role))
	o.push(mustEncode(outgoing{Method: eventWatching, Params: empty{}}))
}

// eventWatching says to an observer that it knows all that there is.
const eventWatching = "watch.ready"

// unwatch ends the observers of an account that is not what it was.
func (r *roster) unwatch(user voiceapp.UserID) {
	for o := range r.observers {
		if user != 0 && o.user == user {
			o.end(voiceapp.NewError(voiceapp.Forbidden, "the account is not what it was: log in again"))
		}
	}
}

// observeChat tells the observers about a message to a channel or to everyone.
func (r *roster) observeChat(m voiceapp.Message, line []byte) {
	if m.Channel == 0 && !targetOf(m).Server {
		return
	}
	ch, _ := r.tree.channel(m.Channel)
	for o := range r.observers {
		if m.Channel == 0 || ch.Permissions(o.role).Join.Allowed {
			o.push(line)
		}
	}
}

// Sessions returns who is here, by rising numbers, with what those may know who run
// the server. It takes a moderator; the error is [voiceapp.Forbidden]. Who is in a
// channel that the actor may not see is in none.
func (s *Server) Sessions(ctx context.Context, by voiceapp.Actor) (all []voiceapp.SessionInfo, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return nil, s.startErr
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return nil, err
	}
	if err := needs(by, voiceapp.RoleModerator); err != nil {
		return nil, err
	}
	err = s.roster.do(func(r *roster) error {
		all = make([]voiceapp.SessionInfo, 0, len(r.order))
		for _, session := range r.inOrder() {
			all = append(all, r.infoOf(session, by.Role))
		}
		return nil
	})
	return all, err
}

// Tree returns the channels that the actor may see, parents before their children,
// siblings in their order, and how many are in each.
func (s *Server) Tree(ctx context.Context, by voiceapp.Actor) (all []voiceapp.ChannelInfo, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return nil, s.startErr
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return nil, err
	}
	err = s.roster.do(func(r *roster) error {
		for _, ch := range r.tree.seenBy(by.Role) {
			all = append(all, voiceapp.ChannelInfo{Channel: ch, People: len(r.members[ch.ID])})
		}
		return nil
	})
	return all, err
}

// infoOf is a session as one of a role may know it who runs the server.
func (r *roster) infoOf(s *session, role voiceapp.Role) voiceapp.SessionInfo {
	_, talks := r.activity.talkers[s.id]
	return voiceapp.SessionInfo{
		Presence: r.presenceFor(s, role),
		Talking:  talks && r.tree.shows(s.channel, role),
		Device:   s.conn.device,
		Address:  addrPortOf(s.conn.raw).Addr(),
		Since:    s.conn.came.UTC(),
	}
}
