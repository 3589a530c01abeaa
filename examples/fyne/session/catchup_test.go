package session_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// network is one that a test takes away and gives back.
type network struct {
	mu   sync.Mutex
	away bool
	last net.Conn
}

func (n *network) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.away {
		return nil, errors.New("no network")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	n.last = c
	return c, err
}

func (n *network) set(away bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.away = away; away {
		n.last.Close()
	}
}

// What is written, edited and deleted while the connection is lost is so when it is back.
func TestWrittenMeanwhile(t *testing.T) {
	way := &network{}
	p := &place{t: t, ear: &ear{}, told: make(chan session.Happening, 100)}
	p.addr, p.key = exampletest.Serve(t)
	var err error
	p.Session, err = session.Open(t.Context(), session.Config{
		Addr: p.addr, Codec: exampletest.Codec(), Sound: p.ear, Happened: func(h session.Happening) { p.told <- h },
		Client: control.ClientConfig{Name: "Anna", Fingerprint: p.key, DialContext: way.dial},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // it returns nil, always
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	lobby := session.ChannelTopic(1)
	say := func(text string) voiceapp.MessageID {
		id, err := bo.SendChat(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first, second := say("first"), say("second")
	say("third")
	texts := func() (all []string) {
		lines, _ := p.Lines(lobby)
		for _, l := range lines {
			all = append(all, l.Text)
		}
		return all
	}
	p.until("all three", func(session.View) bool { return len(texts()) == 3 })
	p.Read(lobby)
	way.set(true)
	p.await(session.HappenedLost)
	say("meanwhile")
	_, err = bo.EditChat(t.Context(), first, "the first")
	if err := errors.Join(err, bo.DeleteChat(t.Context(), second, "")); err != nil {
		t.Fatal(err)
	}
	way.set(false)
	p.await(session.HappenedBack)
	say("after")
	want := []string{"the first", "third", "meanwhile", "after"}
	p.until("all of it", func(session.View) bool { return slices.Equal(texts(), want) && p.Unread(lobby) == 2 })
}
