package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := socket.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		t.Helper()
		said := make([]byte, 200)
		n, err := socket.Read(said)
		if err != nil || !strings.HasPrefix(string(said[:n]), want) {
			t.Fatalf("systemd is told %q, %v; want %q", said[:n], err, want)
		}
	}
	t.Setenv("NOTIFY_SOCKET", path)
	_, stop := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	expect("READY=1")
	hangUp(t)
	expect("RELOADING=1\nMONOTONIC_USEC=")
	expect("READY=1")
	stop()
	expect("STOPPING=1")
}

func TestWithoutSystemdsSocket(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	log := newLog()
	serveLogging(t, log, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "off")
	log.takeUntil(t, "systemd")
}
