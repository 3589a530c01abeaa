//go:build cgo

package voice_test

import (
	"hash/maphash"
	"io"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

var opusCodec = voice.NewCodec(opus.NewEncoder, opus.NewDecoder)

// ledger is Opus that writes down when each packet was made and played.
type ledger struct {
	voice.Codec
	seed maphash.Seed

	mu       sync.Mutex
	made     map[uint64]time.Time
	delays   []time.Duration // of the packets played, in the order of playing
	repeated int
	played   map[uint64]bool
	madeUp   int // samples
}

type ledgerEncoder struct {
	voice.Encoder
	l *ledger
}

type ledgerDecoder struct {
	voice.Decoder
	l *ledger
}

func (l *ledger) NewEncoder(channels, bitrate int) (voice.Encoder, error) {
	e, err := l.Codec.NewEncoder(channels, bitrate)
	return ledgerEncoder{e, l}, err
}

func (l *ledger) NewDecoder(channels int) (voice.Decoder, error) {
	d, err := l.Codec.NewDecoder(channels)
	return ledgerDecoder{d, l}, err
}

func (e ledgerEncoder) Encode(dst []byte, pcm []float32) ([]byte, error) {
	packet, err := e.Encoder.Encode(dst, pcm)
	e.l.mu.Lock()
	defer e.l.mu.Unlock()
	e.l.made[maphash.Bytes(e.l.seed, packet)] = time.Now()
	return packet, err
}

func (d ledgerDecoder) Decode(pcm []float32, payload []byte) (int, error) {
	d.l.mu.Lock()
	defer d.l.mu.Unlock()
	key := maphash.Bytes(d.l.seed, payload)
	if d.l.played[key] {
		d.l.repeated++
	}
	d.l.played[key] = true
	d.l.delays = append(d.l.delays, time.Since(d.l.made[key]))
	return d.Decoder.Decode(pcm, payload)
}

func (d ledgerDecoder) Conceal(pcm []float32) error {
	d.l.mu.Lock()
	defer d.l.mu.Unlock()
	d.l.madeUp += len(pcm)
	return d.Decoder.Conceal(pcm)
}

// warble is a tone that never sounds the same twice, so that no two packets are
// equal.
type warble struct{ at, end int }

func (w *warble) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		x := float64(w.at+i) / voice.SampleRate
		pcm[i] = float32(0.4*math.Sin(2*math.Pi*(220+20*math.Sin(x*1.37))*x) + 0.1*math.Sin(2*math.Pi*x*(1000+x)))
	}
	w.at += len(pcm)
	if w.at >= w.end {
		return len(pcm), io.EOF
	}
	return len(pcm), nil
}

// TestLossyNetworkThroughOpus is TestLossyNetwork with the real codec.
func TestLossyNetworkThroughOpus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := 50 * 60 * minutes
		w := newWorld(t)
		defer w.close()
		l := &ledger{Codec: opusCodec, seed: maphash.MakeSeed(), made: map[uint64]time.Time{}, played: map[uint64]bool{}}
		conn := w.conn()
		w.network.Impair(w.addr, conn.AddrPort(), voicetest.Impairment{Seed: 2, Loss: 0.1, Delay: 30 * ms, Jitter: ms})
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Codec: l, Sink: &tape{}, Conn: conn})
		defer listener.Close()
		time.Sleep(100 * ms)
		speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Codec: l, Source: &warble{end: frames * frame}, Conn: w.conn()})
		defer speaker.Close()
		<-speaker.Finished()
		time.Sleep(time.Second)
		_ = listener.Close()

		if l.repeated != 0 {
			t.Errorf("%d packets are played twice", l.repeated)
		}
		if share := float64(l.madeUp) / float64(frames*frame); share > 0.11 || share < 0.05 {
			t.Errorf("%.2f %% is made up", 100*share)
		}
		if share := 1 - float64(len(l.delays))/float64(frames); share > 0.11 || share < 0.05 {
			t.Errorf("%.2f %% goes unheard", 100*share)
		}
		for i, d := range l.delays {
			if d != l.delays[0] {
				t.Fatalf("packet %d is played %v after it was made, the first %v", i, d, l.delays[0])
			}
		}
		t.Logf("%d minutes: %d of %d packets heard, %d ms made up, delay %v", minutes, len(l.delays), frames, l.madeUp/48, l.delays[0])
	})
}

// speech encodes a second of the test voice in frames of 20 ms.
func speech(b testing.TB) [][]byte {
	b.Helper()
	enc, err := opusCodec.NewEncoder(1, 64_000)
	if err != nil {
		b.Fatal(err)
	}
	pcm := voicetest.Speech(time.Second, 1)
	packets := make([][]byte, 50)
	for i := range packets {
		if packets[i], err = enc.Encode(nil, pcm[i*frame:(i+1)*frame]); err != nil {
			b.Fatal(err)
		}
	}
	return packets
}

const crowd = 20

// crowded is 20 ms of 20 speakers, from opened frames to mixed PCM, again and again.
func crowded(b *testing.B, packets [][]byte) (tick func()) {
	r, err := voice.NewReceiver(voice.ReceiverConfig{Codec: opusCodec})
	if err != nil {
		b.Fatal(err)
	}
	pcm := make([]float32, frame)
	i := 0
	tick = func() {
		now := time.Duration(i) * 20 * ms
		for s := range crowd {
			r.Put(packet.Audio{
				Speaker: uint32(s), Sequence: uint16(i), MediaTime: uint32(i * frame), Payload: packets[(i+s)%50],
			}, now)
		}
		r.Read(pcm, now)
		i++
	}
	for range 200 {
		tick()
	}
	return tick
}

// decoded is the bare decoding in that.
func decoded(b *testing.B, packets [][]byte) (tick func()) {
	var decoders [crowd]voice.Decoder
	for s := range decoders {
		decoders[s], _ = opusCodec.NewDecoder(1)
	}
	pcm := make([]float32, 5760)
	i := 0
	return func() {
		for s := range decoders {
			if _, err := decoders[s].Decode(pcm, packets[(i+s)%50]); err != nil {
				b.Fatal(err)
			}
		}
		i++
	}
}

func BenchmarkReceiver20Speakers(b *testing.B) {
	tick := crowded(b, speech(b))
	b.ReportAllocs()
	for b.Loop() {
		tick()
	}
}

func BenchmarkDecode20Speakers(b *testing.B) {
	tick := decoded(b, speech(b))
	b.ReportAllocs()
	for b.Loop() {
		tick()
	}
}

// BenchmarkReceiver20SpeakersRatio is how many times the bare decoding all of it takes.
// The two take turns, so that what else the machine does slows down both.
func BenchmarkReceiver20SpeakersRatio(b *testing.B) {
	packets := speech(b)
	whole, bare := crowded(b, packets), decoded(b, packets)
	var all, decoding time.Duration
	for b.Loop() {
		begun := time.Now()
		whole()
		between := time.Now()
		bare()
		all += between.Sub(begun)
		decoding += time.Since(between)
	}
	b.ReportMetric(float64(all)/float64(decoding), "x-decoding")
}
