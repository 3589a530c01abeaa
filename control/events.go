package control

import (
	"encoding/json"
	"iter"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Event is something that has happened on the server: one of [UserJoined],
// [UserLeft], [UserMoved] and [ChatSent]. There will be more kinds.
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

// ChatSent is a message to one's channel, one's own too.
type ChatSent struct{ voiceapp.Message }

func (UserJoined) event() {}
func (UserLeft) event()   {}
func (UserMoved) event()  {}
func (ChatSent) event()   {}

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
func (c *Client) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := c.events.next()
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
func (c *Client) event(m message) {
	var err error
	switch m.Method {
	case eventJoined:
		err = handleEvent(m.Params, c.joined)
	case eventLeft:
		err = handleEvent(m.Params, c.left)
	case eventMoved:
		err = handleEvent(m.Params, c.moved)
	case eventChat:
		err = handleEvent(m.Params, func(e chatEvent) { c.events.push(ChatSent{e.message()}) })
	case eventGranted:
		err = handleEvent(m.Params, func(e grantedEvent) { c.granted(e.Voice) })
	case eventClosed:
		err = handleEvent(m.Params, c.closedByServer)
	}
	if err != nil {
		c.log.Warn("an event can't be read", "event", m.Method, "error", err)
	}
}

func handleEvent[E any](params json.RawMessage, take func(E)) error {
	var e E
	err := decodeParams(params, &e)
	if err == nil {
		take(e)
	}
	return err
}

func (c *Client) joined(e joinedEvent) {
	c.mirror.addSessions(e.Users)
	for _, p := range e.Users {
		c.events.push(UserJoined{p.presence()})
	}
}

func (c *Client) left(e leftEvent) {
	for _, d := range e.Users {
		if was, ok := c.mirror.remove(d.Session); ok {
			c.events.push(UserLeft{was})
		}
	}
}

func (c *Client) moved(e movedEvent) {
	for _, to := range e.Users {
		if was, is, ok := c.mirror.move(to); ok {
			c.events.push(UserMoved{is, was.Channel})
		}
	}
}

// closedByServer remembers the server's last word; the end of the stream follows.
func (c *Client) closedByServer(e closedEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.farewell = &ClosedError{
		Reason:     voiceapp.NewError(e.Code, e.Message),
		RetryAfter: time.Duration(min(max(0, e.RetryAfter), longestWait.Seconds()) * float64(time.Second)),
	}
}

// longestWait is the longest wait that a client lets a server ask for.
const longestWait = time.Hour
