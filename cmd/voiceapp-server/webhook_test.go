package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// operator asks the admin API of a server that runs as whoever owns its data.
type operator struct {
	t     *testing.T
	url   string
	token string
}

func newOperator(t *testing.T, ready, data string) *operator {
	t.Helper()
	token, errs, code := run(t, "admin-token", "--data", data)
	if code != 0 {
		t.Fatalf("admin-token: exit %d, %q", code, errs)
	}
	return &operator{t, "http://" + word(ready, "admin"), strings.TrimSpace(token)}
}

// post sends a body of JSON and gives the answer's status and text.
func (o *operator) post(path string, body any) (status int, text string) {
	o.t.Helper()
	in, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.url+path, bytes.NewReader(in))
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	out, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, string(out)
}

// A webhook that is made before a restart is told after it who comes.
func TestWebhooksAreToldAfterARestart(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	told := make(chan string, 100)
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	defer program.Close()
	data := t.TempDir()
	args := []string{"--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	webhook := map[string]any{"url": strings.Replace(program.URL, "127.0.0.1", "localhost", 1), "events": []string{"user.joined"}}

	ready, stop := serve(t, args...)
	if status, text := newOperator(t, ready, data).post("/api/webhooks", webhook); status != http.StatusUnprocessableEntity || !strings.Contains(text, "allow") {
		t.Errorf("a webhook on this machine: %d %s", status, text)
	}
	stop()
	args = append(args, "--webhook-allow", "localhost, 10.0.0.0/8")
	ready, stop = serve(t, args...)
	if status, text := newOperator(t, ready, data).post("/api/webhooks", webhook); status != http.StatusCreated {
		t.Errorf("one that is allowed: %d %s", status, text)
	}
	stop()
	ready, _ = serve(t, args...)
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	for attempt := range 100 { // the server is followed from some moment on
		client, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: fmt.Sprint("Anna ", attempt), Fingerprint: key})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		select {
		case body := <-told:
			if !strings.HasPrefix(body, `{"type":"user.joined",`) || !strings.Contains(body, `"Anna `) {
				t.Errorf("told %s", body)
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Error("nothing was told")
}

func TestWebhookAllowIsChecked(t *testing.T) {
	out, errs, code := run(t, "check-config", "--data", t.TempDir(), "--webhook-allow", "http://localhost/")
	if code == 0 || !strings.Contains(errs, "webhook-allow") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}
