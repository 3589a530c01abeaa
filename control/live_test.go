package control_test

import (
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// newVoiceWorld is a world with the real relay, and the address of that.
func newVoiceWorld(t *testing.T) (*world, netip.AddrPort, *relay.Relay) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := relay.New(relay.Config{Logger: slog.New(slog.DiscardHandler)})
	served := make(chan error, 1)
	go func() { served <- r.Serve(conn) }()
	w := newWorld(t, &control.Server{Voice: r, Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
	t.Cleanup(func() {
		_ = r.Close()
		if err := <-served; !errors.Is(err, relay.ErrClosed) {
			t.Error(err)
		}
	})
	return w, conn.LocalAddr().(*net.UDPAddr).AddrPort(), r
}

// talker is the voice of a client: numbered frames, and the numbers that it hears.
type talker struct {
	t      *testing.T
	conn   *net.UDPConn
	sealer *packet.Sealer
	opener *packet.Opener
	probes uint64
	heard  []uint64

	mu   sync.Mutex // held while a frame is sent
	said atomic.Uint64
	new  chan struct{} // holds a token after a frame was sent
}

func newTalker(t *testing.T, c *control.Client, to netip.AddrPort) *talker {
	t.Helper()
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	grant, _ := c.VoiceGrant()
	y := &talker{t: t, conn: conn, sealer: packet.NewSealer(grant.Session, grant.Up), opener: packet.NewOpener(grant.Down), new: make(chan struct{}, 1)}
	y.sync()
	return y
}

// say sends a frame of a size, which begins with its number.
func (y *talker) say(size int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	n := y.said.Add(1)
	a := packet.Audio{Sequence: uint16(n), Level: 20, Payload: binary.BigEndian.AppendUint64(make([]byte, 0, size), n)[:size]}
	y.write(a.AppendTo(nil))
	select {
	case y.new <- struct{}{}:
	default:
	}
}

func (y *talker) write(frames []byte) {
	datagram, err := y.sealer.Seal(nil, frames)
	if err == nil {
		_, err = y.conn.Write(datagram)
	}
	if err != nil {
		y.t.Error(err)
	}
}

// talk says frames until the test ends.
func (y *talker) talk() (stop func()) {
	var wg sync.WaitGroup
	quit := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(9 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				y.say(20)
			case <-quit:
				return
			}
		}
	})
	return func() { close(quit); wg.Wait() }
}

// more waits until so many more frames are said.
func (y *talker) more(n uint64) {
	for until := y.said.Load() + n; y.said.Load() < until; {
		<-y.new
	}
}

// sync probes, and takes in what comes before the answer.
func (y *talker) sync() {
	y.t.Helper()
	y.probes++
	y.write(packet.Probe{Kind: packet.KindProbe, Sent: y.probes}.AppendTo(nil))
	for !y.receive() {
	}
}

// receive takes in a datagram; answered says that the last probe's answer is in it.
func (y *talker) receive() (answered bool) {
	y.t.Helper()
	var buf [2000]byte
	_ = y.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := y.conn.Read(buf[:])
	if err != nil {
		y.t.Fatal(err)
	}
	frames, _, err := y.opener.Open(nil, buf[:n])
	for err == nil && len(frames) > 0 {
		var kind packet.Kind
		var body []byte
		if kind, body, frames, err = packet.Next(frames); err != nil {
			break
		}
		switch kind {
		case packet.KindAudio:
			var a packet.Audio
			if a, err = packet.ParseAudio(body); err == nil {
				y.heard = append(y.heard, binary.BigEndian.Uint64(a.Payload))
			}
		case packet.KindProbeAnswer:
			var p packet.Probe
			p, err = packet.ParseProbe(kind, body)
			answered = p.Sent == y.probes
		default: // what else there is plays no part here
		}
	}
	if err != nil {
		y.t.Fatal(err)
	}
	return answered
}

// hears takes in what comes until a frame that was said after that number.
func (y *talker) hears(after uint64) {
	y.t.Helper()
	for len(y.heard) == 0 || y.heard[len(y.heard)-1] <= after {
		y.receive()
	}
}

// settled returns which frames have been heard once all that was said is through.
func settled(speaker, listener *talker) []uint64 {
	speaker.sync()  // the relay has taken it: the turn may still be under way
	listener.sync() // a later turn
	heard := listener.heard
	listener.heard = nil
	return heard
}

