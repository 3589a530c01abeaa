package voice_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// hum is a source that never ends and never is silent.
type hum struct{}

func (hum) ReadPCM(pcm []float32) (int, error) {
	fill(pcm, 100*unit)
	return len(pcm), nil
}

// startRelay serves two sessions in one channel on a real socket.
func startRelay(t *testing.T) (r *relay.Relay, one, two voiceapp.Grant) {
	t.Helper()
	r = relay.New(relay.Config{Logger: slog.New(slog.DiscardHandler)})
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = r.Serve(conn) }()
	t.Cleanup(func() { _ = r.Close() })
	grants := make([]voiceapp.Grant, 2)
	for i := range grants {
		id := voiceapp.SessionID(i + 1)
		if grants[i], err = r.AddSession(id); err != nil {
			t.Fatal(err)
		}
		if err := r.SetRoute(id, voiceapp.Route{Channel: 1}); err != nil {
			t.Fatal(err)
		}
		grants[i].Addr = conn.LocalAddr().(*net.UDPAddr).AddrPort()
		grants[i].Bitrate = voiceapp.DefaultBitrate
		grants[i].State = new(voiceapp.KeyState)
	}
	return r, grants[0], grants[1]
}

// Who leaves voice and comes back on the same grant goes on with its counters: the
// relay takes what it sends, and no nonce is used twice.
func TestJoiningAgainGoesOnWithTheCounters(t *testing.T) {
	r, one, two := startRelay(t)
	listener, err := voice.Join(t.Context(), newSignaling(two), voice.Config{Codec: &numbers{}, Sink: &voice.Pipe{}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	deadline := time.Now().Add(20 * time.Second)
	for round := range 3 {
		before := listener.Stats().Received.FramesReceived
		speaker, err := voice.Join(t.Context(), newSignaling(one), voice.Config{Codec: &numbers{}, Source: hum{}, Sink: &voice.Pipe{}})
		if err != nil {
			t.Fatal(err)
		}
		for speaker.Stats().Path != voice.PathUp || listener.Stats().Received.FramesReceived < before+10 {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: the path is %v, and nothing is heard: %+v", round, speaker.Stats().Path, r.Stats().Dropped)
			}
			select {
			case <-speaker.Done():
				t.Fatal(speaker.Wait())
			case <-time.After(5 * time.Millisecond):
			}
		}
		if err := speaker.Close(); err != nil {
			t.Error(err)
		}
	}
	if dropped := r.Stats().Dropped; dropped.Replayed != 0 || dropped.NotAuthentic != 0 {
		t.Errorf("the relay dropped what was sealed twice: %+v", dropped)
	}
}

// A time without a grant does not begin the counters again.
func TestAGrantThatComesBackGoesOnWithTheCounters(t *testing.T) {
	r, one, two := startRelay(t)
	one.State = nil // not even where the signaling keeps nothing
	listener, err := voice.Join(t.Context(), newSignaling(two), voice.Config{Codec: &numbers{}, Sink: &voice.Pipe{}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	control := newSignaling(one)
	speaker, err := voice.Join(t.Context(), control, voice.Config{Codec: &numbers{}, Source: hum{}})
	if err != nil {
		t.Fatal(err)
	}
	defer speaker.Close()
	deadline := time.Now().Add(20 * time.Second)
	for range 3 {
		before := listener.Stats().Received.FramesReceived
		for listener.Stats().Received.FramesReceived < before+10 {
			if time.Now().After(deadline) {
				t.Fatalf("nothing is heard: %+v", r.Stats().Dropped)
			}
			<-time.After(5 * time.Millisecond)
		}
		control.replace(voiceapp.Grant{})
		<-time.After(5 * time.Millisecond)
		control.replace(one)
	}
	if dropped := r.Stats().Dropped; dropped.Replayed != 0 {
		t.Errorf("the relay dropped what was sealed twice: %+v", dropped)
	}
}

// endedSignaling says why it has ended.
type endedSignaling struct {
	*signaling
	reason error
}

func (e endedSignaling) Err() error { return e.reason }

func TestWaitPassesOnTheReasonOfControl(t *testing.T) {
	for _, c := range []struct {
		reason error
		code   voiceapp.Code
	}{
		{voiceapp.NewError(voiceapp.Unavailable, "the line is cut"), voiceapp.Unavailable},
		{&voiceapp.Error{Code: voiceapp.Kicked, Message: "you were kicked", Reason: "enough"}, voiceapp.Kicked},
	} {
		control := endedSignaling{newSignaling(voiceapp.Grant{}), c.reason}
		session, err := voice.Join(context.Background(), control, voice.Config{Codec: &numbers{}, Sink: &voice.Pipe{}})
		if err != nil {
			t.Fatal(err)
		}
		close(control.done)
		err = session.Wait()
		if !errors.Is(err, c.code) || !errors.Is(err, c.reason) || voiceapp.AsError(err).Code != c.code {
			t.Errorf("Wait: %v; want %s, for the reason that control gave", err, c.code)
		}
	}
}
