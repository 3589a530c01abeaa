//go:build linux

package hotkey

import (
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
)

// A release that is lost on its way is noticed: the microphone does not stay open.
func TestX11LostRelease(t *testing.T) {
	x := hotkeytest.StartX(t)
	loseReleases(t, x)
	keys, _ := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	x.Do("keydown", "F9")
	told.want(t, "talk down")
	x.Do("keyup", "F9")
	told.want(t, "talk up")
}

// loseReleases sets DISPLAY to a way to the server on which the raw events of released keys are lost.
func loseReleases(t *testing.T, x *hotkeytest.X) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "x"+x.Display)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(x.Display, ":"))
			if err != nil {
				t.Error(err)
				return
			}
			all.Go(func() { _, _ = io.Copy(server, client); server.Close() })
			all.Go(func() { _ = copyLossy(client, server); client.Close() })
		}
	})
	t.Cleanup(all.Wait)
	t.Cleanup(func() { l.Close() })
	t.Setenv("DISPLAY", socket)
}

// copyLossy copies what a server says, but for raw releases of keys.
func copyLossy(to io.Writer, from io.Reader) error {
	const generic, reply, rawKeyRelease = 35, 1, 14
	head, words := 8, func(b []byte) int { return int(binary.LittleEndian.Uint16(b[6:])) } // of the server's first words
	for {
		b := make([]byte, head)
		if _, err := io.ReadFull(from, b); err != nil {
			return err
		}
		rest := make([]byte, 4*words(b))
		if _, err := io.ReadFull(from, rest); err != nil {
			return err
		}
		if head < 32 || b[0] != generic || binary.LittleEndian.Uint16(b[8:]) != rawKeyRelease {
			if _, err := to.Write(append(b, rest...)); err != nil {
				return err
			}
		}
		head, words = 32, func(b []byte) int {
			if b[0] != generic && b[0] != reply {
				return 0
			}
			return int(binary.LittleEndian.Uint32(b[4:]))
		}
	}
}
