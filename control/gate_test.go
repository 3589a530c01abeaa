package control

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"
)

// door is a gate under test.
type door struct {
	*gate
	now time.Time
}

func newDoor(maxPending, maxPerSource int) *door {
	return &door{newGate(Limits{MaxPending: maxPending, MaxPerSource: maxPerSource}, new(atomic.Int64)), time.Now()}
}

// enter has one come; nil: it may not come in.
func (d *door) enter(source string) (c, victim *conn) {
	addr, _ := netip.ParseAddr(source)
	c = &conn{source: sourceOf(addr)}
	victim, ok := d.gate.enter(c, d.now)
	if !ok {
		return nil, victim
	}
	return c, victim
}

// All the places taken by one address that keeps silent are no hindrance for others.
func TestGateOneSource(t *testing.T) {
	d := newDoor(256, 1024)
	var silent []*conn
	for range 256 {
		c, _ := d.enter("192.0.2.66")
		silent = append(silent, c)
	}
	if c, _ := d.enter("192.0.2.66"); c != nil {
		t.Error("one more of the same came in at once")
	}
	for i := range 200 {
		c, victim := d.enter(fmt.Sprintf("198.51.100.%d", i))
		if c == nil || victim != silent[i] {
			t.Fatalf("%d: the newcomer is in: %v, and not the oldest of the crowd has gone", i, c != nil)
		}
	}
	if n := d.gauge.Load(); n != 256 {
		t.Errorf("%d are pending", n)
	}
	d.now = d.now.Add(loginGrace)
	if c, victim := d.enter("192.0.2.66"); c == nil || victim == nil {
		t.Error("one more of the same did not take the place of one who had his time")
	}
}

// Among many sources nobody is cut who has just come; later the oldest is.
func TestGateManySources(t *testing.T) {
	d := newDoor(64, 1024)
	var first *conn
	for i := range 64 {
		c, _ := d.enter(fmt.Sprintf("2001:db8:0:%x::1", i))
		if i == 0 {
			first = c
		}
	}
	if c, victim := d.enter("192.0.2.1"); c != nil || victim != nil {
		t.Error("a newcomer came in at the cost of one who had just come")
	}
	d.now = d.now.Add(loginGrace)
	if c, victim := d.enter("192.0.2.1"); c == nil || victim != first {
		t.Error("the oldest does not make room")
	}
}

// Those who have logged in need no room, and still count for their source.
func TestGateLoggedIn(t *testing.T) {
	d := newDoor(1, 3)
	var in []*conn
	for range 3 {
		c, victim := d.enter("192.0.2.1")
		if c == nil || victim != nil {
			t.Fatal("there was room")
		}
		d.loggedIn(c)
		d.loggedIn(c)
		in = append(in, c)
	}
	if c, _ := d.enter("192.0.2.1"); c != nil {
		t.Error("one more of the source than may be")
	}
	if c, _ := d.enter(""); c == nil {
		t.Error("one without an address counts for none")
	}
	for _, c := range in {
		d.leave(c)
	}
	if len(d.sources) != 1 {
		t.Errorf("%d sources are left", len(d.sources))
	}
	d.now = d.now.Add(loginGrace)
	if c, _ := d.enter("192.0.2.1"); c == nil {
		t.Error("there is room again")
	}
}
