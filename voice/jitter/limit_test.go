package jitter

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// trial is a speaker of frames of 20 ms on a network.
type trial struct {
	cfg   Config
	late  func(i int, sent time.Duration) time.Duration // of each frame; below 0: it is lost
	lasts time.Duration
}

// listen returns the frames that are heard, by their number from 0 on, and what became of
// all of them.
func (tr trial) listen() (heard map[int64]Piece, stats Stats) {
	heard = make(map[int64]Piece)
	p := NewPlayout(PlayoutConfig{Config: tr.cfg, Decoder: &tone{channels: 1}, Observe: func(one Piece) {
		if one.Action == Play {
			heard[one.Sequence] = one
		}
	}})
	s := talker{}
	var in []arrival
	for i := range int(tr.lasts / (20 * ms)) {
		sent := time.Duration(i) * 20 * ms
		a, late := s.frame(20*ms, 0), tr.late(i, sent)
		if late >= 0 {
			in = append(in, arrival{sent + late, a})
		}
	}
	slices.SortStableFunc(in, func(a, b arrival) int { return int(a.at - b.at) })
	block := make([]float32, 10*samplesPerMs)
	for now := time.Duration(0); now < tr.lasts+time.Second; now += 10 * ms {
		for ; len(in) > 0 && in[0].at <= now; in = in[1:] {
			p.Put(in[0].a, in[0].at)
		}
		p.Read(block, now)
	}
	return heard, p.Stats()
}

func onTime(int, time.Duration) time.Duration { return 0 }

// Where nothing comes late the delay is the least one, and no shorter.
func TestMinDelay(t *testing.T) {
	for _, least := range []time.Duration{20 * ms, 80 * ms, 300 * ms, 700 * ms} {
		heard, stats := trial{Config{MinDelay: least}, onTime, 30 * time.Second}.listen()
		for number, one := range heard {
			if one.Target != least || one.Behind < least || one.Behind > least+tolerance*ms/samplesPerMs {
				t.Fatalf("at least %v: frame %d is heard after %v, meant to be after %v", least, number, one.Behind, one.Target)
			}
		}
		if len(heard) != 1500 || stats.ConcealedSamples > 100*samplesPerMs {
			t.Errorf("at least %v: %d of 1500 frames are heard: %+v", least, len(heard), stats)
		}
	}
}

// However late frames come, none is heard after the longest delay: those that would have
// been are late, and nobody waits for them.
func TestMaxDelay(t *testing.T) {
	const most = 100 * ms
	rng := rand.New(rand.NewPCG(3, 4))
	for name, late := range map[string]func(int, time.Duration) time.Duration{
		"jitter": func(int, time.Duration) time.Duration { return time.Duration(rng.IntN(300)) * ms },
		"a second of outage each 5 s": func(_ int, sent time.Duration) time.Duration {
			return max(0, time.Second-sent%(5*time.Second))
		},
		"200 ms of outage each second": func(_ int, sent time.Duration) time.Duration {
			return max(0, 200*ms-sent%time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			beyond := make(map[int64]bool)
			tr := trial{Config{MaxDelay: most}, func(i int, sent time.Duration) time.Duration {
				d := late(i, sent)
				if i == 0 {
					d = 0 // or else nothing would be known of the path
				}
				if d > most+20*ms {
					beyond[int64(i)] = true
				}
				return d
			}, 30 * time.Second}
			heard, stats := tr.listen()
			for number, one := range heard {
				if one.Target > most || one.Behind > most || beyond[number] {
					t.Fatalf("frame %d is heard after %v, meant to be after %v", number, one.Behind, one.Target)
				}
			}
			if len(beyond) == 0 || stats.FramesLate < uint64(len(beyond)) {
				t.Errorf("%d frames come too late: %+v", len(beyond), stats)
			}
			if fair := 1500 - len(beyond); len(heard) < fair*3/4 {
				t.Errorf("of %d frames that come in time %d are heard", fair, len(heard))
			}
			tr.cfg = Config{}
			free, _ := tr.listen()
			longest := time.Duration(0)
			for _, one := range free {
				longest = max(longest, one.Behind)
			}
			if longest <= most {
				t.Errorf("without a limit nothing is heard after more than %v either", longest)
			}
		})
	}
}

// A limit is none while the network needs less.
func TestMaxDelayThatIsNotReached(t *testing.T) {
	rng := func() func(int, time.Duration) time.Duration {
		source := rand.New(rand.NewPCG(5, 6))
		return func(int, time.Duration) time.Duration { return time.Duration(source.IntN(60)) * ms }
	}
	free, _ := trial{Config{}, rng(), 30 * time.Second}.listen()
	limited, _ := trial{Config{MaxDelay: 500 * ms}, rng(), 30 * time.Second}.listen()
	for number, one := range free {
		if limited[number] != one {
			t.Fatalf("frame %d: %+v, without a limit %+v", number, limited[number], one)
		}
	}
}

// A path that has become longer by more than the longest delay is silent for two seconds,
// and no longer; one that is short again is heard at once.
func TestPathBeyondTheLongestDelay(t *testing.T) {
	const from, until = 10 * time.Second, 20 * time.Second
	heard, _ := trial{Config{MaxDelay: 80 * ms}, func(_ int, sent time.Duration) time.Duration {
		if sent >= from && sent < until {
			return 400 * ms
		}
		return 0
	}, 30 * time.Second}.listen()
	for number := range int64(1500) {
		sent := time.Duration(number) * 20 * ms
		silent := sent >= from && sent < from+2*time.Second || sent >= until-500*ms && sent < until+100*ms
		one, ok := heard[number]
		if !ok && !silent {
			t.Fatalf("what is said after %v is not heard", sent)
		}
		if ok && sent < from+2*time.Second && (sent >= from || one.Behind > 80*ms) {
			t.Fatalf("what is said after %v is heard %v later", sent, one.Behind)
		}
	}
}

// Where the least delay is the longest, too, it is kept whatever comes and is lost, and
// nothing is stretched.
func TestOneDelayIsLeft(t *testing.T) {
	const delay = 100 * ms
	heard, stats := trial{Config{MinDelay: delay, MaxDelay: delay}, func(i int, sent time.Duration) time.Duration {
		if n := i % 100; n == 72 || n == 73 || n%30 == 0 {
			return -1
		}
		return max(0, 300*ms-(sent+800*ms)%(2*time.Second)) // an outage from each 60th frame on
	}, 30 * time.Second}.listen()
	for number, one := range heard {
		if one.Behind != delay || one.Target != delay {
			t.Errorf("frame %d is heard after %v, meant to be after %v", number, one.Behind, one.Target)
		}
	}
	if len(heard) < 1200 || stats.InsertedSamplesForDeceleration+stats.RemovedSamplesForAcceleration > 0 {
		t.Errorf("%d frames are heard: %+v", len(heard), stats)
	}
}

// Who asks for more at least than at most gets what may be at most.
func TestMinDelayAboveMaxDelay(t *testing.T) {
	heard, _ := trial{Config{MinDelay: 300 * ms, MaxDelay: 60 * ms}, onTime, 5 * time.Second}.listen()
	for number, one := range heard {
		if one.Target != 60*ms || one.Behind > 60*ms {
			t.Fatalf("frame %d is heard after %v, meant to be after %v", number, one.Behind, one.Target)
		}
	}
	if len(heard) != 250 {
		t.Errorf("%d of 250 frames are heard", len(heard))
	}
}
