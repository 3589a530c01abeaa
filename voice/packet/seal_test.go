package packet

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func testKey(seed byte) (key voiceapp.Key) {
	for i := range key {
		key[i] = seed + byte(i)
	}
	return key
}

func mustSeal(t testing.TB, s *Sealer, frames []byte) []byte {
	t.Helper()
	datagram, err := s.Seal(nil, frames)
	if err != nil {
		t.Fatal(err)
	}
	return datagram
}

// sample gives frames that differ from each other.
func sample(i int) []byte {
	a := Audio{Speaker: uint32(i), Sequence: uint16(i), Level: uint8(i % 128), Payload: bytes.Repeat([]byte{byte(i)}, 1+i*37%300)}
	return a.AppendTo(nil)
}

// [VOICE-2] Whatever single byte is changed, nothing is accepted, and the
// datagram itself is still good afterwards: a forgery uses no counter up.
func TestFlippedByteIsRefused(t *testing.T) {
	key := testKey(1)
	sealer, opener := NewSealer(5, key), NewOpener(key)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		datagram := mustSeal(t, sealer, sample(i))
		for at := range datagram {
			forged := bytes.Clone(datagram)
			forged[at] ^= 1 << r.IntN(8)
			if _, _, err := opener.Open(nil, forged); !errors.Is(err, ErrTag) {
				t.Fatalf("datagram %d, byte %d: %v", i, at, err)
			}
		}
		if frames, newest, err := opener.Open(nil, datagram); err != nil || !newest || !bytes.Equal(frames, sample(i)) {
			t.Fatalf("datagram %d: %x, %v, %v", i, frames, newest, err)
		}
	}
}

