package replay

import (
	"encoding/binary"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
)

// tocs are the first bytes of Opus packets by their duration.
var tocs = map[time.Duration]byte{
	10 * time.Millisecond: 0x80 | 2<<3, 20 * time.Millisecond: 0x80 | 3<<3,
	40 * time.Millisecond: 2 << 3, 60 * time.Millisecond: 3 << 3,
}

var errPacket = voiceapp.NewError(voiceapp.Invalid, "replay: no packet of this codec")

// plain is a codec whose packets only say where in the speech they are, so that
// what is stretched is the speech itself, and nothing but the jitter buffer shows.
type plain struct {
	speech []float32 // heard again and again
	frame  int       // samples
	last   []float32 // what was played last; concealment repeats it, ever quieter
}

func (p *plain) encode(i int, length time.Duration) []byte {
	return binary.BigEndian.AppendUint32([]byte{tocs[length]}, uint32(i))
}

func (p *plain) Decode(pcm []float32, payload []byte) (int, error) {
	if len(payload) != 5 || len(pcm) < p.frame {
		return 0, errPacket
	}
	at := int(binary.BigEndian.Uint32(payload[1:])) * p.frame
	for i := range p.frame {
		pcm[i] = p.speech[(at+i)%len(p.speech)]
	}
	p.last = append(p.last[:0], pcm[:p.frame]...)
	return p.frame, nil
}

func (p *plain) Conceal(pcm []float32) error {
	for i := range pcm {
		if len(p.last) == 0 {
			pcm[i] = 0
			continue
		}
		pcm[i] = p.last[i%len(p.last)] * .7
	}
	p.last = append(p.last[:0], pcm...)
	return nil
}

var _ jitter.Decoder = (*plain)(nil)
