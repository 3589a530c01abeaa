package voice

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// NoSocket is the detail of [Join]'s error when no socket can be opened.
const NoSocket voiceapp.Detail = "voice_no_socket"

var (
	errClosed  = errors.New("voice: session closed")
	errControl = voiceapp.NewError(voiceapp.Unavailable, "voice: the control connection has ended")
	errSocket  = voiceapp.NewError(voiceapp.Unavailable, "voice: the socket was closed")
)

// Session is a client's voice, from [Join] to its end. Its methods are safe for
// concurrent use.
type Session struct {
	signaling Signaling
	cfg       Config
	transport transport
	prober    prober
	sender    *Sender   // nil: only listens
	receiver  *Receiver // nil: only speaks
	started   time.Time // the origin of now

	end      context.CancelCauseFunc
	granted  chan struct{}  // closed at the first grant for a channel
	rouse    chan struct{}  // holds one: the loudspeaker is to rest no longer
	finished chan struct{}  // closed when the source is over
	done     chan struct{}  // closed when all has ended
	speaking sync.WaitGroup // the goroutine that sends
	workers  sync.WaitGroup // the others
	err      error          // set before done is closed

	skipped  atomic.Int64                  // playout time that was lost
	reported atomic.Int64                  // when the server last said that it hears us, on the session's clock
	upstream atomic.Pointer[packet.Report] // the server's latest
	wayUp    packet.LossMeter              // of its reports
	outgoing [packet.MaxSize]byte          // the sender's
}

func newSession(signaling Signaling, cfg Config) (*Session, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Session{
		signaling: signaling,
		cfg:       cfg,
		granted:   make(chan struct{}),
		rouse:     make(chan struct{}, 1),
		finished:  make(chan struct{}),
		done:      make(chan struct{}),
	}
	s.transport.conn = cfg.Conn
	s.transport.tunnel, _ = signaling.(Tunnel)
	if cfg.Sink != nil || cfg.Each != nil {
		s.receiver, err = NewReceiver(ReceiverConfig{
			Codec: cfg.Codec, Channels: cfg.Channels, Delay: cfg.Delay, MinDelay: cfg.minDelay(), MaxDelay: cfg.MaxDelay,
			MaxSpeakers: cfg.MaxSpeakers, Duck: cfg.Duck, Each: cfg.Each, Normalize: cfg.Normalize,
		})
		if err != nil {
			return nil, err
		}
	}
	if cfg.Source != nil {
		err = s.makeSender()
	}
	return s, err
}

func (s *Session) makeSender() error {
	cfg := SenderConfig{
		Source:        s.cfg.Source,
		Effect:        s.cfg.Effect,
		FrameDuration: s.cfg.FrameDuration,
		Channels:      s.cfg.Channels,
		Send:          s.send,
	}
	if _, ready := cfg.Source.(OpusSource); !ready {
		encoder, err := s.cfg.Codec.NewEncoder(s.cfg.Channels, s.bitrate(voiceapp.DefaultBitrate))
		if err != nil {
			return err
		}
		cfg.Encoder = encoder
	}
	var err error
	if s.sender, err = NewSender(cfg); err != nil {
		return err
	}
	return s.sender.SetTarget(s.cfg.Target)
}

// bitrate is what to encode at when so much is granted.
func (s *Session) bitrate(granted int) int {
	if s.cfg.Bitrate > 0 {
		return min(s.cfg.Bitrate, granted)
	}
	return granted
}

// start runs the session's goroutines: run, which owns the others and ends them,
// receive, keepPath, receiveTunnel (with a [Tunnel]), speak (with a source) and
// playOut (with a sink, or Each).
func (s *Session) start(parent context.Context) {
	ctx, end := context.WithCancelCause(parent)
	s.end = end
	s.started = time.Now()
	replaced := s.follow()
	if s.sender != nil {
		s.speaking.Add(1)
		go s.speak(ctx)
	} else {
		close(s.finished)
	}
	s.workers.Add(2)
	go s.receive(ctx)
	go s.keepPath(ctx)
	if s.transport.tunnel != nil {
		s.workers.Add(1)
		go s.receiveTunnel(ctx)
	}
	if s.receiver != nil {
		s.workers.Add(1)
		go s.playOut(ctx)
	}
	go s.run(ctx, replaced)
}

// run follows the grants until the session ends, and then ends all of it: first
// who speaks, so that the last spurt is ended, then the socket.
func (s *Session) run(ctx context.Context, replaced <-chan struct{}) {
	for ctx.Err() == nil {
		select {
		case <-replaced:
			replaced = s.follow()
		case <-s.signaling.Done():
			s.fail(controlEnded(s.signaling))
		case <-ctx.Done():
		}
	}
	s.wakeSink()
	s.speaking.Wait()
	if err := s.transport.conn.Close(); err != nil {
		s.cfg.Logger.Debug("voice: closing the socket", "error", err)
	}
	s.workers.Wait()
	s.err = context.Cause(ctx)
	if errors.Is(s.err, errClosed) {
		s.err = nil
	}
	s.cfg.Logger.Debug("voice: session ended", "error", s.err)
	close(s.done)
}