// What takes someone's voice away has done so when the call returns: of the frames
// that are sent after that none is heard, however often it is given and taken.
func TestNoFrameIsHeardAfterTheAnswer(t *testing.T) {
	w, at, _ := newVoiceWorld(t)
	admin, member, ear := w.account("Admin", voiceapp.RoleAdmin), w.account("Speaker", voiceapp.RoleMember), w.account("Ear", voiceapp.RoleModerator)
	for _, c := range []*control.Client{member, ear} {
		join(t, c, quiet)
	}
	editChannel(t, admin, quiet, voiceapp.ChannelEdit{SpeakRole: new(voiceapp.RoleMember)})
	speaker, listener := newTalker(t, member, at), newTalker(t, ear, at)
	defer speaker.talk()()
	owner := w.account("Owner", voiceapp.RoleOwner)
	mute := func(muted bool) func() {
		return func() {
			if err := admin.Mute(t.Context(), member.Self().Session, muted, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(e voiceapp.ChannelEdit) func() {
		return func() { editChannel(t, admin, quiet, e) }
	}
	role := func(role voiceapp.Role) func() {
		return func() {
			if _, err := owner.SetRole(t.Context(), member.Self().User, role, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	back := func() { join(t, member, quiet) }
	nothing := func() {}
	for _, c := range []struct {
		what       string
		take, give func()
		back       func() // after it was given
	}{
		{"the channel's role to speak", edit(voiceapp.ChannelEdit{SpeakRole: new(voiceapp.RoleModerator)}), edit(voiceapp.ChannelEdit{SpeakRole: new(voiceapp.RoleMember)}), nothing},
		{"the channel's role to join", edit(voiceapp.ChannelEdit{RequiredRole: new(voiceapp.RoleModerator)}), edit(voiceapp.ChannelEdit{RequiredRole: new(voiceapp.RoleGuest)}), back},
		{"the channel's role to see", edit(voiceapp.ChannelEdit{SeeRole: new(voiceapp.RoleModerator)}), edit(voiceapp.ChannelEdit{SeeRole: new(voiceapp.RoleGuest)}), back},
		{"the speaker's role", role(voiceapp.RoleGuest), role(voiceapp.RoleMember), nothing},
		{"the speaker, by the server", mute(true), mute(false), nothing},
	} {
		t.Run(c.what, func(t *testing.T) {
			for range 8 {
				listener.hears(speaker.said.Load())
				c.take()
				mark := speaker.said.Load()
				speaker.more(3)
				speaker.mu.Lock()
				for _, n := range settled(speaker, listener) {
					if n > mark {
						t.Errorf("frame %d was heard; %d was the last that was sent before the answer", n, mark)
					}
				}
				speaker.mu.Unlock()
				c.give()
				c.back()
			}
		})
	}
}

// A channel's bitrate holds for those who are in it when the call returns: for the
// relay, and for the client that asked before its answer.
func TestBitrateAtOnce(t *testing.T) {
	w, at, r := newVoiceWorld(t)
	admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
	for _, c := range []*control.Client{admin, guest} {
		join(t, c, quiet)
	}
	editChannel(t, admin, quiet, voiceapp.ChannelEdit{Bitrate: new(64_000)})
	speaker, listener := newTalker(t, guest, at), newTalker(t, admin, at)
	for _, bitrate := range []int{64_000, 6_000, 96_000, 8_000} {
		_, replaced := guest.VoiceGrant()
		if editChannel(t, admin, quiet, voiceapp.ChannelEdit{Bitrate: &bitrate}).Bitrate != bitrate {
			t.Error("the answer has another bitrate")
		}
		if grant, _ := admin.VoiceGrant(); grant.Bitrate != bitrate {
			t.Errorf("when the answer is there, the admin's own grant says %d, want %d", grant.Bitrate, bitrate)
		}
		speaker.say(1000) // 0.1 s of 64 kbit/s, over a second of 8
		heard, fits := settled(speaker, listener), bitrate >= 64_000
		if fits != (len(heard) == 1) || !fits && len(heard) > 0 {
			t.Errorf("at %d bits a second %d frames of 1000 bytes came through", bitrate, len(heard))
		}
		grant, _ := guest.VoiceGrant()
		for grant.Bitrate != bitrate {
			<-replaced
			grant, replaced = guest.VoiceGrant()
		}
	}
	if n := r.Stats().Dropped.OverBitrate; n != 2 {
		t.Errorf("the relay has dropped %d frames, want 2", n)
	}
}
