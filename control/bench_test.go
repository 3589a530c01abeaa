package control

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// benchServer serves on loopback with one channel.
func benchServer(b *testing.B) (*Server, string, ClientConfig) {
	b.Helper()
	cert, key, err := NewIdentity()
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &Server{
		Directory: NewMemory(voiceapp.Channel{Name: "Lobby"}), Certificate: cert, Logger: slog.New(slog.DiscardHandler),
		Limits: Limits{MessageRate: 1 << 30, MessageBurst: 1 << 30, QueueBytes: 64 << 20},
	}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return server, listener.Addr().String(), ClientConfig{Fingerprint: key}
}

// A message goes from one to a hundred over TLS; the time is until the last has it.
func BenchmarkChatTo100(b *testing.B) {
	_, addr, config := benchServer(b)
	var clients []*Client
	for i := range 101 {
		config.Name = fmt.Sprint("guest", i)
		c, err := Dial(b.Context(), addr, config)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		if err := c.Join(b.Context(), 1); err != nil {
			b.Fatal(err)
		}
		clients = append(clients, c)
	}
	var got sync.WaitGroup
	for _, c := range clients[1:] {
		go func() {
			for e := range c.Events() {
				if _, ok := e.(ChatSent); ok {
					got.Done()
				}
			}
		}()
	}
	b.ReportAllocs()
	for b.Loop() {
		got.Add(100)
		if _, err := clients[0].SendChat(b.Context(), "good evening, everybody"); err != nil {
			b.Fatal(err)
		}
		got.Wait()
	}
}

// The loop's part of a message to a hundred: encode once, queue for each.
func BenchmarkFanOut100(b *testing.B) {
	r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
	for i := range 100 {
		s := testSession(b, r, fmt.Sprint(i))
		r.place(s, 1)
	}
	m := voiceapp.Message{Channel: 1, Session: r.members[1][0].id, Text: "good evening, everybody"}
	b.ReportAllocs()
	for b.Loop() {
		r.tellChat(eventChat, m, &m)
		for _, s := range r.members[1] {
			s.conn.out.lines, s.conn.out.bytes = s.conn.out.lines[:0], 0
		}
	}
}

// What a thousand sessions cost the loop when its figures are asked for.
func BenchmarkCensus1000(b *testing.B) {
	r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
	for i := range 1000 {
		s := testSession(b, r, fmt.Sprint(i))
		s.user = voiceapp.UserID(i % 500)
		r.place(s, 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		if c := r.census(); c.accounts != 499 || c.guests != 2 {
			b.Fatal(c)
		}
	}
}

// Five hundred guests connect, 32 at a time, log in and see who is there. What they
// cost the process has both ends of each connection in it.
func BenchmarkConnect500Guests(b *testing.B) {
	const guests = 500
	server, addr, config := benchServer(b)
	kept := 0
	for b.Loop() {
		before := memory()
		clients := connectGuests(b, guests, addr, config)
		b.StopTimer()
		kept += memory() - before
		for _, c := range clients {
			_ = c.Close()
		}
		for server.Stats().Sessions > 0 {
			runtime.Gosched()
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.N*guests)/b.Elapsed().Seconds(), "guests/s")
	b.ReportMetric(float64(kept)/float64(b.N*guests)/1024, "KiB/guest")
	if s := server.Stats(); s.SlowReaders > 0 {
		b.Errorf("%+v", s)
	}
}

func connectGuests(b *testing.B, n int, addr string, config ClientConfig) []*Client {
	b.Helper()
	clients, slots := make([]*Client, n), make(chan struct{}, 32)
	var wg sync.WaitGroup
	for i := range clients {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			mine := config
			mine.Name = fmt.Sprint("guest", i)
			c, err := Dial(b.Context(), addr, mine)
			if err != nil {
				b.Error(err)
				return
			}
			clients[i] = c
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return clients
}

func memory() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}

// A channel with a thousand people in it gets another bitrate: all know, and their
// voice follows. There are a hundred channels, and people of four roles.
func BenchmarkEditChannelOf1000(b *testing.B) {
	channels := make([]voiceapp.Channel, 100)
	for i := range channels {
		channels[i] = voiceapp.Channel{ID: voiceapp.ChannelID(i + 1), Name: fmt.Sprint(i)}
	}
	r := newTestRoster(channels...)
	r.voice = noVoice{}
	for i := range 1000 {
		s := testSession(b, r, fmt.Sprint("guest", i))
		s.role = voiceapp.Role(i%4) * 10
		if err := r.enter(s, channels[0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		next := slices.Clone(channels)
		next[0].Bitrate = 32_000 + i%2
		r.setTree(next)
		for _, s := range r.sessions {
			s.conn.out.lines, s.conn.out.bytes = nil, 0
		}
	}
}

// noVoice is a relay that does nothing.
type noVoice struct{}

func (noVoice) AddSession(id voiceapp.SessionID) (voiceapp.Grant, error) {
	return voiceapp.Grant{Session: id}, nil
}
func (noVoice) SetRoute(voiceapp.SessionID, voiceapp.Route) error { return nil }
func (noVoice) RemoveSession(voiceapp.SessionID)                  {}

func BenchmarkDecodeRequest(b *testing.B) {
	line := []byte(`{"jsonrpc":"2.0","id":17,"method":"chat.send","params":{"text":"good evening, everybody"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeRequest(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLineReader(b *testing.B) {
	r := lineReader{source: repeat("a line of about the length of a request, which is a hundred bytes or so, give or take some\n"), limit: MaxLine}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.next(); err != nil {
			b.Fatal(err)
		}
	}
}

// repeat is a stream of one text again and again.
type repeat string

func (r repeat) Read(b []byte) (n int, err error) {
	for len(b)-n >= len(r) {
		n += copy(b[n:], r)
	}
	if n == 0 {
		return 0, io.ErrShortBuffer
	}
	return n, nil
}
