// Package importer_test builds the server and the bot as somebody else would, from
// the public packages alone, and talks to the bot.
package importer_test

import (
	"bufio"
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

// The sizes are the promise: so little is enough.
func TestServerAndBotAreSmall(t *testing.T) {
	server, bot := read(t, "server/main.go"), read(t, "bot/main.go")
	if n := strings.Count(server, "\n"); n > 60 {
		t.Errorf("the server has %d lines, 60 were promised", n)
	}
	start := strings.Index(bot, "func main() ")
	main, _, _ := strings.Cut(bot[start:], "\n}\n")
	if n := strings.Count(bot[start:], "\n"); n > 16 { // one of them is blank
		t.Errorf("the bot has %d lines, 15 were promised", n)
	}
	if !strings.Contains(read(t, "../../README.md"), main) {
		t.Error("the README shows another bot")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestTheBotSaysBackWhatItHears(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin+"/", "./server", "./bot").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := start(t, filepath.Join(bin, "server"), "--listen", "127.0.0.1:0", "--keys", t.TempDir())
	line, err := bufio.NewReader(server).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr, fingerprint, _ := strings.Cut(strings.TrimSpace(line), " ")
	key, err := voiceapp.ParseFingerprint(fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	start(t, filepath.Join(bin, "bot"), addr, fingerprint)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := control.Dial(ctx, addr, control.ClientConfig{Name: "eve", Password: "mackerel", Fingerprint: key}); err == nil {
		t.Error("the server's own login lets in whoever comes")
	}
	client, err := control.Dial(ctx, addr, control.ClientConfig{Name: "anna", Password: "swordfish", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if role := client.Self().Role; role != voiceapp.RoleMember {
		t.Errorf("the server's own login makes anna a %v", role)
	}
	if _, err := client.JoinPath(ctx, "Lobby"); err != nil {
		t.Fatal(err)
	}
	heard := make(listener, 1)
	session, err := voice.Join(ctx, client, voice.Config{
		Codec: voice.NewCodec(opus.NewEncoder, opus.NewDecoder), Source: &whistle{}, Sink: heard,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	select {
	case <-heard:
	case <-session.Done():
		t.Fatalf("the session ended: %v", session.Wait())
	case <-ctx.Done():
		t.Fatal("nothing came back")
	}
}

// start starts a program and ends it with the test.
func start(t *testing.T, program string, args ...string) *bufio.Reader {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // killed at the end of the test's context
	return bufio.NewReader(out)
}

// whistle is a tone of 1 kHz without end.
type whistle struct{ at int }

func (w *whistle) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = 0.5 * float32(math.Sin(2*math.Pi*1000*float64(w.at)/voice.SampleRate))
		w.at++
	}
	return len(pcm), nil
}

// listener gets a value when the tone is heard clearly.
type listener chan struct{}

func (l listener) WritePCM(pcm []float32) error {
	var in, out, all float64
	for i, x := range pcm {
		phase := 2 * math.Pi * 1000 * float64(i) / voice.SampleRate
		in += float64(x) * math.Sin(phase)
		out += float64(x) * math.Cos(phase)
		all += float64(x) * float64(x)
	}
	n := float64(len(pcm))
	tone := 2 * (in*in + out*out) / n // energy at 1 kHz
	if all/n > 0.05 && tone > 0.9*all {
		select {
		case l <- struct{}{}:
		default:
		}
	}
	return nil
}
