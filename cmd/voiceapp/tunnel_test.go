package main

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// udpBlocked loses every datagram.
var udpBlocked = voicetest.Impairment{Loss: 1}

// A network that takes TCP alone: speech arrives all the same, whole, and both
// sides say how.
func TestSpeechInsideTCP(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	proxy := &voicetest.Proxy{Server: netip.MustParseAddrPort(s.addr), Up: udpBlocked, Down: udpBlocked}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	for addr, way := range map[string]string{s.addr: `"up":"udp","down":"udp"`, proxy.Addr().String(): `"up":"tcp","down":"tcp"`} {
		out, errs, code := run(t, "", "ping", "--voice", "--server", addr, "--fingerprint", s.fingerprint, "--json", "--count", "1", "--user", "pinger "+way[6:9])
		if code != 0 || !strings.Contains(out, way) {
			t.Errorf("ping: exit %d, %s %s; want %s", code, out, errs, way)
		}
	}
	around := *s
	around.addr = proxy.Addr().String()
	c := converse(t, &around, around.addr)
	t.Logf("%v, %v", c.similarity, c.heard)
	for _, report := range []map[string]any{c.said, c.heard} {
		if report["up"] != "tcp" || report["down"] != "tcp" || report["path"] != "up" {
			t.Errorf("%v", report)
		}
	}
	// The first 0.75 s are said before the ways are known.
	if c.similarity.Similarity < 0.8 || c.similarity.Missing > 1 {
		t.Errorf("what was heard is not the speech: %v", c.similarity)
	}
}

// UDP fails in the middle of a speech, first to the listener, then both ways, and
// comes back: what is lost is what is said until that is noticed.
func TestSpeechWhileUDPFailsAndHeals(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), anyPort)
	proxy := &voicetest.Proxy{Server: netip.MustParseAddrPort(s.addr)}
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	ctx, stop := context.WithCancel(t.Context())
	var weather sync.WaitGroup
	defer weather.Wait()
	defer stop()
	weather.Go(func() {
		for _, step := range []struct {
			at       time.Duration
			up, down voicetest.Impairment
		}{
			{2 * time.Second, voicetest.Impairment{}, udpBlocked},
			{2 * time.Second, udpBlocked, udpBlocked},
			{2 * time.Second, voicetest.Impairment{}, voicetest.Impairment{}},
		} {
			select {
			case <-time.After(step.at):
				proxy.Impair(step.up, step.down)
			case <-ctx.Done():
				return
			}
		}
	})
	c := converse(t, s, proxy.Addr().String())
	t.Logf("%v, %v", c.similarity, c.heard)
	if c.similarity.Similarity < 0.6 || c.heard["path"] != "up" {
		t.Errorf("what was heard is not the speech: %v, %v", c.similarity, c.heard)
	}
}
