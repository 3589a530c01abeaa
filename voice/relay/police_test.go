package relay

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// talkFor sends frames of equal size for a while and returns the share that passed.
func talkFor(p *police, from, dur, every time.Duration, size int, flags packet.Flags, bitrate int) float64 {
	a := packet.Audio{Flags: flags, Payload: make([]byte, size)}
	passed, all := 0, 0
	for now := from; now < from+dur; now += every {
		all++
		if p.datagram(now, packet.Overhead+a.Size(), bitrate) && p.audio(now, &a, newest, bitrate) == taken {
			passed++
		}
	}
	return float64(passed) / float64(all)
}

// [VOICE-12] Who keeps to the channel's bitrate loses nothing, whatever the frame
// duration, with two copies of each frame as well.
func TestPoliceLetsTheHonestPass(t *testing.T) {
	for _, bitrate := range []int{voiceapp.MinBitrate, 16_000, voiceapp.DefaultBitrate, voiceapp.MaxBitrate} {
		for _, frame := range []time.Duration{10, 20, 40, 60} {
			frame *= time.Millisecond
			size := int(int64(bitrate) * int64(frame) / int64(time.Second) / 8)
			if size > packet.MaxPayload {
				continue
			}
			var p police
			if share := talkFor(&p, 0, time.Minute, frame, size, 0, bitrate); share != 1 {
				t.Errorf("%d bit/s, frames of %v: %.3f passed", bitrate, frame, share)
			}
			if size*3 > packet.MaxPayload {
				continue
			}
			copied := packet.Audio{Flags: packet.FlagRedundant, Payload: make([]byte, size)}
			fresh := packet.Audio{Payload: make([]byte, size)}
			p = police{}
			for now := time.Duration(0); now < time.Minute; now += frame {
				ok := p.datagram(now, packet.Overhead+3*fresh.Size(), bitrate)
				if !ok || p.audio(now, &fresh, newest, bitrate) != taken || p.audio(now, &copied, repeated, bitrate) != dropRepeated || p.audio(now, &copied, repeated, bitrate) != dropRepeated {
					t.Fatalf("%d bit/s, frames of %v with two copies: dropped at %v", bitrate, frame, now)
				}
			}
		}
	}
}

// [VOICE-12] A stall of the path of up to half a second, then all of it at once.
func TestPoliceAllowsABurst(t *testing.T) {
	var p police
	a := packet.Audio{Payload: make([]byte, 160)}
	for burst := range 5 {
		now := time.Duration(burst) * 480 * time.Millisecond
		for i := range 24 {
			if !p.datagram(now, packet.Overhead+a.Size(), 64_000) || p.audio(now, &a, newest, 64_000) != taken {
				t.Fatalf("burst %d, frame %d was dropped", burst, i)
			}
		}
	}
}

// [VOICE-12]
func TestPoliceHoldsToTheRate(t *testing.T) {
	a := packet.Audio{Payload: make([]byte, 160)}
	c := packet.Audio{Payload: make([]byte, 160), Flags: packet.FlagRedundant}
	tiny := packet.Audio{Payload: make([]byte, 1)}
	short := packet.Audio{Payload: make([]byte, 1), Flags: packet.FlagRedundant}
	tests := []struct {
		name  string
		every time.Duration
		take  func(p *police, now time.Duration) counter
		units float64 // a second that may pass
		why   counter
	}{
		{"bitrate", 10 * time.Millisecond, func(p *police, now time.Duration) counter { return p.audio(now, &a, newest, 32_000) }, 32_000 * 1.2 / 8 / 160, dropBitrate},
		{"frames", 1 * time.Millisecond, func(p *police, now time.Duration) counter { return p.audio(now, &tiny, newest, 64_000) }, 120, dropFrameRate},
		{"copies", 1 * time.Millisecond, func(p *police, now time.Duration) counter {
			if why := p.audio(now, &c, repeated, 64_000); why != dropRepeated {
				return why
			}
			return taken
		}, 240, dropCopies},
		{"copies in the place of frames", 5 * time.Millisecond, func(p *police, now time.Duration) counter { return p.audio(now, &short, belated, 64_000) }, 120, dropFrameRate},
		{"bytes in copies in the place of frames", 10 * time.Millisecond, func(p *police, now time.Duration) counter { return p.audio(now, &c, newest, 32_000) }, 32_000 * 1.2 / 8 / 160, dropBitrate},
		{"bytes", 1 * time.Millisecond, func(p *police, now time.Duration) counter {
			if p.datagram(now, 1400, 64_000) {
				return taken
			}
			return dropDatagramRate
		}, 3 * (64_000*1.2/8 + 120*43) / 1400, dropDatagramRate},
	}
	for _, test := range tests {
		var p police
		passed := 0
		const seconds = 20
		for now := time.Duration(0); now < seconds*time.Second; now += test.every {
			switch got := test.take(&p, now); got {
			case taken:
				passed++
			case test.why:
			default:
				t.Fatalf("%s: dropped for reason %d, want %d", test.name, got, test.why)
			}
		}
		if most := test.units*(seconds+0.5) + 1; float64(passed) > most || float64(passed) < most*0.95 {
			t.Errorf("%s: %d passed, want at most and nearly %.0f", test.name, passed, most)
		}
	}
}

// A change of the bitrate takes nothing from who kept to the old one, and time
// that stands still is no division by zero.
func TestPoliceChangesRate(t *testing.T) {
	var p police
	talkFor(&p, 0, time.Second, 20*time.Millisecond, 1200, 0, voiceapp.MaxBitrate)
	if share := talkFor(&p, time.Second, time.Minute, 20*time.Millisecond, 15, 0, voiceapp.MinBitrate); share != 1 {
		t.Errorf("%.3f passed after the change", share)
	}
}

// Over any stretch of time no more than rate and burst passes.
func TestMeterAgainstWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	type event struct {
		at    time.Duration
		units int
	}
	var m meter
	var passed []event
	const rate = 1000
	now := time.Duration(0)
	for range 3000 {
		now += time.Duration(r.IntN(int(20 * time.Millisecond)))
		if units := r.IntN(40); m.take(now, units, rate) {
			passed = append(passed, event{now, units})
		}
	}
	for i := range passed {
		sum := 0
		for _, e := range passed[i:] {
			sum += e.units
			if most := float64(rate)*(e.at-passed[i].at+policeBurst).Seconds() + 1; float64(sum) > most {
				t.Fatalf("%d units passed between %v and %v, the most is %.0f", sum, passed[i].at, e.at, most)
			}
		}
	}
}
