package ui_test

import (
	"context"
	"net"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// busy is a directory of which a server says: come back in a minute.
type busy struct {
	*control.Memory
	not atomic.Bool
}

func (b *busy) Authenticate(context.Context, string, string) (voiceapp.User, error) {
	if b.not.Load() {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.NotFound, "by the account's password")
	}
	return voiceapp.User{}, &voiceapp.Error{Code: voiceapp.Limited, Message: "come back later", RetryAfter: time.Minute}
}

var nextTry = regexp.MustCompile(`The next try is in (\d+) s`)

// nextTry is in how many seconds it is, as the window says; 0: it does not.
func (w *world) nextTry() int {
	for _, text := range w.texts() {
		if found := nextTry.FindStringSubmatch(text); found != nil {
			seconds, _ := strconv.Atoi(found[1]) // they are digits
			return seconds
		}
	}
	return 0
}

// Who loses the connection sees when the next try is made, and can make it at once, with the
// pointer or by the keyboard.
func TestTryNow(t *testing.T) {
	for how, try := range map[string]func(w *world){
		"pointer": func(w *world) { w.tap("Try now") },
		"Tab and Space": func(w *world) {
			canvas := w.app.Window().Canvas()
			for range 50 {
				if b, ok := canvas.Focused().(*widget.Button); ok && b.Text == "Try now" {
					b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
					return
				}
				canvas.FocusNext()
			}
			w.t.Error("the keyboard does not reach the button")
		},
		"Ctrl+R": func(w *world) { w.app.Shortcut(fyne.KeyR) },
	} {
		t.Run(how, func(t *testing.T) {
			var first *control.Server
			h := newHost(t, func(s *control.Server) { first = s })
			h.account("Anna", voiceapp.RoleMember)
			w := newWorld(t)
			w.app.ConnectAs(w.save("Home", h.addr, h.key), password)
			w.until("the Lobby", func() bool { return w.shows("Lobby") })

			directory := &busy{Memory: h.directory}
			second := &control.Server{Certificate: first.Certificate, Directory: directory, Logger: first.Logger, Limits: control.Limits{ResumeTime: -1}}
			_ = first.Close() // it returns nil, always
			tcp, err := net.Listen("tcp", h.addr)
			if err != nil {
				t.Fatal(err)
			}
			var serving sync.WaitGroup
			serving.Go(func() { _ = second.Serve(tcp) }) // it ends when it is closed
			t.Cleanup(func() {
				_ = second.Close() // it returns nil, always
				serving.Wait()
			})
			w.until("when the next try is", func() bool { return w.nextTry() > 50 })
			if !w.shows("not connected") {
				t.Errorf("the bar shows figures of a connection that is lost: %q", w.texts())
			}
			shown := w.nextTry()
			w.until("the seconds go down", func() bool { return w.nextTry() == shown-2 })
			directory.not.Store(true)
			asked := time.Now()
			try(w)
			w.until("the connection is back", func() bool { return !w.shows("The connection is lost") && !w.shows("Try now") })
			if took := time.Since(asked); took > 10*time.Second {
				t.Errorf("that took %v", took)
			}
		})
	}
}
