//go:build cgo

package voice_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	recording "github.com/voiceapp-sdk/voiceapp/testdata/speech"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// withoutFEC hides what a decoder can do about a lost packet.
type withoutFEC struct{ voice.Decoder }

// hearWithLoss encodes the speech for so much loss at so many bits a second, loses
// each sixth packet, and returns what is heard, with the playout's figures.
func hearWithLoss(t *testing.T, codec voice.Codec, percent, bitrate int, delay time.Duration) (result similarity.Result, stats jitter.Stats, withFEC int) {
	t.Helper()
	r, err := audiofile.NewReader(bytes.NewReader(recording.WAV), audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := opus.NewEncoder(1, bitrate)
	if err != nil {
		t.Fatal(err)
	}
	if err := encoder.SetLoss(percent); err != nil {
		t.Fatal(err)
	}
	receiver, err := voice.NewReceiver(voice.ReceiverConfig{Codec: codec, Delay: delay})
	if err != nil {
		t.Fatal(err)
	}
	var said, heard []float32
	pcm, out := make([]float32, frame), make([]float32, frame)
	now := time.Duration(0)
	for i := 0; err == nil; i++ {
		var n int
		n, err = r.ReadPCM(pcm)
		clear(pcm[n:])
		said = append(said, pcm...)
		payload, failed := encoder.Encode(nil, pcm)
		if failed != nil {
			t.Fatal(failed)
		}
		if packet.HasFEC(payload) {
			withFEC++
		}
		if i%6 != 5 {
			receiver.Put(packet.Audio{Speaker: 1, Sequence: uint16(i), MediaTime: uint32(i * frame), Payload: payload}, now)
		}
		receiver.Read(out, now)
		heard = append(heard, out...)
		now += 20 * ms
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	result, err = similarity.Compare(similarity.Prepare(said, voice.SampleRate), similarity.Prepare(heard, voice.SampleRate))
	if err != nil {
		t.Fatal(err)
	}
	return result, receiver.Stats().Stats, withFEC
}

// Packets that hold what stands in for the one before make up for lost ones.
func TestFECOverLoss(t *testing.T) {
	hidden := voice.NewCodec(opus.NewEncoder, func(channels int) (withoutFEC, error) {
		d, err := opus.NewDecoder(channels)
		return withoutFEC{d}, err
	})
	for _, delay := range []time.Duration{60 * ms, 0} { // fixed, and one that adapts
		without, concealed, _ := hearWithLoss(t, hidden, 17, 24_000, delay)
		with, stats, packets := hearWithLoss(t, opusCodec, 17, 24_000, delay)
		t.Logf("delay %v: similarity %.3f without, %.3f with; %d packets with FEC, %d recovered, %d and %d ms made up", delay,
			without.Similarity, with.Similarity, packets, stats.FramesRecovered, concealed.ConcealedSamples/48, stats.ConcealedSamples/48)
		if packets < 300 || stats.FramesRecovered < 50 || concealed.FramesRecovered != 0 {
			t.Errorf("%d packets with FEC, %d recovered; without a decoder for it %d", packets, stats.FramesRecovered, concealed.FramesRecovered)
		}
		if 2*stats.ConcealedSamples > concealed.ConcealedSamples || with.Similarity < without.Similarity+0.08 {
			t.Errorf("%d of %d ms are still made up, similarity %.3f and %.3f", stats.ConcealedSamples/48, concealed.ConcealedSamples/48, with.Similarity, without.Similarity)
		}
	}
	if _, _, packets := hearWithLoss(t, opusCodec, 0, 24_000, 60*ms); packets != 0 {
		t.Errorf("%d packets with FEC, where nothing is lost", packets)
	}
}

// spoken is a source of PCM that is there.
type spoken []float32

func (s *spoken) ReadPCM(pcm []float32) (int, error) {
	n := copy(pcm, *s)
	*s = (*s)[n:]
	if len(*s) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// At an ordinary loss on the way up, packets with speech hold what stands in for the one before: it
// is what was said.
func TestSenderProtectsByFEC(t *testing.T) {
	said := voicetest.Speech(3*time.Second, 1)
	encoder, err := opus.NewEncoder(1, 48_000)
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := opus.NewDecoder(1)
	if err != nil {
		t.Fatal(err)
	}
	var heard []float32
	all, withFEC := 0, 0
	take := func(frames []packet.Audio) error {
		payload, pcm := frames[0].Payload, make([]float32, frame)
		if frames[0].Flags&packet.FlagRedundant != 0 || len(payload) == 0 {
			return nil
		}
		if all++; packet.HasFEC(payload) {
			withFEC++
		}
		switch all % 3 {
		case 1: // lost
			return nil
		case 2:
			if err := decoder.DecodeFEC(pcm, payload); err != nil {
				t.Error(err)
			}
			heard = append(heard, pcm...)
		}
		_, err := decoder.Decode(pcm, payload)
		heard = append(heard, pcm...)
		return err
	}
	synctest.Test(t, func(t *testing.T) {
		source := spoken(said)
		s, err := voice.NewSender(voice.SenderConfig{Source: &source, Encoder: encoder, Send: take})
		if err != nil {
			t.Fatal(err)
		}
		s.SetBitrate(48_000)
		s.SetLoss(0.03)
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	result, err := similarity.Compare(similarity.Prepare(said, voice.SampleRate), similarity.Prepare(heard, voice.SampleRate))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d packets hold FEC; with each third packet lost: %v", withFEC, all, result)
	if 4*withFEC < 3*all || result.Similarity < 0.85 {
		t.Errorf("%d of %d packets hold FEC; %v", withFEC, all, result)
	}
}
