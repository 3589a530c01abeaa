// Package exampletest gives the tests of the examples a server to talk to, and
// ears and a mouth to talk with.
package exampletest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// Serve runs a server with a Lobby, and further channels, until the test is over.
func Serve(t *testing.T, channels ...voiceapp.Channel) (addr string, key voiceapp.Fingerprint) {
	t.Helper()
	certificate, key, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	tcp, udp := Listen(t, "127.0.0.1:0")
	quiet := slog.New(slog.DiscardHandler)
	forwarder := relay.New(relay.Config{Logger: quiet})
	server := &control.Server{
		Directory:   control.NewMemory(append([]voiceapp.Channel{{Name: "Lobby"}}, channels...)...),
		Voice:       forwarder,
		Certificate: certificate,
		Logger:      quiet,
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = forwarder.Serve(udp) }) // they end when they are closed
	serving.Go(func() { _ = server.Serve(tcp) })
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), forwarder.Close()); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
	return tcp.Addr().String(), key
}

// Listen listens at an address, for TCP and for UDP; port 0 is one that is free for both.
func Listen(t *testing.T, addr string) (net.Listener, *net.UDPConn) {
	t.Helper()
	for tries := 20; ; tries-- {
		tcp, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(tcp.Addr().(*net.TCPAddr).AddrPort()))
		if err == nil {
			return tcp, udp
		}
		_ = tcp.Close() // another program has that port for UDP: the next is another
		if tries == 1 {
			t.Fatal(err)
		}
	}
}

// Guest logs in and joins the Lobby.
func Guest(t *testing.T, name, addr string, key voiceapp.Fingerprint) *control.Client {
	t.Helper()
	client, err := control.Dial(t.Context(), addr, control.ClientConfig{Name: name, Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if _, err := client.JoinPath(t.Context(), "Lobby"); err != nil {
		t.Fatal(err)
	}
	return client
}

// Run runs a program until the test is over; it has to end well when its context
// does.
func Run(t *testing.T, run func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the program ended with %v", err)
		}
	})
}

// Await waits until somebody of that name is in a client's channel.
func Await(t *testing.T, client *control.Client, name string) {
	t.Helper()
	here := func(p voiceapp.Presence) bool { return p.Name == name && p.Channel == client.Self().Channel }
	for _, p := range client.Sessions() {
		if here(p) {
			return
		}
	}
	for e := range client.Events() {
		switch e := e.(type) {
		case control.UserJoined:
			if here(e.Presence) {
				return
			}
		case control.UserMoved:
			if here(e.Presence) {
				return
			}
		}
	}
	t.Fatalf("%s never came: %v", name, client.Err())
}

// Tape keeps what is heard. It is a voice.Sink.
type Tape struct{ Samples []float32 }

// WritePCM keeps it.
func (t *Tape) WritePCM(pcm []float32) error {
	t.Samples = append(t.Samples, pcm...)
	return nil
}

// Codec is Opus.
func Codec() voice.Codec { return voice.NewCodec(opus.NewEncoder, opus.NewDecoder) }

// Speech opens the recording that all examples say.
func Speech(t *testing.T) *audiofile.Reader {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	file, err := audiofile.Open(filepath.Join(filepath.Dir(here), "../../testdata/speech/speech.wav"), audiofile.Format{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// Similarity says how much of the speech is in what was heard, 0 to 1.
func Similarity(t *testing.T, heard []float32, rate int) float64 {
	t.Helper()
	var said []float32
	for file, block := Speech(t), make([]float32, 4096); ; {
		n, err := file.ReadPCM(block)
		said = append(said, block[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	result, err := similarity.Compare(similarity.Prepare(said, voice.SampleRate), similarity.Prepare(heard, rate))
	if err != nil {
		t.Fatal(err)
	}
	return result.Similarity
}
