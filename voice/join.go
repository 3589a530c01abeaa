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

// Config says how a [Session] works. Only Codec is required.
type Config struct {
	Codec  Codec
	Source Source // what is said; nil: only listens
	Sink   Sink   // what is heard; nil: only speaks

	FrameDuration time.Duration // 10, 20, 40 or 60 ms; 0: DefaultFrameDuration
	Channels      int           // of Source and Sink: 1 or 2; 0: 1
	Bitrate       int           // most bits a second of payload; 0, or more than granted: what is granted
	Delay         time.Duration // from a frame's arrival to its playout; 0: 40 ms
	MaxSpeakers   int           // heard at once; 0: DefaultMaxSpeakers

	Conn   Conn         // the socket; the session closes it; nil: a UDP socket of its own
	Logger *slog.Logger // nil: nothing is logged
}

var (
	errNoCodec  = voiceapp.NewError(voiceapp.Invalid, "voice: a codec is needed, such as voice.NewCodec(opus.NewEncoder, opus.NewDecoder)")
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
	if cfg.Codec == nil {
		return cfg, errNoCodec
	}
	return cfg, checkFormat(cfg.FrameDuration, cfg.Channels)
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
// Join once for each control connection: two sessions would seal with the same
// key and the same counters.
//
// The errors are [voiceapp.Invalid], the codec's, and [voiceapp.Unavailable] when
// no socket can be opened. Conn is closed on an error, too.
func Join(ctx context.Context, signaling Signaling, cfg Config) (*Session, error) {
	s, err := newSession(signaling, cfg)
	if err != nil {
		if cfg.Conn != nil {
			_ = cfg.Conn.Close()
		}
		return nil, err
	}
	if s.transport.conn == nil {
		conn, err := net.ListenUDP("udp", nil)
		if err != nil {
			return nil, voiceapp.WrapError(voiceapp.Unavailable, "voice: no UDP socket", err)
		}
		s.transport.conn = conn
	}
	s.start(ctx)
	return s, nil
}
