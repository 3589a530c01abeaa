//go:build unix

package plugin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "robot.wasm")
	if err := os.WriteFile(path, good().bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Manifest.Name != "robot" || len(f.SHA256) != 64 || len(f.Module) == 0 || f.Path != path {
		t.Errorf("%+v", f.Manifest)
	}
}

func TestReadFileRefuses(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside.wasm")
	for path, content := range map[string]string{
		outside: string(good().bytes()), filepath.Join(dir, "text.wasm"): "hello, world", filepath.Join(dir, "empty.wasm"): "",
		filepath.Join(dir, "a\x1b[2J.wasm"): string(good().bytes()),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.wasm")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.wasm"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := makeFIFO(filepath.Join(dir, "fifo.wasm")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, c := range []struct {
		name, says string
		code       voiceapp.Code
	}{
		{"text.wasm", "no WebAssembly", voiceapp.Invalid},
		{"empty.wasm", "no WebAssembly", voiceapp.Invalid},
		{"link.wasm", "leads out", voiceapp.Invalid},
		{"folder.wasm", "folder", voiceapp.Invalid},
		{"fifo.wasm", "no regular file", voiceapp.Invalid},
		{"gone.wasm", "no such file", voiceapp.NotFound},
		{"../outside.wasm", "a path", voiceapp.Invalid},
		{"a\x1b[2J.wasm", "can't be shown", voiceapp.Invalid},
	} {
		_, err := readIn(root, c.name)
		if !errors.Is(err, c.code) || !strings.Contains(err.Error(), c.says) || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("%q: %v", c.name, err)
		}
		if base := filepath.Base(c.name); err != nil && !strings.Contains(err.Error(), base[len(base)-5:]) {
			t.Errorf("%q: %v does not name the file", c.name, err)
		}
	}
}

// A file that is written while it is read is told from one that is complete.
func TestReadFileThatChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "robot.wasm")
	content := good().bytes()
	if err := os.WriteFile(path, content[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(&growing{file, path, content}); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("%v", err)
	}
}

// growing is a file that gets longer with each read.
type growing struct {
	*os.File
	path    string
	content []byte
}

func (g *growing) Read(b []byte) (int, error) {
	n, err := g.File.Read(b)
	g.content = append(g.content, 0)
	if werr := os.WriteFile(g.path, g.content, 0o600); werr != nil {
		return n, werr
	}
	return n, err
}
