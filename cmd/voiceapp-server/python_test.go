package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

const pythonClient = "../../testdata/python/voiceapp_client.py"

// said is a line that the client in Python prints.
type said struct {
	Refused string
	Session voiceapp.SessionID
	Sent    voiceapp.MessageID
	Event   string
	Params  struct {
		Text string
		Code voiceapp.Code
	}
}

// A client that was written in another language from PROTOCOL.md alone logs in,
// joins, chats, and is kicked.
func TestAClientInPython(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	ready, _ := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	claim(t, ready, data)
	host, port, err := net.SplitHostPort(word(ready, "control"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	owner, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: "anna", Password: "a long password", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if _, err := owner.JoinPath(t.Context(), "Lobby"); err != nil {
		t.Fatal(err)
	}

	snake := exec.CommandContext(t.Context(), "python3", "-B", pythonClient, host, port, key.String())
	snake.Stderr = os.Stderr
	out, err := snake.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := snake.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := func() (line said) {
		if !lines.Scan() {
			t.Fatalf("the client in Python said nothing more: %v", lines.Err())
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		return line
	}
	if line := next(); line.Refused != "not_found" {
		t.Errorf("a channel that does not exist: %+v", line)
	}
	me := next()
	for event := range owner.Events() {
		if chat, ok := event.(control.ChatSent); ok {
			if chat.Text != "hello from Python" || chat.ID != me.Sent || chat.Session != me.Session {
				t.Errorf("the owner got %+v, the client sent %+v", chat, me)
			}
			break
		}
	}
	if err := owner.Kick(t.Context(), me.Session, "this is only a test"); err != nil {
		t.Fatal(err)
	}
	var last said
	for last.Event != "session.closed" {
		last = next()
	}
	if last.Params.Code != voiceapp.Kicked {
		t.Errorf("the last word is %+v", last)
	}
	if lines.Scan() {
		t.Errorf("after the last word: %s", lines.Text())
	}
	if err := snake.Wait(); err != nil {
		t.Error(err)
	}
}
