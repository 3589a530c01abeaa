package voice_test

import (
	"errors"
	"math"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// effect is one that a function does, and what it was called with.
type effect struct {
	do     func(call int, pcm []float32, speaking bool) bool
	spoken []bool    // for each call, whether the source spoke
	first  []float32 // and the first sample
}

func (e *effect) ProcessPCM(pcm []float32, channels int, speaking bool) bool {
	e.spoken, e.first = append(e.spoken, speaking), append(e.first, pcm[0])
	if len(pcm) != 960*channels {
		panic("not a frame")
	}
	return e.do(len(e.spoken)-1, pcm, speaking)
}

// The source is silent in frames 3 and 4.
func quietInTheMiddle() *counting {
	return &counting{last: 7, quiet: func(n int) bool { return n == 3 || n == 4 }}
}

func TestEffectHearsSilenceWhileNobodySpeaks(t *testing.T) {
	e := &effect{do: func(_ int, _ []float32, speaking bool) bool { return speaking }}
	frames, _ := sendAll(t, voice.SenderConfig{Source: quietInTheMiddle(), Effect: e})
	if len(e.spoken) != 7 {
		t.Fatalf("called %d times: %v", len(e.spoken), e.spoken)
	}
	for i, spoken := range e.spoken {
		if silent := i == 2 || i == 3; spoken == silent || (e.first[i] == 0) != silent {
			t.Errorf("call %d: speaking is %v, the first sample %v", i, spoken, e.first[i])
		}
	}
	if len(frames) != 7 || frames[2].Flags != packet.FlagEnd || frames[6].Flags != packet.FlagEnd {
		t.Errorf("%d frames: %+v", len(frames), frames)
	}
}

// A soundboard is heard in silence, a gate keeps what is said.
func TestEffectDecidesWhatIsHeard(t *testing.T) {
	e := &effect{do: func(call int, pcm []float32, speaking bool) bool {
		if call == 0 {
			return false
		}
		fill(pcm, unit)
		return true
	}}
	frames, stats := sendAll(t, voice.SenderConfig{Source: quietInTheMiddle(), Effect: e})
	if len(frames) != 7 { // six with sound and the end
		t.Fatalf("%d frames: %+v", len(frames), frames)
	}
	for i, f := range frames[:6] {
		if f.Sequence-frames[0].Sequence != uint16(i) || f.MediaTime-frames[0].MediaTime != uint32(i*960) || f.Flags != 0 {
			t.Errorf("frame %d: %+v", i, f)
		}
	}
	if stats.Talking {
		t.Error("the spurt has not ended")
	}
}

// Whatever an effect writes, the encoder gets sound within full scale.
func TestEffectIsLimited(t *testing.T) {
	encoder := &lastFrame{}
	e := &effect{do: func(call int, pcm []float32, _ bool) bool {
		fill(pcm, []float32{40, float32(math.NaN()), float32(math.Inf(1))}[call%3])
		return true
	}}
	loudest := float32(0)
	watch := &watched{lastFrame: encoder, see: func(pcm []float32) {
		for _, x := range pcm {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("the encoder gets %v", x)
			}
			loudest = max(loudest, x)
		}
	}}
	sendAll(t, voice.SenderConfig{Source: &counting{last: 9}, Encoder: watch, Effect: e})
	if loudest < 0.85 {
		t.Errorf("the loudest sample is %v", loudest)
	}
}

type watched struct {
	*lastFrame
	see func(pcm []float32)
}

func (w *watched) Encode(dst []byte, pcm []float32) ([]byte, error) {
	w.see(pcm)
	return w.lastFrame.Encode(dst, pcm)
}

func TestEffectNeedsPCM(t *testing.T) {
	_, err := voice.NewSender(voice.SenderConfig{
		Source: &ready{}, Effect: &effect{}, Send: func([]packet.Audio) error { return nil },
	})
	if !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("an effect on ready Opus: %v", err)
	}
}
