package voice_test

import (
	"errors"
	"io"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// opusPackets gives packets of Opus, one after the other.
type opusPackets [][]byte

func (p *opusPackets) ReadOpus(dst []byte) ([]byte, uint8, error) {
	if len(*p) == 0 {
		return dst, 0, io.EOF
	}
	dst = append(dst, (*p)[0]...)
	*p = (*p)[1:]
	return dst, 0, nil
}

func (*opusPackets) ReadPCM([]float32) (int, error) { return 0, io.EOF }

// deaf decodes nothing.
type deaf struct{}

func (deaf) Decode([]float32, []byte) (int, error) { return 0, errors.New("that is no packet") }
func (deaf) Conceal([]float32) error               { return nil }

// A packet that can't be decoded is as much silence as it is long, and one of no length
// that there is is none at all.
func TestDecodeOfPacketsThatAreNone(t *testing.T) {
	source := &opusPackets{{0x1b, 0x3f}, {19 << 3, 1, 2}, {0x1b, 0x3f}} // of 3.78 s, 20 ms, and 3.78 s
	pcm := make([]float32, 10*voice.SampleRate)
	decoded, sum := voice.Decode(source, deaf{}, 1), 0
	for {
		n, err := decoded.ReadPCM(pcm)
		if sum += n; errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if sum != voice.SampleRate/50 {
		t.Errorf("%d samples", sum)
	}
}
