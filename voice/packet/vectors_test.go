package packet

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// The vectors of voice/PROTOCOL.md, section 8. They were computed by another
// implementation of RFC 8439 than the one used here.
type vectors struct {
	Accepted []struct {
		Name      string
		Key       string
		Session   voiceapp.SessionID
		Counter   uint64 `json:",string"`
		Frames    []vectorFrame
		Plaintext string
		Datagram  string
	}
	Refused []struct{ Name, Key, Datagram, Error string }
}

type vectorFrame struct {
	Kind      string
	Speaker   uint32
	Sequence  uint16
	MediaTime uint32 `json:"media_time"`
	Level     uint8
	Flags     Flags
	Payload   string
	Sent      uint64 `json:",string"`
	Highest   uint64 `json:",string"`
	Received  uint64 `json:",string"`
	Jitter    uint32
	Late      uint32
	Number    Kind
	Body      string
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func vectorKey(t *testing.T, s string) voiceapp.Key {
	t.Helper()
	return voiceapp.Key(unhex(t, s))
}

// appendTo builds the frame from its fields.
func (f vectorFrame) appendTo(t *testing.T, b []byte) []byte {
	t.Helper()
	switch f.Kind {
	case "audio":
		a := f.audio(t)
		return a.AppendTo(b)
	case "probe":
		return Probe{Kind: KindProbe, Sent: f.Sent}.AppendTo(b)
	case "probe_answer":
		return Probe{Kind: KindProbeAnswer, Sent: f.Sent}.AppendTo(b)
	case "report":
		return f.report().AppendTo(b)
	default:
		body := unhex(t, f.Body)
		return append(appendFrameHeader(b, f.Number, len(body)), body...)
	}
}

func (f vectorFrame) audio(t *testing.T) Audio {
	t.Helper()
	return Audio{
		Speaker: f.Speaker, Sequence: f.Sequence, MediaTime: f.MediaTime,
		Level: f.Level, Flags: f.Flags, Payload: unhex(t, f.Payload),
	}
}

func (f vectorFrame) report() Report {
	return Report{Highest: f.Highest, Received: f.Received, Jitter: f.Jitter, Late: f.Late}
}

// check reads the frame's body and compares it with the fields.
func (f vectorFrame) check(t *testing.T, kind Kind, body []byte) {
	t.Helper()
	switch f.Kind {
	case "audio":
		want := f.audio(t)
		got, err := ParseAudio(body)
		if err != nil || kind != KindAudio || !sameAudio(got, want) {
			t.Errorf("audio: got %v %+v, %v, want %+v", kind, got, err, want)
		}
	case "probe", "probe_answer":
		want := Probe{Kind: KindProbe, Sent: f.Sent}
		if f.Kind == "probe_answer" {
			want.Kind = KindProbeAnswer
		}
		if got, err := ParseProbe(kind, body); err != nil || got != want {
			t.Errorf("probe: got %+v, %v, want %+v", got, err, want)
		}
	case "report":
		if got, err := ParseReport(body); err != nil || kind != KindReport || got != f.report() {
			t.Errorf("report: got %v %+v, %v, want %+v", kind, got, err, f.report())
		}
	default:
		if kind != f.Number || !bytes.Equal(body, unhex(t, f.Body)) {
			t.Errorf("unknown frame: got %v %x, want %v %s", kind, body, f.Number, f.Body)
		}
	}
}

func sameAudio(a, b Audio) bool {
	return a.Speaker == b.Speaker && a.Sequence == b.Sequence && a.MediaTime == b.MediaTime &&
		a.Level == b.Level && a.Flags == b.Flags && bytes.Equal(a.Payload, b.Payload)
}

// [VOICE-1] [VOICE-2] [VOICE-5] [VOICE-6] [VOICE-8] [VOICE-9]
func TestVectorsSealed(t *testing.T) {
	for _, v := range readVectors(t).Accepted {
		t.Run(v.Name, func(t *testing.T) {
			var frames []byte
			for _, f := range v.Frames {
				frames = f.appendTo(t, frames)
			}
			if want := unhex(t, v.Plaintext); !bytes.Equal(frames, want) {
				t.Fatalf("frames\n got %x\nwant %x", frames, want)
			}
			sealer := NewSealer(v.Session, vectorKey(t, v.Key))
			sealer.last.Store(v.Counter - 1)
			got, err := sealer.Seal(nil, frames)
			if want := unhex(t, v.Datagram); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%v, datagram\n got %x\nwant %x", err, got, want)
			}
		})
	}
}

// [VOICE-1] [VOICE-2] [VOICE-5] [VOICE-6] [VOICE-8] [VOICE-9]
func TestVectorsOpened(t *testing.T) {
	for _, v := range readVectors(t).Accepted {
		t.Run(v.Name, func(t *testing.T) {
			datagram := unhex(t, v.Datagram)
			h, err := ParseHeader(datagram)
			if want := (Header{v.Session, v.Counter}); err != nil || h != want {
				t.Fatalf("header: got %+v, %v, want %+v", h, err, want)
			}
			frames, newest, err := NewOpener(vectorKey(t, v.Key)).Open(nil, datagram)
			if err != nil || !newest {
				t.Fatalf("newest %v, %v", newest, err)
			}
			for _, f := range v.Frames {
				var kind Kind
				var body []byte
				if kind, body, frames, err = Next(frames); err != nil {
					t.Fatal(err)
				}
				f.check(t, kind, body)
			}
			if len(frames) != 0 {
				t.Errorf("%x is left over", frames)
			}
		})
	}
}

// [VOICE-1] [VOICE-2] [VOICE-5]
func TestVectorsRefused(t *testing.T) {
	want := map[string]error{"size": ErrSize, "tag": ErrTag, "frame": ErrFrame}
	for _, v := range readVectors(t).Refused {
		t.Run(v.Name, func(t *testing.T) {
			if err := readAll(NewOpener(vectorKey(t, v.Key)), unhex(t, v.Datagram)); !errors.Is(err, want[v.Error]) || err == nil {
				t.Errorf("got %v, want %v", err, want[v.Error])
			}
		})
	}
}

// readAll opens a datagram and reads all that it holds, as a receiver does.
func readAll(o *Opener, datagram []byte) error {
	frames, _, err := o.Open(nil, datagram)
	for err == nil && len(frames) > 0 {
		var kind Kind
		var body []byte
		if kind, body, frames, err = Next(frames); err != nil {
			return err
		}
		switch kind {
		case KindAudio:
			_, err = ParseAudio(body)
		case KindProbe, KindProbeAnswer:
			_, err = ParseProbe(kind, body)
		case KindReport:
			_, err = ParseReport(body)
		}
	}
	return err
}
