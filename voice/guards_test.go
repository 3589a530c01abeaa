package voice_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

func TestNewMixerRefusesOtherChannels(t *testing.T) {
	for _, channels := range []int{-1, 0, 3} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "voice: NewMixer: ") {
					t.Errorf("%d channels: panicked with %q", channels, text)
				}
			}()
			voice.NewMixer(channels)
		}()
	}
}

func TestPipeRefusesOtherChannels(t *testing.T) {
	for _, channels := range []int{-1, 3, 7} {
		pipe := &voice.Pipe{Channels: channels}
		if err := pipe.WritePCM(make([]float32, 960)); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%d channels: writing: %v", channels, err)
		}
		if n, err := pipe.ReadPCM(make([]float32, 960)); n != 0 || !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%d channels: reading: %d, %v", channels, n, err)
		}
	}
}

func TestCodecWithoutConstructors(t *testing.T) {
	codec := voice.NewCodec[*opus.Encoder, *opus.Decoder](nil, nil)
	if e, err := codec.NewEncoder(1, 0); e != nil || !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("encoder: %v, %v", e, err)
	}
	if d, err := codec.NewDecoder(1); d != nil || !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("decoder: %v, %v", d, err)
	}
}

func TestSenderRunsOnce(t *testing.T) {
	sender, err := voice.NewSender(voice.SenderConfig{
		Source: over{}, Encoder: new(opus.Encoder), Send: func([]packet.Audio) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sender.Run(t.Context()); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("the second Run: %v", err)
	}
}

// over is a source with nothing left to say.
type over struct{}

func (over) ReadPCM([]float32) (int, error) { return 0, io.EOF }