// controlEnded says that the control connection has ended, and why, where it
// tells.
func controlEnded(signaling Signaling) error {
	ended, ok := signaling.(Ended)
	if !ok {
		return errControl
	}
	if e := voiceapp.AsError(ended.Err()); e != nil && e.Code.Final() {
		return e // what there is to say is what the server said
	}
	if ended.Err() != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, errControl.Message, ended.Err())
	}
	return errControl
}

// follow takes the grant in force, and returns the channel that is closed when
// it is replaced.
func (s *Session) follow() (replaced <-chan struct{}) {
	grant, replaced := s.signaling.VoiceGrant()
	if s.transport.use(grant) {
		s.prober.restart(time.Now())
		s.probe(time.Now())
		s.cfg.Logger.Debug("voice: new path", "grant", grant)
	}
	if grant.Session == 0 || grant.Bitrate <= 0 {
		return replaced
	}
	if s.sender != nil {
		s.sender.SetBitrate(s.bitrate(grant.Bitrate))
	}
	select {
	case <-s.granted:
	default:
		close(s.granted)
	}
	return replaced
}

// receive takes what the server sends until the socket is closed.
func (s *Session) receive(ctx context.Context) {
	defer s.workers.Done()
	s.transport.receive(ctx, s.handle)
	s.fail(errSocket) // changes nothing when the session has ended before
}

// receiveTunnel takes what the server sends inside the control connection.
func (s *Session) receiveTunnel(ctx context.Context) {
	defer s.workers.Done()
	for ctx.Err() == nil {
		_, replaced := s.signaling.VoiceGrant()
		s.transport.receiveTunnel(ctx, replaced, s.handle)
	}
}

// handle takes one frame from the server.
func (s *Session) handle(kind packet.Kind, body []byte, way Way) {
	err := error(nil)
	switch kind {
	case packet.KindAudio:
		err = s.hear(body)
	case packet.KindProbeAnswer:
		var p packet.Probe
		if p, err = packet.ParseProbe(kind, body); err == nil {
			now := s.now()
			s.reported.Store(int64(now))
			s.prober.answered(p.Sent, now-time.Duration(p.Sent&^byTunnel), way)
		}
	case packet.KindReport:
		var r packet.Report
		if r, err = packet.ParseReport(body); err == nil {
			s.reportedOn(r)
		}
	case packet.KindProbe:
		var p packet.Probe
		if p, err = packet.ParseProbe(kind, body); err == nil {
			s.sendProbe(packet.KindProbeAnswer, p.Sent, s.prober.wayUp())
		}
	}
	if err != nil {
		s.transport.malformed.Add(1)
	}
}

// reportedOn takes what the server says of the way up.
func (s *Session) reportedOn(r packet.Report) {
	s.upstream.Store(&r)
	s.reported.Store(int64(s.now()))
	loss := s.wayUp.Add(r)
	if s.sender != nil {
		s.sender.SetLoss(loss)
	}
}

func (s *Session) hear(body []byte) error {
	a, err := packet.ParseAudio(body)
	if err == nil && s.receiver != nil {
		s.receiver.Put(a, s.now())
		s.wakeSink()
	}
	return err
}

// wakeSink ends the rest of a [RestingSink].
func (s *Session) wakeSink() {
	select {
	case s.rouse <- struct{}{}:
	default:
	}
}

// speak sends what the source says, from the first grant for a channel on.
func (s *Session) speak(ctx context.Context) {
	defer s.speaking.Done()
	select {
	case <-s.granted:
	case <-ctx.Done():
		return
	}
	switch err := s.sender.Run(ctx); {
	case err == nil:
		close(s.finished)
	case ctx.Err() == nil:
		s.fail(err)
	}
}

// send is the sender's way to the server.
func (s *Session) send(frames []packet.Audio) error {
	b := frameSpace(&s.outgoing)
	for i := range frames {
		b = frames[i].AppendTo(b)
	}
	return s.transport.send(s.prober.wayUp(), &s.outgoing, b)
}

// SetTarget says to whom one speaks from the next frame on: 0 is one's channel, 1
// to 30 a whisper target that was set by control. A talk spurt that is under way is
// ended for those who heard it. The error is [voiceapp.Invalid], also for a session
// without a source.
func (s *Session) SetTarget(slot int) error {
	if s.sender == nil {
		return voiceapp.NewError(voiceapp.Invalid, "voice: a session without a source speaks to nobody")
	}
	return s.sender.SetTarget(slot)
}

// now is the session's clock.
func (s *Session) now() time.Duration { return time.Since(s.started) }

func (s *Session) fail(err error) { s.end(err) }

// Finished returns a channel that is closed when the source said io.EOF and its
// last frame was sent; at once, without a source. The session goes on. It stays
// open when the session ends before: see Done.
func (s *Session) Finished() <-chan struct{} { return s.finished }

// Done returns a channel that is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Wait waits until the session has ended, and says why: nil after Close, ctx's
// error, the error of source or sink, [voiceapp.Unavailable] when the control
// connection or the socket is gone, and what the server said when it has ended the
// session for good, such as [voiceapp.Kicked].
func (s *Session) Wait() error {
	<-s.done
	return s.err
}

// Close ends the session and waits until all of it has ended. Neither source nor
// sink is used any more after it; neither may call it. It returns nil, always.
func (s *Session) Close() error {
	s.end(errClosed)
	<-s.done
	return nil
}
