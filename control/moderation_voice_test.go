package control_test

import (
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// caller is a client with a voice, packet by packet.
type caller struct {
	*control.Client
	t      *testing.T
	conn   *net.UDPConn
	sealer *packet.Sealer
	opener *packet.Opener
	next   uint16
}

func newCaller(t *testing.T, c *control.Client, to net.Addr) *caller {
	t.Helper()
	conn, err := net.DialUDP("udp4", nil, to.(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	join(t, c, lobby)
	grant, _ := c.VoiceGrant()
	k := &caller{Client: c, t: t, conn: conn, sealer: packet.NewSealer(grant.Session, grant.Up), opener: packet.NewOpener(grant.Down)}
	k.send(packet.Probe{Kind: packet.KindProbe}.AppendTo(nil))
	if kind, _ := k.receive(); kind != packet.KindProbeAnswer {
		t.Fatalf("a probe was answered with %d", kind)
	}
	return k
}

func (k *caller) send(frames []byte) {
	k.t.Helper()
	datagram, err := k.sealer.Seal(nil, frames)
	if err == nil {
		_, err = k.conn.Write(datagram)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *caller) say(text string) {
	k.t.Helper()
	k.next++
	audio := packet.Audio{Sequence: k.next, MediaTime: uint32(k.next) * 960, Level: 30, Payload: []byte("\xf8" + text)}
	k.send(audio.AppendTo(nil))
}

// receive returns the first frame of the next datagram.
func (k *caller) receive() (packet.Kind, []byte) {
	k.t.Helper()
	buf := make([]byte, packet.MaxSize)
	_ = k.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := k.conn.Read(buf)
	if err != nil {
		k.t.Fatal(err)
	}
	frames, _, err := k.opener.Open(nil, buf[:n])
	if err != nil {
		k.t.Fatal(err)
	}
	kind, body, _, err := packet.Next(frames)
	if err != nil {
		k.t.Fatal(err)
	}
	return kind, body
}

// hears returns the texts that are heard up to one.
func (k *caller) hears(last string) (texts []string) {
	k.t.Helper()
	for {
		kind, body := k.receive()
		if kind != packet.KindAudio {
			continue
		}
		audio, err := packet.ParseAudio(body)
		if err != nil {
			k.t.Fatal(err)
		}
		text := string(audio.Payload[1:])
		if text == last {
			return texts
		}
		texts = append(texts, text)
	}
}

// With the real relay: who is muted, kicked or banned is not heard from the moment
// when the call returns, and hears nothing from when he is deafened.
func TestSilentWhenTheCallReturns(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := relay.New(relay.Config{Logger: slog.New(slog.DiscardHandler)})
	served := make(chan error)
	go func() { served <- r.Serve(conn) }()
	w := newWorld(t, &control.Server{Voice: r})
	admin := newCaller(t, w.account("Admin", voiceapp.RoleAdmin), conn.LocalAddr())
	bo := newCaller(t, w.account("Bo", voiceapp.RoleMember), conn.LocalAddr())
	listener := newCaller(t, w.guest("Listener"), conn.LocalAddr())

	bo.say("before")
	if got := listener.hears("before"); len(got) > 0 {
		t.Errorf("heard %q", got)
	}
	session := bo.Self().Session
	for _, act := range []struct {
		name string
		do   func() error
		undo func() error
	}{
		{
			"mute",
			func() error { return admin.Mute(t.Context(), session, true, "") },
			func() error { return admin.Mute(t.Context(), session, false, "") },
		},
		{"move", func() error { return admin.Move(t.Context(), session, quiet, "") }, func() error { return admin.Move(t.Context(), session, lobby, "") }},
		{"deafen", func() error { return admin.Deafen(t.Context(), session, true, "") }, nil},
		{"kick", func() error { return admin.Kick(t.Context(), session, "") }, nil},
	} {
		if err := act.do(); err != nil {
			t.Fatal(err)
		}
		silenced := act.name != "deafen"
		bo.say("after " + act.name)
		if !silenced {
			listener.hears("after " + act.name)
		}
		admin.say("past " + act.name)
		if got := listener.hears("past " + act.name); len(got) > 0 {
			t.Errorf("heard after %s: %q", act.name, got)
		}
		if act.undo == nil {
			continue
		}
		if err := act.undo(); err != nil {
			t.Fatal(err)
		}
		bo.say("again")
		if got := listener.hears("again"); len(got) > 0 {
			t.Errorf("heard after %s was taken back: %q", act.name, got)
		}
	}
	_ = bo.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	for buf := make([]byte, packet.MaxSize); ; {
		n, err := bo.conn.Read(buf)
		if err != nil {
			break
		}
		if frames, _, err := bo.opener.Open(nil, buf[:n]); err == nil {
			_, body, _, _ := packet.Next(frames)
			if audio, err := packet.ParseAudio(body); err == nil && string(audio.Payload[1:]) == "past deafen" || err == nil && string(audio.Payload[1:]) == "past kick" {
				t.Errorf("who is deafened heard %q", audio.Payload[1:])
			}
		}
	}
	_ = r.Close()
	if err := <-served; !errors.Is(err, relay.ErrClosed) {
		t.Error(err)
	}
}
