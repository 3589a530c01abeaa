package packet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// [VOICE-6] Sequence and media time wrap; every value survives the round trip.
func TestAudioRoundTrip(t *testing.T) {
	for _, sequence := range []uint16{0, 1, 127, 128, 32767, 32768, 65534, 65535} {
		for _, mediaTime := range []uint32{0, 1, 1<<31 - 1, 1 << 31, 1<<32 - 960, 1<<32 - 1} {
			for _, size := range []int{1, 2, 160, MaxPayload} {
				want := Audio{Speaker: mediaTime, Sequence: sequence, MediaTime: mediaTime, Level: SilentLevel, Flags: 0xff, Payload: make([]byte, size)}
				b := want.AppendTo([]byte("before"))
				if len(b) != len("before")+want.Size() {
					t.Fatalf("%d bytes, Size says %d", len(b)-len("before"), want.Size())
				}
				kind, body, rest, err := Next(b[len("before"):])
				if err != nil || kind != KindAudio || len(rest) != 0 {
					t.Fatalf("kind %v, rest %x, %v", kind, rest, err)
				}
				if got, err := ParseAudio(body); err != nil || !sameAudio(got, want) {
					t.Fatalf("got %+v, %v, want %+v", got, err, want)
				}
			}
		}
	}
}

func TestParseAudioRefuses(t *testing.T) {
	good := Audio{Level: 3, Payload: []byte("opus")}
	body := good.AppendTo(nil)[FrameHeaderSize:]
	tests := map[string][]byte{
		"empty":                  nil,
		"header cut off":         body[:AudioHeaderSize-1],
		"no payload, no end":     body[:AudioHeaderSize],
		"too long":               append(bytes.Clone(body), make([]byte, MaxPayload)...),
		"level over the highest": append(append(bytes.Clone(body[:10]), SilentLevel+1), body[11:]...),
	}
	for name, b := range tests {
		if a, err := ParseAudio(b); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	end := Audio{Level: SilentLevel, Flags: FlagEnd}
	if _, err := ParseAudio(end.AppendTo(nil)[FrameHeaderSize:]); err != nil {
		t.Errorf("an end of spurt without payload: %v", err)
	}
}

func TestNextNeverReachesPastTheBody(t *testing.T) {
	b := Probe{Kind: KindProbe, Sent: 1}.AppendTo(nil)
	b = Report{Highest: 2}.AppendTo(b)
	_, body, rest, err := Next(b)
	if err != nil || len(body) != ProbeSize || len(rest) != FrameHeaderSize+ReportSize {
		t.Fatalf("body %d, rest %d, %v", len(body), len(rest), err)
	}
	if _ = append(body, 0xff); rest[0] != byte(KindReport) {
		t.Error("an append to the body wrote into the next frame")
	}
}

// [VOICE-5]
func TestNextRefusesWhatIsCutOff(t *testing.T) {
	b := Probe{Kind: KindProbe, Sent: 1}.AppendTo(nil)
	whole := len(b)
	b = Report{Highest: 2}.AppendTo(b)
	for cut := 1; cut <= len(b); cut++ {
		var err error
		for frames := b[:cut]; err == nil && len(frames) > 0; {
			_, _, frames, err = Next(frames)
		}
		if cut == whole || cut == len(b) {
			if err != nil {
				t.Errorf("whole frames, %d bytes: %v", cut, err)
			}
		} else if !errors.Is(err, ErrFrame) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, _, _, err := Next(nil); !errors.Is(err, ErrFrame) {
		t.Errorf("nothing: %v", err)
	}
}

// [VOICE-7]
func TestStampSpeaker(t *testing.T) {
	a := Audio{Speaker: 7, Sequence: 9, Payload: []byte("x")}
	frame := a.AppendTo(nil)
	StampSpeaker(frame[FrameHeaderSize:], 0xfffffffe)
	got, err := ParseAudio(frame[FrameHeaderSize:])
	if a.Speaker = 0xfffffffe; err != nil || !sameAudio(got, a) {
		t.Errorf("got %+v, %v, want %+v", got, err, a)
	}
}

func TestHeaderSizes(t *testing.T) {
	for size := range MaxSize + 200 {
		_, err := ParseHeader(make([]byte, size))
		if ok := size >= Overhead && size <= MaxSize; ok != (err == nil) || !ok && !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if !errors.Is(ErrSize, voiceapp.TooLarge) || !errors.Is(ErrTag, voiceapp.BadCredentials) {
		t.Error("the errors have lost their codes")
	}
}

func FuzzFrames(f *testing.F) {
	a := Audio{Speaker: 1, Sequence: 2, MediaTime: 3, Level: 4, Payload: []byte("payload")}
	f.Add(a.AppendTo(Probe{Kind: KindProbe}.AppendTo(Report{Late: 1}.AppendTo(nil))))
	f.Add([]byte{1, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, frames []byte) {
		var again []byte
		rest, err := frames, error(nil)
		for err == nil && len(rest) > 0 {
			var kind Kind
			var body []byte
			if kind, body, rest, err = Next(rest); err == nil {
				again = append(appendFrameHeader(again, kind, len(body)), body...)
			}
		}
		if !bytes.Equal(again, frames[:len(again)]) || err == nil && len(again) != len(frames) {
			t.Fatalf("%x became %x", frames, again)
		}
	})
}

func FuzzParseAudio(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9<<3 | 2, 252, 3, 0x40})
	a := Audio{Speaker: 1, Sequence: 2, MediaTime: 3, Level: 4, Flags: FlagRedundant, Payload: []byte("payload")}
	f.Add(a.AppendTo(nil)[FrameHeaderSize:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := ParseAudio(body)
		if err != nil {
			return
		}
		HasFEC(a.Payload) // does not reach beyond it
		if again := a.AppendTo(nil); !bytes.Equal(again[FrameHeaderSize:], body) {
			t.Fatalf("%x became %x", body, again)
		}
	})
}

func FuzzParseProbe(f *testing.F) {
	f.Add(byte(KindProbe), make([]byte, ProbeSize))
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		p, err := ParseProbe(Kind(kind), body)
		if err != nil {
			return
		}
		if again := p.AppendTo(nil); again[0] != kind || !bytes.Equal(again[FrameHeaderSize:], body) {
			t.Fatalf("%x became %x", body, again)
		}
	})
}

func FuzzParseReport(f *testing.F) {
	f.Add(make([]byte, ReportSize))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseReport(body)
		if err != nil {
			return
		}
		if again := r.AppendTo(nil); !bytes.Equal(again[FrameHeaderSize:], body) {
			t.Fatalf("%x became %x", body, again)
		}
	})
}
