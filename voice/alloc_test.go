//go:build !race

package voice

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// fixed is a codec, a source and a socket that allocate nothing themselves.
type fixed struct{ datagram []byte }

func (*fixed) Encode(dst []byte, _ []float32) ([]byte, error) {
	return append(dst, 0x80|3<<3, 1, 2, 3), nil
}
func (*fixed) SetBitrate(int) error                     { return nil }
func (*fixed) Decode([]float32, []byte) (int, error)    { return 960, nil }
func (*fixed) Conceal([]float32) error                  { return nil }
func (*fixed) NewEncoder(int, int) (Encoder, error)     { return &fixed{}, nil }
func (*fixed) NewDecoder(int) (Decoder, error)          { return &fixed{}, nil }
func (*fixed) ReadPCM(pcm []float32) (n int, err error) { return len(pcm), nil }
func (*fixed) Close() error                             { return nil }
func (*fixed) VoiceGrant() (voiceapp.Grant, <-chan struct{}) {
	return voiceapp.Grant{Session: 1, Addr: netip.MustParseAddrPort("[::1]:1"), Bitrate: 64_000}, nil
}
func (*fixed) Done() <-chan struct{} { return nil }
func (*fixed) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, io.EOF
}

func (f *fixed) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	f.datagram = append(f.datagram[:0], b...)
	return len(b), nil
}

func TestSendingAFrameDoesNotAllocate(t *testing.T) {
	s, err := newSession(&fixed{}, Config{Codec: &fixed{}, Source: &fixed{}, Conn: &fixed{}})
	if err != nil {
		t.Fatal(err)
	}
	grant, _ := s.signaling.VoiceGrant()
	s.transport.use(grant)
	s.sender.due = time.Now()
	step := func() {
		if err := s.sender.keepTime(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.sender.due = time.Now().Add(-time.Second / 10)
		if err := s.sender.step(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations for a frame, from source to socket", n)
	}
	if got := s.sender.Stats(); got.FramesSent < 1000 || got.FramesUnsent != 0 {
		t.Errorf("%+v", got)
	}
}

func TestReceivingAFrameDoesNotAllocate(t *testing.T) {
	s, err := newSession(&fixed{}, Config{Codec: &fixed{}, Sink: struct{ Sink }{}, Conn: &fixed{}})
	if err != nil {
		t.Fatal(err)
	}
	grant, _ := s.signaling.VoiceGrant()
	s.transport.use(grant)
	if err := errors.Join(s.SetVolume(1, 2), s.SetPan(2, 1), s.SetMuted(3, true), s.SetNormalize(true)); err != nil {
		t.Fatal(err)
	}
	sealer := packet.NewSealer(grant.Session, grant.Down)
	audio := packet.Audio{Payload: []byte{0x80 | 3<<3, 1, 2, 3}}
	frames, datagram := make([]byte, 0, 400), make([]byte, 0, packet.MaxSize)
	pcm := make([]float32, 960)
	handle := handler(s.handle)
	var now time.Duration
	step := func() {
		s.started = time.Now().Add(-now)
		frames = frames[:0]
		for speaker := range uint32(5) {
			audio.Speaker = speaker
			frames = audio.AppendTo(frames)
		}
		if audio.Sequence%10 != 0 {
			datagram, _ = sealer.Seal(datagram[:0], frames)
			s.transport.open(datagram, grant.Addr, handle)
		}
		audio.Sequence++
		audio.MediaTime += 960
		s.receiver.Read(pcm, now)
		now += 20 * time.Millisecond
	}
	for range 300 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations for five speakers' frame, from datagram to mix", n)
	}
	if got := s.receiver.Stats(); got.FramesPlayed < 5000 || got.ConcealedSamples == 0 {
		t.Errorf("%+v", got)
	}
	bad := append([]byte(nil), datagram...)
	for i, spoil := range [][]byte{nil, bad[:10], bad[:40], bad} {
		if n := testing.AllocsPerRun(100, func() { s.transport.open(spoil, grant.Addr, handle) }); n != 0 {
			t.Errorf("bad datagram %d: %v allocations", i, n)
		}
	}
}

// ring is a source that plays the same again and again, and stages that do nothing.
type ring struct {
	pcm []float32
	at  int
}

func (r *ring) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = r.pcm[(r.at+i)%len(r.pcm)]
	}
	r.at += len(pcm)
	return len(pcm), nil
}

func (*ring) Cancel([]float32, []float32) error { return nil }
func (*ring) Reset()                            {}
func (*ring) Denoise([]float32) error           { return nil }
func (*ring) WritePCM([]float32) error          { return nil }

func TestCapturingAFrameDoesNotAllocate(t *testing.T) {
	r := &ring{pcm: make([]float32, 1<<16)}
	for i := range r.pcm {
		r.pcm[i] = float32(i*7919%1009-500) / 1e6 * float32(1+i/1000)
	}
	c, err := NewCapture(CaptureConfig{Source: r, Channels: 2, EchoCanceller: r, Denoiser: r})
	if err != nil {
		t.Fatal(err)
	}
	sink, played, frame := c.Reference(r, 2), make([]float32, 1920), make([]float32, 1920)
	step := func() {
		if err := sink.WritePCM(played); err != nil {
			t.Fatal(err)
		}
		if _, err := c.ReadPCM(frame); err != nil {
			t.Fatal(err)
		}
		c.Stats()
	}
	step()
	if n := testing.AllocsPerRun(500, step); n != 0 {
		t.Errorf("%v allocations for a frame of what is played and heard", n)
	}
}
