package relay

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// [VOICE-5] [VOICE-7] [VOICE-10] [VOICE-12] Every reason to drop has its counter,
// counts once, and lets what follows through.
func TestDropped(t *testing.T) {
	audio := func(a packet.Audio) []byte { return a.AppendTo(nil) }
	frame := func(kind packet.Kind, body ...byte) []byte {
		return append([]byte{byte(kind), 0, byte(len(body))}, body...)
	}
	good := audio(packet.Audio{Level: 1, Payload: []byte("good")})
	tests := []struct {
		name  string
		route voiceapp.Route
		raw   func(c *client) []byte // sent as it is
		in    []byte                 // or these frames
		heard int
		want  Dropped
	}{
		{name: "nothing", in: good, heard: 1},
		{name: "zero length", raw: func(*client) []byte { return nil }, want: Dropped{TooShort: 1}},
		{name: "one byte", raw: func(*client) []byte { return []byte{1} }, want: Dropped{TooShort: 1}},
		{name: "27 bytes", raw: func(c *client) []byte { return c.seal(nil)[:27] }, want: Dropped{TooShort: 1}},
		{name: "1401 bytes", raw: func(c *client) []byte { return append(c.seal(make([]byte, packet.MaxFrames)), 0) }, want: Dropped{TooLong: 1}},
		{name: "60000 bytes", raw: func(*client) []byte { return make([]byte, 60_000) }, want: Dropped{TooLong: 1}},
		{name: "no such session", raw: func(c *client) []byte { return append([]byte{0, 9, 9, 9}, c.seal(good)[4:]...) }, want: Dropped{UnknownSession: 1}},
		{name: "another's session", raw: func(c *client) []byte { return append([]byte{0, 0, 0, 2}, c.seal(good)[4:]...) }, want: Dropped{NotAuthentic: 1}},
		{name: "cut off", raw: func(c *client) []byte { b := c.seal(good); return b[:len(b)-1] }, want: Dropped{NotAuthentic: 1}},
		{name: "the relay's own key", raw: func(c *client) []byte {
			b, _ := packet.NewSealer(1, c.grant.Down).Seal(nil, good)
			return b
		}, want: Dropped{NotAuthentic: 1}},
		{name: "replayed", raw: func(c *client) []byte { b := c.seal(nil); c.send(b); return b }, want: Dropped{Replayed: 1}},
		{name: "malformed after a good one", in: append(bytes.Clone(good), 1, 0), heard: 1, want: Dropped{Malformed: 1}},
		{name: "a good one after a malformed one", in: append(frame(packet.KindProbe, 1), good...), want: Dropped{Malformed: 1}},
		{name: "audio without a payload", in: frame(packet.KindAudio, make([]byte, packet.AudioHeaderSize)...), want: Dropped{Malformed: 1}},
		{name: "a report cut off", in: frame(packet.KindReport, 1, 2, 3), want: Dropped{Malformed: 1}},
		{name: "unknown kinds", in: append(append(frame(77, 1, 2), frame(0)...), good...), heard: 1},
		{name: "an answer nobody asked for", in: packet.Probe{Kind: packet.KindProbeAnswer}.AppendTo(nil)},
		{name: "no frames"},
		{name: "a target slot", in: audio(packet.Audio{Speaker: 1, Payload: []byte("x")}), want: Dropped{NoTarget: 1}},
		{name: "a whisper", in: audio(packet.Audio{Flags: packet.FlagWhisper, Payload: []byte("x")}), want: Dropped{NoTarget: 1}},
		{name: "muted", route: voiceapp.Route{Channel: 1, Muted: true}, in: good, want: Dropped{Muted: 1}},
		{name: "nowhere", route: voiceapp.Route{Bitrate: 64_000}, in: good, want: Dropped{NoChannel: 1}},
		{name: "over the bitrate", route: voiceapp.Route{Channel: 1, Bitrate: 6_000}, in: audio(packet.Audio{Payload: make([]byte, 600)}), want: Dropped{OverBitrate: 1}},
		{name: "an end of spurt", in: audio(packet.Audio{Flags: packet.FlagEnd}), heard: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := serveLoopback(t)
			route := test.route
			if reflect.DeepEqual(route, voiceapp.Route{}) {
				route = lobby
			}
			speaker, listener := s.join(t, 1, route), s.join(t, 2, lobby)
			if test.raw != nil {
				speaker.send(test.raw(speaker))
			} else {
				speaker.send(speaker.seal(test.in))
			}
			if heard := settle(speaker, listener); len(heard) != test.heard {
				t.Errorf("heard %q, want %d", payloads(heard), test.heard)
			}
			expectSilence(t, speaker.conn)
			if got := s.Stats().Dropped; got != test.want {
				t.Errorf("dropped\n got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// A listener who has not been heard from gets nothing, and that is counted.
func TestListenerWithoutAddress(t *testing.T) {
	s := serveLoopback(t)
	speaker, silent := s.join(t, 1, lobby), s.add(t, 2, lobby)
	speaker.say("is anybody there?")
	speaker.sync()
	speaker.sync() // the turn of the first is over
	if stats := s.Stats(); stats.Dropped != (Dropped{NoAddress: 1}) || stats.Forwarded != 0 || stats.Frames != 1 {
		t.Errorf("%+v", stats)
	}
	speaker.say("hello")
	if heard := settle(speaker, silent); len(heard) != 0 {
		t.Errorf("heard %q before the first probe", payloads(heard))
	}
	speaker.say("now")
	if heard := settle(speaker, silent); len(heard) != 1 {
		t.Errorf("heard %q after the first probe", payloads(heard))
	}
}

// [VOICE-10] Whoever has no key gets no reply and leaves nothing behind.
func TestSpoofFlood(t *testing.T) {
	s := serveLoopback(t)
	anna, ben := s.join(t, 1, lobby), s.join(t, 2, lobby)
	before, at := s.Stats(), anna.conn.LocalAddr()
	stranger := dial(t, s.addr)
	r := rand.New(rand.NewPCG(1, 2))
	replay := anna.seal(packet.Probe{Kind: packet.KindProbe}.AppendTo(nil))
	anna.send(replay)
	const rounds = 50
	flood := 0
	for range rounds {
		for range 20 { // few at a time, so that the socket's buffer holds them
			spoofed := make([]byte, r.IntN(1500))
			for i := range spoofed {
				spoofed[i] = byte(r.Uint32())
			}
			if len(spoofed) >= packet.HeaderSize && r.IntN(2) == 0 { // a session that is there
				copy(spoofed, packet.Header{Session: 1, Counter: r.Uint64()}.AppendTo(nil))
			}
			if r.IntN(4) == 0 {
				spoofed = replay
			}
			if _, err := stranger.Write(spoofed); err != nil {
				t.Fatal(err)
			}
			flood++
		}
		ben.sync()
	}
	expectSilence(t, stranger)
	anna.say("undisturbed")
	if heard := settle(anna, ben); len(heard) != 1 {
		t.Errorf("heard %q", payloads(heard))
	}
	stats, d := s.Stats(), s.Stats().Dropped
	if n := d.TooShort + d.TooLong + d.UnknownSession + d.NotAuthentic + d.Replayed; n != uint64(flood) {
		t.Errorf("%d of %d were dropped: %+v", n, flood, d)
	}
	if d.TooLong == 0 || d.UnknownSession == 0 || d.NotAuthentic == 0 || d.Replayed == 0 {
		t.Errorf("the flood misses a kind: %+v", d)
	}
	if stats.Sessions != 2 || stats.Answers != before.Answers+rounds+3 {
		t.Errorf("%+v", stats)
	}
	if session, _ := s.SessionStats(1); session.Addr.String() != at.String() {
		t.Errorf("the address has moved to %v", session.Addr)
	}
}

// [VOICE-8] A hundred probes in a datagram get one answer, which is no larger.
func TestProbesAreAnsweredOnce(t *testing.T) {
	s := serveLoopback(t)
	anna := s.join(t, 1, voiceapp.Route{})
	var frames []byte
	for i := range uint64(100) {
		frames = packet.Probe{Kind: packet.KindProbe, Sent: 1000 + i}.AppendTo(frames)
	}
	anna.send(anna.seal(frames))
	if size, answer := anna.receive(); answer == nil || answer.Sent != 1000 || size > packet.Overhead+len(frames) {
		t.Errorf("%d bytes, %+v", size, answer)
	}
	anna.sync()
	expectSilence(t, anna.conn)
	if len(anna.counters) != 3 {
		t.Errorf("%d datagrams came for three that were sent", len(anna.counters))
	}
}

// [VOICE-15] No session gets the keys of another, not even of one with its number.
func TestSessionErrors(t *testing.T) {
	r := New(Config{})
	if _, err := r.AddSession(0); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("session 0: %v", err)
	}
	first, err := r.AddSession(1)
	if err != nil || first.Session != 1 || first.Up == first.Down || first.Up == (voiceapp.Key{}) || first.Down == (voiceapp.Key{}) {
		t.Errorf("%v, %v", first, err)
	}
	if _, err := r.AddSession(1); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("a second session 1: %v", err)
	}
	if err := r.SetRoute(2, lobby); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a route for nobody: %v", err)
	}
	for _, bitrate := range []int{-1, voiceapp.MinBitrate - 1, voiceapp.MaxBitrate + 1} {
		if err := r.SetRoute(1, voiceapp.Route{Channel: 1, Bitrate: bitrate}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("bitrate %d: %v", bitrate, err)
		}
	}
	if _, err := r.SessionStats(2); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("figures of nobody: %v", err)
	}
	r.RemoveSession(2)
	r.RemoveSession(1)
	second, err := r.AddSession(1)
	if err != nil || second.Up == first.Up || second.Down == first.Down {
		t.Errorf("the old keys came back: %v", err)
	}
}

func TestRemovedSessionIsForgotten(t *testing.T) {
	s := serveLoopback(t)
	anna, ben := s.join(t, 1, lobby), s.join(t, 2, lobby)
	s.RemoveSession(1)
	ben.say("where are you?")
	ben.sync()
	anna.say("here")
	ben.sync()
	ben.sync()
	expectSilence(t, anna.conn)
	if len(ben.heard) != 0 {
		t.Errorf("heard %q", payloads(ben.heard))
	}
	if stats := s.Stats(); stats.Sessions != 1 || stats.Dropped != (Dropped{UnknownSession: 1}) {
		t.Errorf("%+v", stats)
	}
	s.RemoveSession(2)
	if stats := s.Stats(); stats.Sessions != 0 || stats.Channels != 0 {
		t.Errorf("%+v", stats)
	}
}
