package voice_test

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// track is a source of a few samples, all of one value.
type track struct {
	value  float32
	left   int
	end    error // what comes then
	closed bool
}

func (s *track) ReadPCM(pcm []float32) (int, error) {
	n := min(len(pcm), s.left)
	for i := range pcm[:n] {
		pcm[i] = s.value
	}
	if s.left -= n; n == 0 {
		return 0, s.end
	}
	return n, nil
}

func (s *track) Close() error {
	s.closed = true
	return nil
}

func TestPlayer(t *testing.T) {
	p := &voice.Player{}
	read := func() []float32 {
		pcm := make([]float32, 4)
		n, err := p.ReadPCM(pcm)
		if err != nil {
			t.Fatal(err)
		}
		return pcm[:n]
	}
	want := func(what string, want ...float32) {
		t.Helper()
		if got := read(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	want("nothing")
	first, second := &track{value: 1, left: 6, end: io.EOF}, &track{value: 0.5, left: 100, end: io.EOF}
	p.Play(first)
	want("full volume", 1, 1, 1, 1)
	p.SetVolume(0.5)
	want("half volume, the last part", 0.5, 0.5)
	want("the end")
	if p.Playing() || !first.closed {
		t.Error("a track that has ended is played on, or was not closed")
	}
	p.Play(second)
	want("the next", 0.25, 0.25, 0.25, 0.25)
	p.Play(&track{left: 0, end: errors.New("broken")})
	if !second.closed || !p.Playing() {
		t.Error("what was replaced is open still, or nothing is played")
	}
	want("one that is broken")
	want("silence after it")
	p.Stop()
}

// packets is a source that has Opus of TestCodec's kind: a packet for each number.
type packets struct {
	list   [][]byte
	closed bool
}

func (p *packets) ReadPCM([]float32) (int, error) { panic("it has Opus") }

func (p *packets) ReadOpus(dst []byte) ([]byte, uint8, error) {
	if len(p.list) == 0 {
		return dst, 0, io.EOF
	}
	next := p.list[0]
	p.list = p.list[1:]
	return append(dst, next...), 20, nil
}

func (p *packets) Close() error {
	p.closed = true
	return nil
}

// loud decodes each packet of 20 ms to its last byte, and refuses what ends in 0.
type loud struct{}

func (loud) Decode(pcm []float32, payload []byte) (int, error) {
	value := payload[len(payload)-1]
	if value == 0 {
		return 0, errors.New("garbage")
	}
	for i := range pcm[:960] {
		pcm[i] = float32(value)
	}
	return 960, nil
}

func (loud) Conceal([]float32) error { return nil }

// Packets become samples without a gap, whatever the length of what is asked for;
// one that can't be decoded is silent for as long as it lasts.
func TestDecode(t *testing.T) {
	const twenty = 19 << 3 // the first byte of a packet of 20 ms
	source := &packets{list: [][]byte{{twenty, 1}, {twenty, 0}, {}, {twenty, 3}}}
	pcm := voice.Decode(source, loud{}, 1)
	var all []float32
	for block := make([]float32, 700); ; {
		n, err := pcm.ReadPCM(block)
		all = append(all, block[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != 3*960 || all[0] != 1 || all[959] != 1 || all[960] != 0 || all[1919] != 0 || all[1920] != 3 || all[2879] != 3 {
		t.Errorf("%d samples", len(all))
	}
	if err := pcm.(io.Closer).Close(); err != nil || !source.closed {
		t.Errorf("the source was not closed: %v", err)
	}
}
