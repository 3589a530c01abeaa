package voiceapp

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// KeySize is the size of a voice key in bytes.
const KeySize = 32

const redacted = "[redacted]"

// Key is the symmetric key of one direction of a session's voice. It never shows
// its bytes by itself: to send one, name it (k[:]).
type Key [KeySize]byte

// String gives "[redacted]".
func (Key) String() string { return redacted }

// Format writes "[redacted]" whatever the verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives "[redacted]".
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives "[redacted]", so that no encoder writes a key by accident.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Grant is what a session needs to send and hear voice. control hands it out
// inside TLS, voice takes it. A new one replaces the old whole: at each change of
// channel with other limits, and with new keys at each resume.
type Grant struct {
	Session SessionID
	Addr    netip.AddrPort // the server's UDP address; control.Client fills it in
	Up      Key            // seals what the client sends
	Down    Key            // seals what the server sends
	Bitrate int            // most bits a second of payload; 0 while in no channel

	// State keeps the counters of the keys from one use of the grant to the next;
	// all copies share it. nil: the grant may be used by one voice session only.
	State *KeyState `json:"-"`
}

// KeyState is what has to outlive one use of a grant's keys: a counter that began
// again would seal two datagrams alike. It is made by who hands the grant out, and
// filled by who uses it. The zero value is empty; it is safe for concurrent use
// and is not to be copied.
type KeyState struct {
	once sync.Once
	kept any
}

// Load returns what is kept, which the first caller makes.
func (k *KeyState) Load(make func() any) any {
	k.once.Do(func() { k.kept = make() })
	return k.kept
}

// LogValue leaves the keys out.
func (g Grant) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Uint64("session", uint64(g.Session)),
		slog.String("addr", g.Addr.String()),
		slog.Int("bitrate", g.Bitrate),
		slog.String("keys", redacted),
	)
}

// Route is where one session's voice goes and what it hears, as control decides
// and the relay obeys. Whoever hands it over keeps the slices, and does not alter
// them any more.
type Route struct {
	Channel  ChannelID // 0: nowhere: it is not heard, and hears whispers and what it listens to
	Bitrate  int       // the channel's, in bits a second of payload for each speaker
	Muted    bool      // may not be heard, whispering included
	Deaf     bool      // hears nothing
	Priority bool      // the others are to be turned down while it speaks

	Loudest int           // of the channel: most who are heard at once; 0: as the relay is told, below 0: all
	MaxWait time.Duration // of the channel: how long frames wait for others where many talk; 0: as the relay is told, below 0: not at all

	Listen  []ChannelID // further channels that are heard, at most MaxListen
	Whisper []Target    // target slot n is Whisper[n-1]; at most MaxWhispers
}

// Target is who hears a whisper: each of these once, however often it is in it.
// The zero value is a slot that is not set.
type Target struct {
	Sessions []SessionID // at most MaxWhisperSessions
	Channels []ChannelID // at most MaxWhisperChannels: who is in them, and who listens
}

// IsZero reports whether nobody is in the target.
func (t Target) IsZero() bool { return len(t.Sessions) == 0 && len(t.Channels) == 0 }

// The bounds of a [Route].
const (
	MaxListen          = 8
	MaxWhispers        = 30
	MaxWhisperSessions = 100 // of one target
	MaxWhisperChannels = 8   // of one target
)
