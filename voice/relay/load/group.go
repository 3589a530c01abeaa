package load

import (
	"context"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// group is all users of a run.
type group struct {
	users   []*user
	speaker map[voiceapp.SessionID]*user
	start   time.Time // what stamps count from
	calm    crowd
	storm   crowd
	behind  histogram
	rooms   []int  // how many users each has
	flood   *flood // nil: none
	closed  bool
	reader  *reader
}

func dial(grants []voiceapp.Grant, c Config) (*group, error) {
	g := &group{speaker: map[voiceapp.SessionID]*user{}, start: time.Now(), rooms: make([]int, c.Rooms+1)}
	for i, grant := range grants {
		u, err := newUser(g, grant, c)
		if err != nil {
			g.close()
			return nil, err
		}
		u.place(i, len(grants), c)
		g.rooms[u.room]++
		g.users = append(g.users, u)
		if u.speaks {
			g.speaker[grant.Session] = u
		}
	}
	if err := g.listen(); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// crowd is what those who make a storm, or those who make none, have sent and got.
type crowd struct {
	latency histogram
	sent    uint64
	due     uint64 // frames that the listeners should have got
}

// received is how many frames have come so far, of all.
func (g *group) received() uint64 { return g.calm.latency.total() + g.storm.latency.total() }

// listen starts to read, until close.
func (g *group) listen() (err error) {
	var sockets []*socket
	for _, u := range g.users {
		sockets = append(sockets, u.socket)
	}
	g.reader, err = newReader(sockets, func(i int, datagram []byte, waited time.Duration) {
		g.users[i].open(datagram, waited)
	})
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "load: the sockets can't be read", err)
	}
	return nil
}

// close ends what reads and floods, and waits for it. It may be called again.
func (g *group) close() {
	if g.flood != nil {
		g.flood.stop()
	}
	if g.closed {
		return
	}
	g.closed = true
	if g.reader != nil {
		g.reader.end()
	}
	for _, u := range g.users {
		u.socket.close()
	}
}

// open probes for all users until each has an answer.
func (g *group) open(ctx context.Context, patience time.Duration) error {
	const again = 200 * time.Millisecond
	deadline, retry := time.NewTimer(patience), time.NewTicker(again)
	defer deadline.Stop()
	defer retry.Stop()
	for waiting := g.users; ; {
		for _, u := range waiting {
			if err := u.probe(); err != nil {
				return err
			}
		}
		for len(waiting) > 0 {
			select {
			case <-waiting[0].opened:
				waiting = waiting[1:]
				continue
			case <-retry.C:
			case <-deadline.C:
				return voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("load: no answer for session %d", waiting[0].session))
			case <-ctx.Done():
				return ctx.Err()
			}
			break
		}
		if len(waiting) == 0 {
			return nil
		}
	}
}

// await returns when every frame has come or [Grace] is over.
func (g *group) await(ctx context.Context) error {
	over, look := time.NewTimer(Grace), time.NewTicker(10*time.Millisecond)
	defer over.Stop()
	defer look.Stop()
	for g.calm.latency.total() < g.calm.due || g.storm.latency.total() < g.storm.due {
		select {
		case <-look.C:
		case <-over.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// result adds up; the readers have ended.
func (g *group) result(c Config) Result {
	frames := uint64(c.frames() * c.Parts)
	r := Result{
		Users:    len(g.users) - c.Storm,
		Speakers: c.Speakers,
		Speaking: time.Duration(frames) * c.FrameDuration,
		Sent:     g.calm.sent,
		Expected: g.calm.due,
		Received: g.calm.latency.total(),
		P50:      g.calm.latency.quantile(0.5),
		P99:      g.calm.latency.quantile(0.99),
		P999:     g.calm.latency.quantile(0.999),
		Max:      g.calm.latency.quantile(1),
		Behind:   g.behind.quantile(0.99),
		Storm:    Storm{Expected: g.storm.due, Received: g.storm.latency.total(), P99: g.storm.latency.quantile(0.99)},
		spread:   g.calm.latency.spread(),
	}
	if g.flood != nil {
		r.Flooded, r.flooding = g.flood.sent, g.flood.took
	}
	for _, u := range g.users {
		if u.crowd == &g.calm {
			r.Datagrams += u.datagrams
		}
		r.Duplicates += u.duplicates
		r.Corrupt += u.corrupt
		r.Refused += u.refused
	}
	return r
}
