package control

import (
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Event is something that has happened on the server: one of [UserJoined],
// [UserLeft], [UserMoved], [UserUpdated], [ChannelUpdated], [ChannelDeleted],
// [ChatSent], [ChatEdited] and [ChatDeleted]. There will be more kinds.
type Event interface{ event() }

// UserJoined says that someone has logged in.
type UserJoined struct{ voiceapp.Presence }

// UserLeft says that someone's session has ended. Presence is what it was last.
type UserLeft struct{ voiceapp.Presence }

// UserMoved says that someone, perhaps oneself, has entered another channel, or
// none. Presence is what it is now.
type UserMoved struct {
	voiceapp.Presence
	From voiceapp.ChannelID // 0: from none
}

// UserUpdated says that something else of someone, perhaps oneself, is not as it
// was: the name, the role, or whether he is muted. Presence is what it is now.
type UserUpdated struct {
	voiceapp.Presence
	Was voiceapp.Presence
}

// ChannelUpdated says that a channel is new, or not as it was.
type ChannelUpdated struct {
	voiceapp.Channel
	New bool // there was none, or it was not to be seen
}

// ChannelDeleted says that a channel is no more, or no more to be seen. Channel is
// what it was last.
type ChannelDeleted struct{ voiceapp.Channel }

func (UserJoined) event() {}
func (UserLeft) event()   {}
func (UserMoved) event()  {}

func (UserUpdated) event()    {}
func (ChannelUpdated) event() {}
func (ChannelDeleted) event() {}

// EventQueue is how many events wait for whoever ranges over [Client.Events].
const EventQueue = 1024

// events is a bounded queue that loses the oldest.
type events struct {
	wake chan struct{} // holds a token when there is something to see

	mu      sync.Mutex
	waiting []Event
	ended   bool
	dropped uint64
}

func (q *events) init() { q.wake = make(chan struct{}, 1) }

func (q *events) push(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return
	}
	if len(q.waiting) == EventQueue {
		q.waiting = q.waiting[1:]
		q.dropped++
	}
	q.waiting = append(q.waiting, e)
	q.signal()
}

func (q *events) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.signal()
}

func (q *events) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next waits for the oldest event; ok is false when none will come any more.
func (q *events) next() (e Event, ok bool) {
	for {
		<-q.wake
		q.mu.Lock()
		ended := q.ended
		if ok = len(q.waiting) > 0; ok {
			e, q.waiting = q.waiting[0], q.waiting[1:]
		}
		if ended || len(q.waiting) > 0 {
			q.signal()
		}
		q.mu.Unlock()
		if ok || ended {
			return e, ok
		}
	}
}

// Events returns what happens on the server, from login on, until the connection
// has ended and all was seen. The body may take its time and call the client:
// 1,024 events wait for it, then the oldest is lost, which [Client.Dropped] counts
// and what Sessions returns does not suffer from. Of several that range over
// Events, each event goes to one.
func (c *Client) Events() iter.Seq[Event] { return c.events.all() }

// all takes events until there will be none any more.
func (q *events) all() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := q.next()
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// Dropped returns how many events were lost because nobody took them in time.
func (c *Client) Dropped() uint64 {
	c.events.mu.Lock()
	defer c.events.mu.Unlock()
	return c.events.dropped
}

// event, in read, brings the mirror up to date and passes an event on. One of an
// unknown kind is skipped.
func (c *Client) event(m message) error {
	switch m.Method {
	case eventJoined:
		return handleEvent(m.Params, c.joined)
	case eventLeft:
		return handleEvent(m.Params, c.left)
	case eventUpdated:
		return handleEvent(m.Params, c.updated)
	case eventChannelUpdated:
		return handleEvent(m.Params, c.channelUpdated)
	case eventChannelDeleted:
		return handleEvent(m.Params, c.channelDeleted)
	case eventChat:
		return handleEvent(m.Params, func(e voiceapp.Message) { c.events.push(ChatSent{e}) })
	case eventChatEdited:
		return handleEvent(m.Params, func(e voiceapp.Message) { c.events.push(ChatEdited{e}) })
	case eventChatDeleted:
		return handleEvent(m.Params, func(e chatGone) { c.events.push(ChatDeleted(e)) })
	case eventGranted:
		return handleEvent(m.Params, func(e grantedEvent) { c.granted(e.Voice) })
	case eventActivity:
		return handleEvent(m.Params, c.activity)
	case eventDatagram:
		return handleEvent(m.Params, c.datagram)
	case eventClosed:
		return handleEvent(m.Params, c.closedByServer)
	}
	return nil
}

func handleEvent[E any](params json.RawMessage, take func(E)) error {
	var e E
	err := decodeParams(params, &e)
	if err == nil {
		take(e)
	}
	return err
}

// joined takes those who are new; one that was listed before is none.
func (c *Client) joined(e usersEvent) {
	for _, p := range e.Users {
		if was, known := c.mirror.put(p); known {
			c.changed(was, p)
		} else {
			c.events.push(UserJoined{p})
		}
	}
}

func (c *Client) left(e leftEvent) {
	for _, d := range e.Users {
		if was, ok := c.mirror.remove(d.Session); ok {
			c.events.push(UserLeft{was})
		}
	}
}

// updated takes those who are not as they were; one that is not known yet will be
// listed as it is.
func (c *Client) updated(e usersEvent) {
	for _, p := range e.Users {
		if was, known := c.mirror.replace(p); known {
			c.changed(was, p)
		}
	}
}

// changed says what is different of someone.
func (c *Client) changed(was, is voiceapp.Presence) {
	if was.Channel != is.Channel {
		c.events.push(UserMoved{is, was.Channel})
		was.Channel = is.Channel
	}
	if was != is {
		c.events.push(UserUpdated{is, was})
	}
}

func (c *Client) channelUpdated(e channelUpdatedEvent) {
	for _, ch := range e.Channels {
		if was, known := c.mirror.putChannel(ch); !known || was != ch {
			c.events.push(ChannelUpdated{ch, !known})
		}
	}
}

func (c *Client) channelDeleted(e channelDeletedEvent) {
	for _, gone := range e.Channels {
		if was, known := c.mirror.removeChannel(gone.ID); known {
			c.events.push(ChannelDeleted{was})
		}
	}
}

// closedByServer remembers the server's last word; the end of the stream follows.
func (c *Client) closedByServer(e closedEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reason := voiceapp.NewError(e.Code, e.Message).With(e.Detail)
	reason.Until, reason.Reason = e.Until, e.Reason
	c.farewell = &ClosedError{Reason: reason, RetryAfter: waitFor(e.RetryAfter)}
}

// longestWait is the longest wait that a client lets a server ask for.
const longestWait = time.Hour

// waitFor gives the wait that a server asks for in seconds.
func waitFor(seconds float64) time.Duration {
	return time.Duration(min(max(0, seconds), longestWait.Seconds()) * float64(time.Second))
}
