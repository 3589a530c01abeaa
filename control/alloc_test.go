//go:build !race

package control

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Reading a line and looking at its shape costs no garbage but shape's two lists;
// a message to a hundred costs no more than one to one.
func TestAllocations(t *testing.T) {
	r := lineReader{source: repeat("a line\n"), limit: MaxLine}
	if n := testing.AllocsPerRun(1000, func() { _, _ = r.next() }); n != 0 {
		t.Errorf("a line: %v allocations", n)
	}
	line := []byte(`{"jsonrpc":"2.0","id":1}`)
	if n := testing.AllocsPerRun(1000, func() { _ = checkJSON(line) }); n > 4 {
		t.Errorf("the shape of a line: %v allocations", n)
	}
	th, m, now := newThrottle(), newMeter(Limits{}.withDefaults(), time.Now()), time.Now()
	if n := testing.AllocsPerRun(1000, func() {
		a, _ := th.begin("anna", netip.AddrFrom4([4]byte{192, 0, 2, 1}), now)
		th.end(a, failed, now)
		m.take(methodChat, now)
	}); n != 0 {
		t.Errorf("an attempt and a message: %v allocations", n)
	}
	say := func(members int) float64 {
		r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
		for i := range members {
			r.place(testSession(t, r, string(rune('a'+i))), voiceapp.ChannelID(1))
		}
		m := voiceapp.Message{Channel: 1, Session: r.members[1][0].id, Text: "good evening"}
		return testing.AllocsPerRun(1000, func() {
			r.tellChat(eventChat, m, &m)
			for _, s := range r.members[1] {
				s.conn.out.lines, s.conn.out.bytes = s.conn.out.lines[:0], 0
			}
		})
	}
	if one, hundred := say(1), say(100); hundred > one+1 {
		t.Errorf("a message to one: %v allocations, to a hundred: %v", one, hundred)
	}
}
