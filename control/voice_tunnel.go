package control

import (
	"bytes"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// eventDatagram is a notification in both directions: a sealed datagram of voice,
// for as long as UDP does not get through.
const eventDatagram = "voice.datagram"

// datagramEvent is the parameters of voice.datagram. Base64 is how JSON has bytes.
type datagramEvent struct {
	Data []byte `json:"data"`
}

const (
	datagramRate  = 200 // a second: frames of 10 ms, probes and reports twice over
	datagramBurst = 100
	datagramFlood = 10 * datagramRate // refused in a row: that is no voice
)

// openTunnel gives a session's voice the way inside its connection.
func (r *roster) openTunnel(s *session) error {
	tunnel, ok := r.voice.(VoiceTunnel)
	if !ok {
		return nil
	}
	return tunnel.SetTunnel(s.id, s.conn.sendDatagram)
}

// sendDatagram queues a datagram for the client. It does not wait; any goroutine
// may call it.
func (c *conn) sendDatagram(datagram []byte) {
	c.out.beside.push(encodeDatagram(datagram), time.Now())
	c.out.signal()
}

// datagrams is what a connection takes of voice.
type datagrams struct {
	bucket  bucket
	refused int // in a row
}

// isDatagram reports whether a line may be voice.datagram, at the cost of a look.
func isDatagram(line []byte) bool { return bytes.Contains(line, []byte(`"`+eventDatagram+`"`)) }

// tunnel takes a line that may be voice.datagram, and reports whether it was. It is
// a notification: nothing is answered, whatever is wrong with it.
func (c *conn) tunnel(line []byte) bool {
	if !c.voiced.bucket.take(time.Now()) {
		c.server.counters.limited.Add(1)
		if c.voiced.refused++; c.voiced.refused > datagramFlood {
			c.bye(voiceapp.Limited, "too many datagrams")
		}
		return true
	}
	c.voiced.refused = 0
	m, err := decodeLine(line)
	if err != nil || m.Method != eventDatagram || len(m.ID) > 0 {
		return false
	}
	var e datagramEvent
	if decodeParams(m.Params, &e) != nil {
		c.server.counters.badLines.Add(1)
		return true
	}
	if tunnel, ok := c.server.Voice.(VoiceTunnel); ok && c.session != nil {
		tunnel.Tunnel(c.session.id, e.Data)
	}
	return true
}
