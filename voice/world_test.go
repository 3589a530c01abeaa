package voice_test

import (
	"encoding/binary"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

const (
	ms    = time.Millisecond
	frame = 960 // samples of 20 ms
)

// wrapStarts are where sequences begin in tests, so that all wraps are met.
var wrapStarts = []uint16{0, 1, 127, 128, 32767, 32768, 65534, 65535}

// The number codec carries one number for each frame, exactly: its PCM is
// constant, number / 65536. What was made up is -1/2. So a test can say of each
// sample heard which frame it was.

const (
	unit   = 1. / 65536
	madeUp = float32(-0.5)
)

// late is the mixer's delay, in samples of each channel.
const late = 64

var tocs = map[int]byte{480: 0x80 | 2<<3, 960: 0x80 | 3<<3, 1920: 2 << 3, 2880: 3 << 3}

type numberEncoder struct {
	channels int
	bitrates []int
}

func (e *numberEncoder) Encode(dst []byte, pcm []float32) ([]byte, error) {
	dst = append(dst, tocs[len(pcm)/e.channels])
	return binary.BigEndian.AppendUint32(dst, uint32(pcm[0]/unit)), nil
}

func (e *numberEncoder) SetBitrate(bitsPerSecond int) error {
	e.bitrates = append(e.bitrates, bitsPerSecond)
	return nil
}

type numberDecoder struct{ channels int }

func (d *numberDecoder) Decode(pcm []float32, payload []byte) (int, error) {
	if len(payload) != 5 {
		return 0, voiceapp.NewError(voiceapp.Invalid, "not a number")
	}
	for samples, toc := range tocs {
		if toc == payload[0] {
			fill(pcm[:samples*d.channels], float32(binary.BigEndian.Uint32(payload[1:]))*unit)
			return samples, nil
		}
	}
	return 0, voiceapp.NewError(voiceapp.Invalid, "not a number")
}

func (d *numberDecoder) Conceal(pcm []float32) error {
	fill(pcm, madeUp)
	return nil
}

func fill(pcm []float32, x float32) {
	for i := range pcm {
		pcm[i] = x
	}
}

// numbers is a codec; it remembers its encoders.
type numbers struct {
	mu       sync.Mutex
	encoders []*numberEncoder
}

func (n *numbers) NewEncoder(channels, bitrate int) (voice.Encoder, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	e := &numberEncoder{channels: channels, bitrates: []int{bitrate}}
	n.encoders = append(n.encoders, e)
	return e, nil
}

func (n *numbers) NewDecoder(channels int) (voice.Decoder, error) {
	return &numberDecoder{channels}, nil
}

// counting is a source that says 1, 2, 3 ... up to a last number. quiet says of
// which numbers there is silence instead.
type counting struct {
	last, next int
	quiet      func(n int) bool
	begun      time.Time // when it was first asked
}

func (c *counting) ReadPCM(pcm []float32) (int, error) {
	if c.next == 0 {
		c.begun = time.Now()
	}
	if c.next == c.last {
		return 0, io.EOF
	}
	c.next++
	if c.quiet != nil && c.quiet(c.next) {
		return 0, nil
	}
	fill(pcm, float32(c.next)*unit)
	return len(pcm), nil
}

// tape is a sink that keeps what it gets, in numbers.
type tape struct {
	mu    sync.Mutex
	begun time.Time
	heard []int32
}

func (s *tape) WritePCM(pcm []float32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun.IsZero() {
		s.begun = time.Now()
	}
	for _, x := range pcm {
		s.heard = append(s.heard, int32(x/unit))
	}
	return nil
}

// run is a stretch of one number: 0 is silence, -32768 made up.
type run struct{ number, from, samples int }

func (s *tape) runs() []run {
	s.mu.Lock()
	defer s.mu.Unlock()
	var runs []run
	for i, x := range s.heard {
		if n := len(runs); n > 0 && runs[n-1].number == int(x) {
			runs[n-1].samples++
		} else {
			runs = append(runs, run{int(x), i, 1})
		}
	}
	return runs
}

// signaling stands in for a control connection.
type signaling struct {
	mu       sync.Mutex
	grant    voiceapp.Grant
	replaced chan struct{}
	done     chan struct{}
}

func newSignaling(grant voiceapp.Grant) *signaling {
	return &signaling{grant: grant, replaced: make(chan struct{}), done: make(chan struct{})}
}

func (s *signaling) VoiceGrant() (voiceapp.Grant, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant, s.replaced
}

func (s *signaling) Done() <-chan struct{} { return s.done }

func (s *signaling) replace(grant voiceapp.Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grant = grant
	close(s.replaced)
	s.replaced = make(chan struct{})
}

// world is a network with a server that does what a relay does, without its
// rules: it passes audio on to all others and answers probes.
type world struct {
	t       testing.TB
	network *voicetest.Network // nil: real sockets
	server  voice.Conn
	addr    netip.AddrPort // of the server
	ended   chan struct{}

	mu      sync.Mutex
	clients map[voiceapp.SessionID]*client
	reports []packet.Report
}

// client is the server's side of one session.
type client struct {
	grant  voiceapp.Grant
	opener *packet.Opener
	sealer *packet.Sealer
	addr   netip.AddrPort

	tunnel *tunnel   // nil: none
	hold   time.Time // until when the tunnel is the way down
	told   time.Time // when the latest report was sent
}

func newWorld(t testing.TB) *world {
	network := &voicetest.Network{}
	server, err := network.Listen(netip.MustParseAddrPort("10.9.9.9:7788"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldAt(t, server, server.AddrPort())
	w.network = network
	return w
}

func newWorldAt(t testing.TB, server voice.Conn, addr netip.AddrPort) *world {
	w := &world{t: t, server: server, addr: addr, clients: map[voiceapp.SessionID]*client{}, ended: make(chan struct{})}
	go w.serve()
	return w
}

func (w *world) close() {
	_ = w.server.Close()
	<-w.ended
}

// admit makes a grant; session and epoch make the keys.
func (w *world) admit(id voiceapp.SessionID, epoch byte) voiceapp.Grant {
	w.mu.Lock()
	defer w.mu.Unlock()
	grant := voiceapp.Grant{Session: id, Addr: w.addr, Bitrate: 64_000}
	grant.Up = voiceapp.Key{byte(id), epoch, 1}
	grant.Down = voiceapp.Key{byte(id), epoch, 2}
	w.clients[id] = &client{grant: grant, opener: packet.NewOpener(grant.Up), sealer: packet.NewSealer(id, grant.Down)}
	return grant
}

func (w *world) conn() *voicetest.Conn {
	conn, err := w.network.Listen(netip.AddrPort{})
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

func (w *world) serve() {
	defer close(w.ended)
	buf := make([]byte, 2048)
	for {
		n, from, err := w.server.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		h, err := packet.ParseHeader(buf[:n])
		if err != nil {
			continue
		}
		w.mu.Lock()
		if c := w.clients[h.Session]; c != nil {
			if frames, _, err := c.opener.Open(nil, buf[:n]); err == nil {
				c.addr = from
				w.pass(c, frames, false)
			}
		}
		w.mu.Unlock()
	}
}

// pass takes frames that came by UDP or by the tunnel.
func (w *world) pass(from *client, frames []byte, tunneled bool) {
	for len(frames) > 0 {
		kind, body, rest, err := packet.Next(frames)
		if err != nil {
			w.t.Error(err)
			return
		}
		frames = rest
		switch kind {
		case packet.KindProbe:
			probe, _ := packet.ParseProbe(kind, body)
			probe.Kind = packet.KindProbeAnswer
			if tunneled {
				from.hold = time.Now().Add(6 * time.Second)
			}
			if w.send(from, probe.AppendTo(nil)); from.tunneled() && !tunneled {
				w.sendUDP(from, probe.AppendTo(nil))
			}
		case packet.KindReport:
			report, _ := packet.ParseReport(body)
			w.reports = append(w.reports, report)
		case packet.KindAudio:
			a, err := packet.ParseAudio(body)
			if err != nil {
				w.t.Error(err)
				return
			}
			a.Speaker = uint32(from.grant.Session)
			for _, c := range w.clients {
				if c != from {
					w.send(c, a.AppendTo(nil))
				}
			}
			w.report(from)
		case packet.KindProbeAnswer:
		}
	}
}

// send seals frames for a client and returns the datagram.
func (w *world) send(c *client, frames []byte) []byte {
	if !c.tunneled() {
		return w.sendUDP(c, frames)
	}
	datagram, err := c.sealer.Seal(nil, frames)
	if err != nil {
		w.t.Error(err)
	}
	c.tunnel.down <- datagram
	return datagram
}

// sendUDP is send, whatever the way down is.
func (w *world) sendUDP(c *client, frames []byte) []byte {
	datagram, err := c.sealer.Seal(nil, frames)
	if err != nil {
		w.t.Error(err)
	}
	if c.addr.IsValid() {
		_, _ = w.server.WriteToUDPAddrPort(datagram, c.addr)
	}
	return datagram
}

// mostReported is how many datagrams a client said that it got.
func (w *world) mostReported() (received uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.reports {
		received = max(received, r.Received)
	}
	return received
}

func join(t testing.TB, s voice.Signaling, cfg voice.Config) *voice.Session {
	t.Helper()
	if cfg.Codec == nil {
		cfg.Codec = &numbers{}
	}
	if cfg.Delay == 0 {
		cfg.Delay = 40 * ms // so that each sample's time is known
	}
	session, err := voice.Join(t.Context(), s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return session
}
