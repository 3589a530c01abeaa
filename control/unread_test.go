package control_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Who asks and does not read what comes is given no more to hold than the answer to one
// question; when he reads, all of it comes.
func TestAsksAndDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
		anna := w.account("Anna", voiceapp.RoleMember)
		join(t, anna, lobby)
		const answer = 50 * 2000 // bytes of text
		for range 50 {
			if _, err := anna.SendChat(t.Context(), strings.Repeat("x", 2000)); err != nil {
				t.Fatal(err)
			}
		}
		y := w.typist()
		y.open()
		y.ask(fmt.Sprintf(`{"jsonrpc":"2.0","id":2,"method":"channel.join","params":{"channel":%d}}`, lobby))
		const asked = 8
		questions := strings.Repeat(fmt.Sprintf(`{"jsonrpc":"2.0","id":3,"method":"chat.history","params":{"channel":%d}}`, lobby)+"\n", asked)
		written := make(chan error, 1)
		go func() {
			_, err := io.WriteString(y.tls, questions)
			written <- err
		}()
		synctest.Wait()
		if waits := metricsOf(w.server)["voiceapp_control_queued_bytes"].Value; waits > 2*answer {
			t.Errorf("%.0f bytes wait to be read", waits)
		}
		for answers := 0; answers < asked; {
			if r := y.read(); r.Method == "" {
				if answers++; r.code() != "" || len(r.Result) < answer {
					t.Fatalf("answer %d: %q, %d bytes", answers, r.code(), len(r.Result))
				}
			}
		}
		if err := <-written; err != nil {
			t.Errorf("writing: %v", err)
		}
	})
}
