package voice

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// DefaultFrameDuration is how long a frame lasts unless configured.
const DefaultFrameDuration = 20 * time.Millisecond

// MaxDelay is the longest playout delay that can be asked for.
const MaxDelay = time.Second

// Config says how a [Session] works. Only Codec is required.
type Config struct {
	Codec  Codec
	Source Source // what is said; nil: only listens
	Effect Effect // changes what is said; nil: nothing does
	Sink   Sink   // what is heard; nil, with Each: only speaks

	// Each, where it is set, gets what each speaker says by himself, before it is
	// mixed: interleaved PCM, 10 or 20 ms of it, that is only to be read and valid
	// during the call, and how long after the session's first moment it is heard. It
	// is not called while the speaker is silent, and not to wait: the playout does.
	Each func(speaker voiceapp.SessionID, pcm []float32, at time.Duration)

	FrameDuration time.Duration // 10, 20, 40 or 60 ms; 0: DefaultFrameDuration
	Channels      int           // of Source and Sink: 1 or 2; 0: 1
	Bitrate       int           // most bits a second of payload; 0, or more than granted: what is granted
	Target        int           // the target slot spoken to at first: 0 the channel, 1 to 30 as set by control; see Session.SetTarget
	Delay         time.Duration // a fixed one, from a frame's arrival to its playout, at most MaxDelay; 0: it adapts to the network
	MinDelay      time.Duration // the least that one which adapts goes down to, at most MaxDelay; 0: two frames, at most DefaultMinDelay; below 0: 0
	MaxDelay      time.Duration // the most that it rises to, likewise: what would be heard later is late; 0: what the network needs
	MaxSpeakers   int           // heard at once; 0: DefaultMaxSpeakers
	Normalize     bool          // all speakers are brought to the same level at first; see Session.SetNormalize
	Duck          float64       // how far a priority speaker turns the others down, in dB; 0: DefaultDuck; below 0: not at all

	Conn   Conn         // the socket; the session closes it; nil: a UDP socket of its own
	Logger *slog.Logger // nil: nothing is logged
}

var (
	errNoCodec  = voiceapp.NewError(voiceapp.Invalid, "voice: a codec is needed, such as voice.NewCodec(opus.NewEncoder, opus.NewDecoder)")
	errDelay    = voiceapp.NewError(voiceapp.Invalid, "voice: the playout delay is from 0 to 1 s")
	errLimits   = voiceapp.NewError(voiceapp.Invalid, "voice: the least and the longest playout delay are at most 1 s, and the least is not above the longest")
	errBitrate  = voiceapp.NewError(voiceapp.Invalid, "voice: the bitrate is 0, or between 6,000 and 510,000 bits a second")
	errTarget   = voiceapp.NewError(voiceapp.Invalid, "voice: a target slot is from 0, the channel, to 30")
	errEffect   = voiceapp.NewError(voiceapp.Invalid, "voice: an effect needs a source of PCM, and this one has Opus ready")
	errNobody   = voiceapp.NewError(voiceapp.Invalid, "voice: a signaling is needed, such as a *control.Client")
	errChannels = voiceapp.NewError(voiceapp.Invalid, "voice: there are 1 or 2 channels")
	errDuration = voiceapp.NewError(voiceapp.Invalid, "voice: a frame lasts 10, 20, 40 or 60 ms")
)

// withDefaults fills in what is not set, and checks the rest.
func (cfg Config) withDefaults() (Config, error) {
	if cfg.FrameDuration == 0 {
		cfg.FrameDuration = DefaultFrameDuration
	}
	if cfg.Channels == 0 {
		cfg.Channels = 1
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case cfg.Codec == nil:
		return cfg, errNoCodec
	case cfg.Delay < 0 || cfg.Delay > MaxDelay:
		return cfg, errDelay
	case !validLimits(cfg.MinDelay, cfg.MaxDelay):
		return cfg, errLimits
	case cfg.Target < 0 || cfg.Target > voiceapp.MaxWhispers:
		return cfg, errTarget
	case cfg.Bitrate != 0 && (cfg.Bitrate < voiceapp.MinBitrate || cfg.Bitrate > voiceapp.MaxBitrate):
		return cfg, errBitrate
	}
	return cfg, checkFormat(cfg.FrameDuration, cfg.Channels)
}

// validLimits reports whether an adaptive delay can have these; 0 and below is none.
func validLimits(least, most time.Duration) bool {
	return least <= MaxDelay && most >= 0 && most <= MaxDelay && (most == 0 || least <= most)
}

// minDelay is the least playout delay: two frames, or what is configured.
func (cfg Config) minDelay() time.Duration {
	if cfg.MinDelay != 0 {
		return cfg.MinDelay
	}
	least := min(2*cfg.FrameDuration, DefaultMinDelay)
	if cfg.MaxDelay > 0 {
		return min(least, cfg.MaxDelay)
	}
	return least
}

func checkFormat(frame time.Duration, channels int) error {
	switch frame {
	case 10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond, 60 * time.Millisecond:
	default:
		return errDuration
	}
	if channels != 1 && channels != 2 {
		return errChannels
	}
	return nil
}

// Join connects a client's voice: Source to the server, and what comes from the
// server to Sink. It opens the path at once and returns; it waits for no answer.
// The session ends when ctx ends, with Close, when the control connection has
// ended for good, and when Source or Sink break. While there is no grant nothing is
// sent, and Source is first asked when there is one for a channel.
//
// Sessions may follow one another on a control connection. Of two at the same time
// the server sends what is heard to the one that it heard last.
//
// The errors are [voiceapp.Invalid], the codec's, and [voiceapp.Unavailable] when
// no socket can be opened. Conn is closed on an error, too.
func Join(ctx context.Context, signaling Signaling, cfg Config) (*Session, error) {
	s, err := (*Session)(nil), error(errNobody)
	if signaling != nil {
		s, err = newSession(signaling, cfg)
	}
	if err != nil {
		if cfg.Conn != nil {
			_ = cfg.Conn.Close()
		}
		return nil, err
	}
	if s.transport.conn == nil {
		conn, err := net.ListenUDP("udp", nil)
		if err != nil {
			return nil, voiceapp.WrapError(voiceapp.Unavailable, "voice: no UDP socket", err).With(NoSocket)
		}
		s.transport.conn = conn
	}
	s.start(ctx)
	return s, nil
}
