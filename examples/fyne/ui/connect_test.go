package ui_test

import (
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// slowCodec does something before it encodes for the first time.
type slowCodec struct {
	voice.Codec
	before func()
}

func (c slowCodec) NewEncoder(channels, bitrate int) (voice.Encoder, error) {
	c.before()
	return c.Codec.NewEncoder(channels, bitrate)
}

// Whoever gives up is not on the server then, however far it had come.
func TestCancelAtTheLastMoment(t *testing.T) {
	var w *world
	giveUp := sync.OnceFunc(func() {
		given := make(chan struct{})
		w.queue <- func() {
			w.app.Escape()
			close(given)
		}
		<-given
	})
	w = newWorld(t, func(cfg *ui.Config) { cfg.Codec = slowCodec{exampletest.Codec(), giveUp} })
	addr, key, b := w.serve()
	bo := exampletest.Guest(t, "Bo", addr, key)
	left := make(chan struct{})
	go func() {
		for e := range bo.Events() {
			if gone, ok := e.(control.UserLeft); ok && gone.Name == "Anna" {
				close(left)
				return
			}
		}
	}()
	w.app.Connect(b)
	w.until("Anna is gone again", func() bool {
		select {
		case <-left:
			return true
		default:
			return false
		}
	})
	if n := w.app.Talks(); n != 0 {
		t.Errorf("one is on %d servers", n)
	}
}

// Who connects to a server on which he is already, or nearly, is shown it, in the channel
// that is wanted then.
func TestConnectTwice(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve(voiceapp.Channel{Name: "Quiet"})
	w.app.Connect(b)
	w.app.Follow("voiceapp://" + b.HostPort() + "/Quiet")
	w.until("Quiet", func() bool { return w.app.Talks() == 1 && w.app.Topic() == "channel:2" })
	for _, want := range []struct {
		channel string
		topic   session.Topic
	}{{"", "channel:2"}, {"Lobby", "channel:1"}, {"Quiet", "channel:2"}} {
		w.app.ShowTab(0)
		b.Channel = want.channel
		w.app.Connect(b)
		w.until("the tab", func() bool { return w.app.TabShown() == 1 })
		w.until(want.channel, func() bool { return w.app.Topic() == want.topic })
	}
	if n := w.app.Talks(); n != 1 {
		t.Errorf("one is there %d times", n)
	}
}

// A person may take longer to compare a key than the server waits.
func TestTrustTakesTime(t *testing.T) {
	w := newWorld(t)
	w.app.LosePatience()
	addr, key := exampletest.Serve(t)
	b := w.save("Home", addr, voiceapp.Fingerprint{})
	w.app.Connect(b)
	w.until("the key", func() bool { return w.shows("Trust it") })
	w.tap("Trust it")
	w.until("the Lobby", func() bool { return w.shows("Lobby") && w.app.Talks() == 1 })
	if b, err := w.book.Get(b.ID); err != nil || b.Fingerprint != key {
		t.Errorf("%+v, %v", b, err)
	}
}

// A key is not trusted unasked where it is not known yet whether one is pinned.
func TestTrustIsAskedFor(t *testing.T) {
	w := newWorld(t, func(cfg *ui.Config) {
		book, err := bookmarks.Open(filepath.Join(t.TempDir(), "bookmarks.toml"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Book = book
	})
	if err := w.app.Trust(bookmarks.Bookmark{ID: "GONE"}, "h.example:7788", voiceapp.Fingerprint{9}); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a key for no bookmark: %v", err)
	}
}

// An invite that is refused leaves no loudspeaker open.
func TestInviteThatIsRefused(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	for range 3 {
		if err := w.app.UseInvite(b, "nosuchinvite", "correct horse"); err == nil {
			t.Fatal("it was taken")
		}
	}
	w.until("no loudspeaker is open", func() bool { return w.pulse.Control("list", "short", "sink-inputs") == "" })
}

// A server that has no label is called what it calls itself, and stays so.
func TestTabTitle(t *testing.T) {
	w := newWorld(t)
	identity, key, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &control.Server{
		Name: "Chess club", Certificate: identity, Directory: control.NewMemory(voiceapp.Channel{Name: "Lobby"}),
		Logger: slog.New(slog.DiscardHandler),
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // it ends when it is closed
	t.Cleanup(func() {
		_ = server.Close() // what it left is the end of a test
		serving.Wait()
	})
	w.app.Connect(w.save("", listener.Addr().String(), key))
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	exampletest.Guest(t, "Bo", listener.Addr().String(), key)
	w.until("Bo", func() bool { return w.shows("Bo") })
	if got := w.app.TabTitle(); got != "Chess club" {
		t.Errorf("the tab is called %q", got)
	}
}
