package relay

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// serveSockets is a relay with so many sockets that share an address, each with a loop.
func serveSockets(t testing.TB, sockets int) server {
	t.Helper()
	conns, err := Listen("udp4", "127.0.0.1:0", sockets)
	if err != nil {
		t.Fatal(err)
	}
	r := New(Config{Logger: slog.New(slog.DiscardHandler)})
	ended := make(chan error)
	for _, conn := range conns {
		go func() { ended <- r.Serve(conn) }()
	}
	t.Cleanup(func() {
		_ = r.Close()
		for range sockets {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
	})
	return server{r, netip.MustParseAddrPort(conns[0].LocalAddr().String())}
}

// Each client is heard by the socket that the kernel picks, and hears everyone.
func TestSocketsThatShareAnAddress(t *testing.T) {
	s := serveSockets(t, 3)
	clients := make([]*client, 12)
	for i := range clients {
		clients[i] = s.join(t, voiceapp.SessionID(i+1), lobby)
	}
	for _, speaker := range clients {
		speaker.say("to all")
	}
	for i, c := range clients {
		for len(c.heard) < len(clients)-1 {
			c.receive()
		}
		from := map[uint32]bool{}
		for _, a := range c.heard {
			from[a.Speaker] = true
		}
		if len(from) != len(clients)-1 || from[uint32(i+1)] {
			t.Errorf("session %d heard %v", i+1, from)
		}
	}
}

// Where many talk the frames of all share datagrams, whichever socket they came to; none
// is lost, and no counter is used twice. In the room beside, which another loop owns, few
// talk, and they lose nothing either.
func TestCrowdsShareDatagramsOverSockets(t *testing.T) {
	const sockets, speakers, rounds = 4, 16, 100
	if !hasPatience {
		t.Skip("nothing waits here")
	}
	s := serveSockets(t, sockets)
	loud := voiceapp.Route{Channel: 1, Bitrate: voiceapp.MaxBitrate}
	crowd := make([]*client, speakers)
	for i := range crowd {
		crowd[i] = s.join(t, voiceapp.SessionID(i+1), loud)
	}
	listener := s.join(t, 100, loud)
	quiet, beside := s.join(t, 101, voiceapp.Route{Channel: 2}), s.join(t, 102, voiceapp.Route{Channel: 2})
	var longest []time.Duration
	datagrams := 0
	for range rounds {
		for _, c := range crowd {
			c.say("in a crowd")
		}
		began := time.Now()
		quiet.say("beside")
		beside.heard = nil
		for len(beside.heard) < 1 {
			beside.receive()
		}
		longest = append(longest, time.Since(began))
		for listener.heard = nil; len(listener.heard) < speakers; datagrams++ {
			listener.receive()
		}
	}
	slices.Sort(longest)
	t.Logf("%d frames in %d datagrams; beside them a frame took up to %v, %v at the 99th percentile", rounds*speakers, datagrams, longest[rounds-1], longest[rounds*99/100-1])
	if datagrams > rounds*speakers/6 {
		t.Errorf("%d datagrams", datagrams)
	}
	used := map[uint64]bool{}
	for _, counter := range listener.counters {
		if used[counter] {
			t.Fatalf("counter %d was used twice", counter)
		}
		used[counter] = true
	}
	stats := s.Stats()
	if want := uint64(rounds * (speakers*speakers + 1)); stats.Forwarded != want || stats.Dropped != (Dropped{}) {
		t.Errorf("%d frames were forwarded, want %d; %+v", stats.Forwarded, want, stats.Dropped)
	}
}

// Channels are spread over the loops by their members, and go on when a loop ends.
func TestChannelsAreSpread(t *testing.T) {
	if !hasPatience {
		t.Skip("nothing waits here")
	}
	s := serveSockets(t, 3)
	await(t, "three loops", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.loops) == 3 })
	for id := range voiceapp.SessionID(6) {
		s.join(t, id+1, voiceapp.Route{Channel: voiceapp.ChannelID(id/2 + 1)})
	}
	owners := func() (counts map[*loop]int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		counts = map[*loop]int{}
		for _, c := range s.channels.byID {
			if l := c.owner.Load(); l != nil {
				counts[l] += c.members
			}
		}
		for l := range s.loops {
			if l.members != counts[l] {
				t.Errorf("a loop has %d members, and counts %d", counts[l], l.members)
			}
		}
		return counts
	}
	before := owners()
	if len(before) != 3 {
		t.Fatalf("%v own three channels", before)
	}
	for l := range before {
		_ = l.socket.conn.Close()
		await(t, "its end", l.inbox.closed.Load)
		break
	}
	if after := owners(); len(after) != 2 {
		t.Errorf("%v own three channels, of two loops", after)
	}
}

// A storm in one room, beside it another that loses nothing.
func TestStormBesideAQuietRoom(t *testing.T) {
	const frames = 100
	s := serveSockets(t, 4)
	stop := s.crowd(t, 100, 40, voiceapp.Route{Channel: 1, Bitrate: voiceapp.MaxBitrate})
	defer stop()
	one, two := s.join(t, 1, voiceapp.Route{Channel: 2}), s.join(t, 2, voiceapp.Route{Channel: 2})
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	longest := time.Duration(0)
	for i := range frames {
		<-pace.C
		began := time.Now()
		one.say(fmt.Sprint(i))
		for two.heard = nil; len(two.heard) == 0; {
			two.receive()
		}
		longest = max(longest, time.Since(began))
		if got := string(two.heard[0].Payload); got != fmt.Sprint(i) {
			t.Fatalf("heard %s instead of frame %d", got, i)
		}
	}
	t.Logf("a frame took up to %v beside %d forwarded ones", longest, s.Stats().Forwarded)
}

func TestListen(t *testing.T) {
	if _, err := Listen("udp", "192.0.2.1:0", 2); err == nil {
		t.Error("an address of others was opened")
	}
	conns, err := Listen("udp", "127.0.0.1:0", 0)
	if err != nil || len(conns) != 1 {
		t.Fatal(conns, err)
	}
	defer conns[0].Close()
	if !netip.MustParseAddrPort(conns[0].LocalAddr().String()).IsValid() {
		t.Error("it has no address")
	}
}

// await returns when what a test waits for is so.
func await(t testing.TB, what string, so func() bool) {
	t.Helper()
	deadline, look := time.NewTimer(patience), time.NewTicker(time.Millisecond)
	defer deadline.Stop()
	defer look.Stop()
	for !so() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatal("waited in vain for", what)
		}
	}
}
