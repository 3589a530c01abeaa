//go:build linux

package desktop_test

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/desktop"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
)

// Desktops and software centres take the files.
func TestValid(t *testing.T) {
	for _, command := range [][]string{
		{"desktop-file-validate", desktop.ID + ".desktop"},
		{"appstreamcli", "validate", "--no-net", desktop.ID + ".metainfo.xml"},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil || bytes.Contains(out, []byte("hint:")) {
			t.Errorf("%s (apt-get install desktop-file-utils appstream): %v\n%s", command[0], err, out)
		}
	}
}

// What the menu entry runs is what the client understands.
func TestCommands(t *testing.T) {
	text, err := os.ReadFile(desktop.ID + ".desktop")
	if err != nil {
		t.Fatal(err)
	}
	var verbs []instance.Verb
	for line := range strings.Lines(string(text)) {
		command, ok := strings.CutPrefix(line, "Exec=")
		if !ok {
			continue
		}
		args := strings.Fields(strings.Replace(command, "%u", "voiceapp://a.example/Lobby", 1))
		c, err := instance.Parse(args[1:])
		if err != nil || args[0] != "voiceapp-desktop" {
			t.Errorf("%q: %v", command, err)
		}
		verbs = append(verbs, c.Verb)
	}
	if want := []instance.Verb{instance.Open, instance.Mute, instance.Deafen}; !slices.Equal(verbs, want) {
		t.Errorf("the entry does %v, want %v", verbs, want)
	}
	for _, want := range []string{"MimeType=x-scheme-handler/voiceapp;\n", "Icon=" + desktop.ID + "\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("there is no %q", want)
		}
	}
}

func TestIcon(t *testing.T) {
	image, err := png.Decode(bytes.NewReader(desktop.Icon()))
	if err != nil {
		t.Fatal(err)
	}
	if size := image.Bounds().Size(); size.X != 256 || size.Y != 256 {
		t.Errorf("the icon has %v pixels", size)
	}
	if _, _, _, alpha := image.At(0, 0).RGBA(); alpha != 0 {
		t.Error("its corners are not clear")
	}
}
