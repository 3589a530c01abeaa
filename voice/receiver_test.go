package voice_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

func newReceiver(t testing.TB, cfg voice.ReceiverConfig) *voice.Receiver {
	t.Helper()
	if cfg.Codec == nil {
		cfg.Codec = &numbers{}
	}
	if cfg.Delay == 0 {
		cfg.Delay = 40 * ms // so that each sample's time is known
	}
	r, err := voice.NewReceiver(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// number is a frame of 20 ms of the number codec.
func number(speaker uint32, i, n int) packet.Audio {
	return packet.Audio{
		Speaker: speaker, Sequence: uint16(i), MediaTime: uint32(i) * frame, Level: 40,
		Payload: []byte{tocs[frame], byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)},
	}
}

func TestReceiverMixesSpeakers(t *testing.T) {
	for _, start := range wrapStarts {
		r := newReceiver(t, voice.ReceiverConfig{})
		pcm := make([]float32, frame)
		for i := range 20 {
			now := time.Duration(i) * 20 * ms
			for speaker := range 3 {
				a := number(uint32(speaker+1), i, 1<<(4*speaker))
				a.Sequence += start
				a.MediaTime -= uint32(start) << 8
				r.Put(a, now)
			}
			r.Read(pcm, now)
			if want := float32(0x111) * unit; i >= 3 && (pcm[0] != want || pcm[frame-1] != want) {
				t.Fatalf("start %d, frame %d: heard %v, want %v", start, i, pcm[0]/unit, want/unit)
			}
		}
		got := r.Stats()
		if len(got.Speakers) != 3 || got.FramesPlayed != 3*18 || !got.Speakers[1].Speaking || got.Speakers[1].Level != 40 {
			t.Errorf("%+v", got)
		}
	}
}

func TestReceiverForgets(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{MaxSpeakers: 2, Forget: 3 * time.Second})
	pcm := make([]float32, frame)
	read := func(from, to time.Duration) {
		for now := from; now < to; now += 20 * ms {
			r.Read(pcm, now)
		}
	}
	for speaker := range uint32(4) {
		r.Put(number(speaker, 0, 1), 0)
	}
	read(0, 2*time.Second)
	if got := r.Stats(); len(got.Speakers) != 2 || got.FramesRefused != 2 || got.FramesPlayed != 2 {
		t.Errorf("%+v", got)
	}
	read(2*time.Second, 4*time.Second)
	if got := r.Stats(); len(got.Speakers) != 0 || got.FramesPlayed != 2 {
		t.Errorf("after 4 s: %+v", got)
	}
	r.Put(number(9, 0, 1), 4*time.Second)
	read(4*time.Second, 5*time.Second)
	if got := r.Stats(); len(got.Speakers) != 1 || got.FramesPlayed != 3 {
		t.Errorf("another speaker: %+v", got)
	}
}

func TestReceiverConcealsWhatIsSpoilt(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{Channels: 2})
	pcm := make([]float32, 2*frame)
	heard := map[float32]int{}
	for i := range 6 {
		a := number(1, i, 5)
		if i == 1 {
			a.Payload = a.Payload[:3]
		}
		if i == 2 {
			a.Flags = packet.FlagEnd
		}
		if i < 3 {
			r.Put(a, time.Duration(i)*20*ms)
		}
		r.Read(pcm, time.Duration(i)*20*ms)
		for _, x := range pcm {
			heard[x/unit]++
		}
	}
	if heard[5] != 2*2*frame || heard[madeUp/unit] != 2*frame || heard[0] != 2*3*frame {
		t.Errorf("heard %v", heard)
	}
	if got := r.Stats(); got.FramesSpoilt != 1 {
		t.Errorf("%+v", got)
	}
}

// TestReceiverLateFrame: a frame that comes 10 ms too late is heard in half, and
// what follows is where it should be.
func TestReceiverLateFrame(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{})
	pcm := make([]float32, frame/2)
	var all, heard []float32
	for now := time.Duration(0); now < 130*ms; now += 10 * ms {
		if now == 0 {
			r.Put(number(1, 0, 5), now)
		}
		if now == 70*ms { // the first of them was due at 60
			r.Put(number(1, 1, 6), now)
			r.Put(number(1, 2, 5), now)
		}
		r.Read(pcm, now)
		all = append(all, pcm...)
	}
	for i := range 12 {
		heard = append(heard, all[late+(i+1)*frame/2-1]/unit) // a cross-fade is over by then
	}
	made := madeUp / unit
	want := []float32{0, 0, 0, 0, 5, 5, made, 6, 5, 5, made, made}
	if !slices.Equal(heard, want) {
		t.Errorf("heard %v\nwant  %v", heard, want)
	}
}

// TestReceiverOddReads reads in pieces that fit no frame.
func TestReceiverOddReads(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{})
	var heard []float32
	for i := 0; len(heard) < 20*frame; {
		now := time.Duration(len(heard)) * time.Second / voice.SampleRate
		for ; i < 10 && now >= time.Duration(i)*20*ms; i++ {
			r.Put(number(1, i, 100+i), time.Duration(i)*20*ms)
		}
		pcm := make([]float32, 331)
		r.Read(pcm, now)
		heard = append(heard, pcm...)
	}
	for i, x := range heard[:12*frame] {
		want := float32(0)
		if i >= 2*frame+late {
			want = float32(100+(i-late)/frame-2) * unit
		}
		if x != want {
			t.Fatalf("sample %d is %v, want %v", i, x/unit, want/unit)
		}
	}
}

func TestNewReceiverRefuses(t *testing.T) {
	for name, cfg := range map[string]voice.ReceiverConfig{
		"no codec":   {},
		"3 channels": {Codec: &numbers{}, Channels: 3},
		"crossed":    {Codec: &numbers{}, MinDelay: 100 * ms, MaxDelay: 80 * ms},
		"an hour":    {Codec: &numbers{}, MaxDelay: time.Hour},
	} {
		if _, err := voice.NewReceiver(cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReceiverTakesCopies: a copy stands in for a frame that was lost, and says
// nothing of the speaker as he is now.
func TestReceiverTakesCopies(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{})
	pcm := make([]float32, frame)
	var heard []float32
	for i := range 8 {
		now := time.Duration(i) * 20 * ms
		if a := number(1, i, i+1); i != 2 && i < 6 {
			if i == 5 {
				a.Flags = packet.FlagEnd
			}
			r.Put(a, now)
		}
		if i == 3 || i == 5 {
			a := number(1, i-1, i)
			a.Flags, a.Level = packet.FlagRedundant, 90
			r.Put(a, now)
		}
		r.Read(pcm, now)
		heard = append(heard, pcm[frame/2]/unit)
	}
	if want := []float32{0, 0, 1, 2, 3, 4, 5, 6}; !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
	got := r.Stats()
	if got.FramesLost != 0 || got.ConcealedSamples != 0 || got.FramesDuplicate != 1 || got.Speakers[0].Level != 40 {
		t.Errorf("%+v", got)
	}
}