func TestTruncatedForeignAndLong(t *testing.T) {
	opener := NewOpener(testKey(1))
	datagram := mustSeal(t, NewSealer(5, testKey(1)), sample(3))
	for size := range datagram {
		want := ErrTag
		if size < Overhead {
			want = ErrSize
		}
		if _, _, err := opener.Open(nil, datagram[:size]); !errors.Is(err, want) {
			t.Errorf("cut to %d: %v", size, err)
		}
	}
	for _, size := range []int{MaxSize + 1, 65_507} {
		if _, _, err := opener.Open(nil, make([]byte, size)); !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if _, _, err := opener.Open(nil, append(bytes.Clone(datagram), 0)); !errors.Is(err, ErrTag) {
		t.Errorf("one byte more: %v", err)
	}
	if _, _, err := opener.Open(nil, mustSeal(t, NewSealer(5, testKey(2)), sample(3))); !errors.Is(err, ErrTag) {
		t.Errorf("a foreign key: %v", err)
	}
}

// [VOICE-3] [VOICE-4]
func TestReplayIsRefusedAcrossCounters(t *testing.T) {
	key := testKey(3)
	for _, start := range starts {
		if start == 0 {
			continue // no sealer uses it
		}
		sealer, opener := NewSealer(1, key), NewOpener(key)
		sealer.last.Store(start - 1)
		datagram := mustSeal(t, sealer, sample(1))
		if h, err := ParseHeader(datagram); err != nil || h.Counter != start {
			t.Fatalf("counter %d, %v, want %d", h.Counter, err, start)
		}
		if _, newest, err := opener.Open(nil, datagram); err != nil || !newest {
			t.Fatalf("start %d: %v, %v", start, newest, err)
		}
		if frames, newest, err := opener.Open([]byte("kept"), datagram); !errors.Is(err, ErrReplay) || newest || string(frames) != "kept" {
			t.Fatalf("start %d replayed: %q, %v, %v", start, frames, newest, err)
		}
		if counter, accepted := opener.Highest(); counter != start || accepted != 1 {
			t.Errorf("start %d: highest %d, accepted %d", start, counter, accepted)
		}
	}
}

// [VOICE-4] A forgery far ahead must not move the window: the tag comes first.
func TestForgedCounterDoesNotMoveTheWindow(t *testing.T) {
	key := testKey(4)
	opener, sealer := NewOpener(key), NewSealer(1, key)
	first, second := mustSeal(t, sealer, sample(1)), mustSeal(t, sealer, sample(2))
	forged := Header{Session: 1, Counter: math.MaxUint64}.AppendTo(nil)
	if _, _, err := opener.Open(nil, append(forged, make([]byte, 100)...)); !errors.Is(err, ErrTag) {
		t.Fatal(err)
	}
	if _, newest, err := opener.Open(nil, second); err != nil || !newest {
		t.Fatalf("%v, %v", newest, err)
	}
	if _, newest, err := opener.Open(nil, first); err != nil || newest {
		t.Fatalf("a datagram that was overtaken: newest %v, %v", newest, err)
	}
}

// [VOICE-3] After the last counter there is none, however many ask at once.
func TestCounterIsNeverReused(t *testing.T) {
	sealer := NewSealer(1, testKey(5))
	sealer.last.Store(math.MaxUint64 - 100)
	counters := sealConcurrently(t, sealer, 8, 50)
	if len(counters) != 100 {
		t.Errorf("%d datagrams were sealed, want the 100 that were left", len(counters))
	}
	if dst, err := sealer.Seal([]byte("kept"), nil); !errors.Is(err, ErrOverflow) || string(dst) != "kept" {
		t.Errorf("%q, %v", dst, err)
	}
}

// [VOICE-3]
func TestConcurrentSealUsesEachCounterOnce(t *testing.T) {
	counters := sealConcurrently(t, NewSealer(1, testKey(6)), 8, 2_000)
	for counter := uint64(1); counter <= 16_000; counter++ {
		if counters[counter] != 1 {
			t.Fatalf("counter %d was used %d times", counter, counters[counter])
		}
	}
}

// sealConcurrently returns how often each counter was used.
func sealConcurrently(t *testing.T, s *Sealer, goroutines, each int) map[uint64]int {
	t.Helper()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		used = map[uint64]int{}
	)
	for range goroutines {
		wg.Go(func() {
			for range each {
				datagram, err := s.Seal(nil, []byte("frames"))
				if err != nil {
					continue
				}
				h, _ := ParseHeader(datagram)
				mu.Lock()
				used[h.Counter]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for counter, n := range used {
		if n != 1 || counter == 0 {
			t.Fatalf("counter %d was used %d times", counter, n)
		}
	}
	return used
}

// Of many who open the same datagram at once, one gets it.
func TestConcurrentOpenAcceptsOnce(t *testing.T) {
	key := testKey(7)
	opener, sealer := NewOpener(key), NewSealer(1, key)
	for range 200 {
		datagram := mustSeal(t, sealer, sample(1))
		var wg sync.WaitGroup
		accepted := make(chan struct{}, 4)
		for range 4 {
			wg.Go(func() {
				if _, _, err := opener.Open(nil, datagram); err == nil {
					accepted <- struct{}{}
				}
			})
		}
		wg.Wait()
		if len(accepted) != 1 {
			t.Fatalf("accepted %d times", len(accepted))
		}
	}
}

func TestInPlace(t *testing.T) {
	key := testKey(8)
	want := mustSeal(t, NewSealer(1, key), sample(9))
	for _, spare := range []int{Overhead + len(sample(9)), MaxSize, HeaderSize + len(sample(9))} { // the last has to grow
		buf := make([]byte, 0, spare)
		frames := append(buf[:HeaderSize], sample(9)...)[HeaderSize:]
		got, err := NewSealer(1, key).Seal(buf, frames)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("sealed in place with %d spare: %v\n got %x\nwant %x", spare, err, got, want)
		}
		opened, _, err := NewOpener(key).Open(got[HeaderSize:HeaderSize], got)
		if err != nil || !bytes.Equal(opened, sample(9)) {
			t.Fatalf("opened in place: %x, %v", opened, err)
		}
		if &opened[0] != &got[HeaderSize] {
			t.Error("it was opened elsewhere")
		}
	}
}

func TestSealAppends(t *testing.T) {
	key := testKey(9)
	sealer, opener := NewSealer(1, key), NewOpener(key)
	two := mustSeal(t, sealer, sample(1))
	end := len(two)
	two, err := sealer.Seal(two, sample(2))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := opener.Open([]byte("dst"), two[end:])
	if err != nil || !bytes.Equal(got, append([]byte("dst"), sample(2)...)) {
		t.Errorf("second: %x, %v", got, err)
	}
	if got, _, err = opener.Open(nil, two[:end]); err != nil || !bytes.Equal(got, sample(1)) {
		t.Errorf("first: %x, %v", got, err)
	}
}

// [VOICE-1]
func TestSealSizes(t *testing.T) {
	sealer := NewSealer(1, testKey(10))
	if datagram, err := sealer.Seal(nil, make([]byte, MaxFrames)); err != nil || len(datagram) != MaxSize {
		t.Errorf("the largest: %d bytes, %v", len(datagram), err)
	}
	if _, err := sealer.Seal(nil, make([]byte, MaxFrames+1)); !errors.Is(err, ErrSize) {
		t.Errorf("one more: %v", err)
	}
	if datagram, err := sealer.Seal(nil, nil); err != nil || len(datagram) != Overhead {
		t.Errorf("none: %d bytes, %v", len(datagram), err)
	}
}

// What is not the datagram itself is not accepted, and nothing panics.
func FuzzOpen(f *testing.F) {
	key := testKey(11)
	good := mustSeal(f, NewSealer(1, key), sample(4))
	f.Add(good)
	f.Add(good[:HeaderSize])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		opener := NewOpener(key)
		_, _, err := opener.Open(nil, datagram)
		if (err == nil) != bytes.Equal(datagram, good) {
			t.Fatalf("%x: %v", datagram, err)
		}
		if _, _, err := opener.Open(datagram[min(HeaderSize, len(datagram)):][:0], datagram); err == nil {
			t.Fatal("a replay was accepted")
		}
	})
}

func BenchmarkSeal160(b *testing.B) {
	sealer, frames, buf := NewSealer(1, testKey(1)), make([]byte, 160), make([]byte, 0, MaxSize)
	b.SetBytes(160)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sealer.Seal(buf, frames); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen160(b *testing.B) {
	key := testKey(1)
	opener, datagram := NewOpener(key), mustSeal(b, NewSealer(1, key), make([]byte, 160))
	buf := make([]byte, 0, MaxSize)
	b.SetBytes(160)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := opener.Open(buf, datagram); errors.Is(err, ErrTag) { // the replay is found after the work
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenBadTag160(b *testing.B) {
	opener, datagram := NewOpener(testKey(1)), mustSeal(b, NewSealer(1, testKey(2)), make([]byte, 160))
	buf := make([]byte, 0, MaxSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := opener.Open(buf, datagram); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkAudio(b *testing.B) {
	a := Audio{Speaker: 1, Payload: make([]byte, 160)}
	buf := make([]byte, 0, MaxSize)
	b.ReportAllocs()
	for b.Loop() {
		_, body, _, err := Next(a.AppendTo(buf))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ParseAudio(body); err != nil {
			b.Fatal(err)
		}
	}
}
