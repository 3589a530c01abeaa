package load

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// user is one client. What it counts belongs to the group's reader until that has ended.
type user struct {
	group   *group
	crowd   *crowd // within the group
	session voiceapp.SessionID
	room    int
	speaks  bool
	index   int // among the speakers of the crowd
	socket  *socket
	addr    netip.AddrPort
	sealer  *packet.Sealer
	opener  *packet.Opener
	opened  chan struct{} // closed by the reader at the first probe's answer
	isOpen  bool

	size     int    // of payloads
	expected []byte // the payload that check compares with
	heard    []window

	received, datagrams, duplicates, corrupt, refused uint64
}

func newUser(g *group, grant voiceapp.Grant, c Config) (*user, error) {
	if !grant.Addr.IsValid() {
		return nil, invalid("the grant of session %d has no address", grant.Session)
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(grant.Addr))
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "load: there is no socket for each user", err)
	}
	socket, err := detach(conn)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "load: there is no socket for each user", err)
	}
	return &user{
		group:    g,
		session:  grant.Session,
		socket:   socket,
		addr:     grant.Addr,
		sealer:   packet.NewSealer(grant.Session, grant.Up),
		opener:   packet.NewOpener(grant.Down),
		opened:   make(chan struct{}),
		size:     c.PayloadSize,
		expected: make([]byte, c.PayloadSize),
	}, nil
}

// place says where the user i of so many is.
func (u *user) place(i, users int, c Config) {
	u.crowd, u.room, u.index, u.speaks = &u.group.calm, i%c.Rooms, i, i < c.Speakers
	u.heard = make([]window, c.Speakers)
	if calm := users - c.Storm; i >= calm {
		u.crowd, u.room, u.index, u.speaks = &u.group.storm, c.Rooms, i-calm, true
		u.heard = make([]window, c.Storm)
	}
}

func (u *user) probe() error {
	datagram, err := u.sealer.Seal(nil, packet.Probe{Kind: packet.KindProbe}.AppendTo(nil))
	if err != nil {
		return err
	}
	u.socket.write(datagram) // a relay that is not there yet answers with ICMP
	return nil
}

// open takes a datagram that came so long ago.
func (u *user) open(datagram []byte, waited time.Duration) {
	now := time.Since(u.group.start) - waited
	frames, _, err := u.opener.Open(datagram[min(len(datagram), packet.HeaderSize):][:0], datagram)
	before := u.received
	for err == nil && len(frames) > 0 {
		var kind packet.Kind
		var body []byte
		if kind, body, frames, err = packet.Next(frames); err != nil {
			break
		}
		switch kind {
		case packet.KindAudio:
			err = u.hear(now, body)
		case packet.KindProbeAnswer:
			if !u.isOpen {
				u.isOpen = true
				close(u.opened)
			}
		default: // of no use here
		}
	}
	if err != nil {
		u.refused++
	}
	if u.received > before {
		u.datagrams++
	}
}

// hear checks and counts an audio frame.
func (u *user) hear(now time.Duration, body []byte) error {
	audio, err := packet.ParseAudio(body)
	if err != nil {
		return err
	}
	session := voiceapp.SessionID(audio.Speaker)
	speaker, known := u.group.speaker[session]
	sent, number, ok := readStamp(audio.Payload, u.expected, session)
	switch {
	case !known || speaker == u || speaker.room != u.room || !ok || uint16(number) != audio.Sequence:
		u.corrupt++
	case !u.heard[speaker.index].accept(number):
		u.duplicates++
	default:
		u.received++
		u.crowd.latency.add(now - sent)
	}
	return nil
}

// stampSize is what a payload begins with: when it was sent, in nanoseconds, and
// its number. What follows is made of the number and the session.
const stampSize = 12

// writeStamp fills payload.
func writeStamp(payload []byte, sent time.Duration, number uint32, session voiceapp.SessionID) {
	binary.BigEndian.PutUint64(payload, uint64(sent))
	binary.BigEndian.PutUint32(payload[8:], number)
	x := uint64(session)<<32 | uint64(number) + 1
	for rest := payload[stampSize:]; len(rest) > 0; {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		if len(rest) < 8 {
			for i := range rest {
				rest[i] = byte(x >> (8 * i))
			}
			return
		}
		binary.LittleEndian.PutUint64(rest, x)
		rest = rest[8:]
	}
}

// readStamp reads and checks a payload. scratch has the right size.
func readStamp(payload, scratch []byte, session voiceapp.SessionID) (sent time.Duration, number uint32, ok bool) {
	if len(payload) != len(scratch) {
		return 0, 0, false
	}
	sent, number = time.Duration(binary.BigEndian.Uint64(payload)), binary.BigEndian.Uint32(payload[8:])
	writeStamp(scratch, sent, number, session)
	return sent, number, string(payload) == string(scratch)
}

// window remembers the numbers of the last 64 frames of one speaker. An older one
// counts as heard before: it is later than any listener would wait.
type window struct {
	newest uint32 // the highest number, and one
	seen   uint64 // bit i: newest-1-i was heard
}

func (w *window) accept(number uint32) bool {
	if number >= w.newest {
		w.seen = w.seen<<(number-w.newest+1) | 1
		w.newest = number + 1
		return true
	}
	bit := uint64(1) << (w.newest - 1 - number) // 0 when it is too old
	if bit == 0 || w.seen&bit != 0 {
		return false
	}
	w.seen |= bit
	return true
}
