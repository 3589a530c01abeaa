package control_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

var (
	_ control.VoiceTunnel = (*relay.Relay)(nil)
	_ voice.Tunnel        = (*control.Client)(nil)
	_ voice.Tunnel        = (*control.Reconnector)(nil)
)

// tunnelLog is a voice that keeps what comes by tunnels.
type tunnelLog struct {
	voiceLog

	mu   sync.Mutex
	came []string
	ways map[voiceapp.SessionID]func([]byte)
}

func (v *tunnelLog) SetTunnel(id voiceapp.SessionID, send func([]byte)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ways == nil {
		v.ways = make(map[voiceapp.SessionID]func([]byte))
	}
	v.ways[id] = send
	return nil
}

func (v *tunnelLog) Tunnel(id voiceapp.SessionID, datagram []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.came = append(v.came, fmt.Sprintf("%d:%s", id, datagram))
}

func (v *tunnelLog) taken() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.came)
}

func (v *tunnelLog) way(id voiceapp.SessionID) func([]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ways[id]
}

func TestDatagramsInsideTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tunnelLog{}
		w := newWorld(t, &control.Server{Voice: v})
		anna := w.guest("Anna")
		id := anna.Self().Session
		sent := []byte("up 0")
		for i := range 3 {
			copy(sent, fmt.Sprintf("up %d", i)) // the client does not keep it
			if err := anna.SendDatagram(sent); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got, want := fmt.Sprint(v.taken()), fmt.Sprintf("[%[1]d:up 0 %[1]d:up 1 %[1]d:up 2]", id); got != want {
			t.Errorf("up came %s, want %s", got, want)
		}
		for i := range 100 {
			v.way(id)(fmt.Appendf(nil, "down %d", i))
		}
		synctest.Wait()
		if got := string(<-anna.Datagrams()); got != "down 36" {
			t.Errorf("the oldest of those that nobody has read is %q", got)
		}
		_ = anna.Close()
		if err := anna.SendDatagram(sent); err == nil {
			t.Error("a datagram went out after the end")
		}
		v.way(id)([]byte("to nobody"))
	})
}

// A client that does not read has its voice dropped, not queued: what it gets in the
// end is no older than 200 ms, and control comes first.
func TestSlowReaderGetsNoOldVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tunnelLog{}
		w := newWorld(t, &control.Server{Voice: v, Limits: control.Limits{WriteTimeout: time.Minute}})
		y := w.typist()
		y.ask(typistOpens)
		send := v.way(v.first)
		for i := range 250 { // 5 s
			send(bytes.Repeat([]byte{byte(i)}, 100))
			time.Sleep(20 * time.Millisecond)
		}
		y.write(`{"jsonrpc":"2.0","id":7,"method":"ping"}` + "\n")
		synctest.Wait() // it is answered
		var kinds []string
		for len(kinds) < 12 {
			kinds = append(kinds, y.read().Method)
		}
		if at := slices.Index(kinds, ""); at < 0 || at > 2 {
			t.Errorf("the answer came after %d datagrams: %v", at, kinds)
		}
		if len(kinds) != 12 || kinds[11] != "voice.datagram" {
			t.Errorf("%v", kinds)
		}
	})
}

// What is no voice.datagram is answered as the request that it is; what is one is
// never answered.
func TestHostileDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tunnelLog{}
		w := newWorld(t, &control.Server{Voice: v})
		y := w.typist()
		line := func(rest string) string { return `{"jsonrpc":"2.0","method":"voice.datagram"` + rest + "}\n" }
		good := line(`,"params":{"data":"` + base64.StdEncoding.EncodeToString([]byte("x")) + `"}`)
		y.write(good) // before login
		y.ask(typistOpens)
		for _, bad := range []string{``, `,"params":{}`, `,"params":{"data":1}`, `,"params":{"data":"?"}`, `,"params":[]`} {
			y.write(line(bad))
		}
		y.write(good)
		if r := y.ask(`{"jsonrpc":"2.0","id":5,"method":"voice.datagram","params":{"data":""}}`); r.code() != "unknown_method" || string(r.ID) != "5" {
			t.Errorf("as a request: %+v", r)
		}
		if r := y.ask(`{"jsonrpc":"2.0","id":6,"method":"ping","params":{"x":"voice.datagram"}}`); r.Error != nil {
			t.Errorf("a word in another place: %+v", r)
		}
		if got := v.taken(); len(got) != 3 || !strings.HasSuffix(got[2], ":x") {
			t.Errorf("%q came", got)
		}
		go func() {
			for range 3000 {
				if _, err := y.tls.Write([]byte(good)); err != nil {
					return // the server has had enough
				}
			}
		}()
		if last := y.closing(); last.Code != "limited" {
			t.Errorf("a flood ended with %+v", last)
		}
	})
}
