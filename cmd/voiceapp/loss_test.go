package main

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

const speechFile = "../../testdata/speech/speech.wav"

// conversation is what one say and one listen reported.
type conversation struct {
	said, heard map[string]any // the last lines of their reports
	similarity  similarity.Result
}

// converse says the speech to the server at one address while another client
// listens through another.
func converse(t *testing.T, s *testServer, listenAddr string) conversation {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "heard.wav")
	read, write := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		streams := &cli.Streams{In: strings.NewReader(""), Out: write, Err: &errs}
		ended <- program().Run(t.Context(), streams, []string{
			"listen", "--user", "ear", "--server", listenAddr, "--fingerprint", s.fingerprint, "--json", "--out", wav, "--for", "12s",
		})
		_ = write.Close()
	}()
	one := make([]byte, 1)
	if _, err := read.Read(one); err != nil { // the first line: it listens
		t.Fatalf("%v: %s", err, errs.String())
	}
	var reported bytes.Buffer
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(&reported, read)
		copied <- err
	}()
	out, sayErrs, code := run(t, "", "say", speechFile, "--user", "mouth", "--server", s.addr, "--fingerprint", s.fingerprint, "--json")
	if code != 0 {
		t.Fatalf("say: exit %d, %s", code, sayErrs)
	}
	if code := <-ended; code != 0 {
		t.Fatalf("listen: exit %d, %s", code, errs.String())
	}
	if err := <-copied; err != nil {
		t.Fatal(err)
	}
	c := conversation{said: decode(t, lastLine(out)), heard: decode(t, lastLine(reported.String()))}
	c.similarity = compare(t, readSamples(t, speechFile), readSamples(t, wav))
	return c
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func readSamples(t *testing.T, path string) (samples []float32) {
	t.Helper()
	file, err := audiofile.Open(path, audiofile.Format{Rate: audiofile.FileRate, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]float32, 4096); err == nil; {
		var n int
		n, err = file.ReadPCM(block)
		samples = append(samples, block[:n]...)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return similarity.Prepare(samples, file.Format().Rate)
}

func compare(t *testing.T, said, heard []float32) similarity.Result {
	t.Helper()
	result, err := similarity.Compare(said, heard)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (c conversation) number(t *testing.T, report map[string]any, name string) float64 {
	t.Helper()
	n, ok := report[name].(float64)
	if !ok {
		t.Fatalf("%v has no %s", report, name)
	}
	return n
}

// What a tenth of lost datagrams costs, through the real programs and a real
// network that loses them: the relay hears of it, and sends copies. What is exact is
// proven on a simulated clock; here a busy machine may add to it.
func TestSpeechOverALossyNetwork(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	proxy := &voicetest.Proxy{Server: netip.MustParseAddrPort(s.addr), Down: voicetest.Impairment{Seed: 1, Loss: 0.10}}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	c := converse(t, s, proxy.Addr().String())

	sent, received := c.number(t, c.said, "sent"), c.number(t, c.heard, "received")
	missing := 100 * (sent - received) / sent
	concealed := 100 * c.number(t, c.heard, "concealed_ms") / (20 * sent)
	t.Logf("%.1f %% came neither by themselves nor as copies, concealed %.1f %%, %v", missing, concealed, c.similarity)
	if missing < 0 || missing > 5 {
		t.Errorf("%.1f %% of the frames are missing; a tenth was lost, and nearly all of it should come as copies", missing)
	}
	if concealed > 7 {
		t.Errorf("%.1f %% of the time was concealed", concealed)
	}
	if c.similarity.Similarity < 0.8 || c.similarity.Missing > 0 {
		t.Errorf("what was heard is not the speech: %v", c.similarity)
	}
}

// Delay that varies, packets out of order and doubled: within the playout delay
// nothing of it is heard.
func TestSpeechOverAnUnsteadyNetwork(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	proxy := &voicetest.Proxy{
		Server: netip.MustParseAddrPort(s.addr),
		Down:   voicetest.Impairment{Seed: 1, Delay: 20 * time.Millisecond, Jitter: 2 * time.Millisecond, Reorder: 0.05, Duplicate: 0.05},
	}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	c := converse(t, s, proxy.Addr().String())
	for try := 1; try < 3 && c.similarity.Similarity < 0.9; try++ { // other work on this machine is heard, too
		t.Logf("once more: %v, %v", c.similarity, c.heard)
		c = converse(t, s, proxy.Addr().String())
	}
	t.Logf("%v, %v", c.similarity, c.heard)
	if c.similarity.Similarity < 0.9 {
		t.Errorf("what was heard is not the speech: %v", c.similarity)
	}
	if received, sent := c.number(t, c.heard, "received"), c.number(t, c.said, "sent"); received > sent {
		t.Errorf("%v frames of %v sent: doubles reached the jitter buffer", received, sent)
	}
}
