package voice

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// silent is a codec that takes every packet.
type silent struct{}

func (silent) NewEncoder(int, int) (Encoder, error)        { return nil, nil }
func (silent) NewDecoder(int) (Decoder, error)             { return silent{}, nil }
func (silent) Decode(pcm []float32, b []byte) (int, error) { return len(b) % 5760, nil }
func (silent) Conceal(pcm []float32) error                 { clear(pcm); return nil }

// FuzzDatagram hands a session what an authentic server might send, gone mad:
// any frames, at any time. Nothing panics, and what is heard stays in bounds.
func FuzzDatagram(f *testing.F) {
	audio := packet.Audio{Speaker: 1, Payload: []byte{0x80 | 3<<3, 1}}
	end := packet.Audio{Speaker: 1, Sequence: 1, MediaTime: 960, Flags: packet.FlagEnd}
	f.Add(end.AppendTo(audio.AppendTo(nil)), uint16(20))
	f.Add(packet.Report{Highest: 1}.AppendTo(packet.Probe{Kind: packet.KindProbeAnswer}.AppendTo(nil)), uint16(0))
	f.Add([]byte{byte(packet.KindAudio), 0xff, 0xff}, uint16(1))
	f.Fuzz(func(t *testing.T, frames []byte, step uint16) {
		s, err := newSession(nil, Config{Codec: silent{}, Sink: &Pipe{}})
		if err != nil {
			t.Fatal(err)
		}
		s.started = time.Now()
		pcm := make([]float32, 960)
		now := time.Duration(0)
		for range 3 {
			s.transport.take(frames, s.handle, WayUDP)
			for range 10 {
				s.receiver.Read(pcm, now)
				now += time.Duration(step) * time.Millisecond
			}
		}
		for _, x := range pcm {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("heard %v", x)
			}
		}
		if got := s.receiver.Stats(); len(got.Speakers) > DefaultMaxSpeakers {
			t.Fatalf("%d speakers", len(got.Speakers))
		}
	})
}
