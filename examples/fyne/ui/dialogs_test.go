package ui_test

import (
	"net"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
)

// silent is a server that says nothing until it hangs up.
func silent(t *testing.T) (addr string, hangUp func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			accepted <- conn
		}
		close(accepted)
	}()
	hangUp = func() {
		if conn := <-accepted; conn != nil {
			_ = conn.Close() // it has said all that it had to say
		}
	}
	t.Cleanup(func() {
		_ = listener.Close()
		hangUp()
	})
	return listener.Addr().String(), hangUp
}

// What is open above the steps of a connection stays when that has come to an end, with
// the keyboard where it was.
func TestDialogsAboveAConnection(t *testing.T) {
	w := newWorld(t)
	slow, hangUp := silent(t)
	w.app.Connect(w.save("Slow", slow, voiceapp.Fingerprint{1}))
	w.until("the steps", func() bool { return w.shows("Connecting to Slow") })

	addr, key := exampletest.Serve(t)
	w.app.Connect(w.save("Home", addr, voiceapp.Fingerprint{}))
	w.until("the key", func() bool { return w.shows(key.String()[:4]) })
	w.app.Settings()
	w.app.Follow("voiceapp://bo@voice.example:7000/Games")
	label := w.entry("what you call it")
	w.app.Window().Canvas().Focus(label)

	hangUp()
	w.until("that it came to nothing", func() bool { return w.shows("No connection to Slow") })
	w.tap("Close")
	if w.app.Window().Canvas().Focused() != label {
		t.Fatalf("the keyboard is at %v", w.app.Window().Canvas().Focused())
	}
	w.tap("Save and connect")
	w.app.Escape() // and gives up the connection
	w.until("the settings", func() bool { return w.shows("Hear yourself") })
	w.tap("Close")
	w.tap("Trust it")
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
}
