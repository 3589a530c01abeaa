package archive

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"testing"
)

// discard counts what it is given.
type discard struct{ n *int64 }

func (d discard) Write(b []byte) (int, error) {
	*d.n += int64(len(b))
	return len(b), nil
}

func (discard) Close() error { return nil }

// pack makes an archive of any content.
func pack(t testing.TB, content ...string) []byte {
	m := Manifest{Format: Format, Schema: 1}
	for i, text := range content {
		sum := sha256.Sum256([]byte(text))
		m.Files = append(m.Files, File{names[i], int64(len(text)), hex.EncodeToString(sum[:])})
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, text := range append([]string{string(manifest)}, content...) {
		name := manifestName
		if i > 0 {
			name = names[i-1]
		}
		if err := w.WriteHeader(header(name, int64(len(text)), m.Made)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever it is, reading it ends, takes no more than it has, and gives nothing
// that its manifest does not vouch for.
func FuzzRead(f *testing.F) {
	whole := pack(f, "a database", "a key", "a certificate")
	f.Add(whole)
	f.Add(pack(f, ""))
	f.Add(whole[:len(whole)/2])
	f.Add(bytes.Replace(whole, []byte("a key"), []byte("A key"), 1))
	f.Add(bytes.Replace(whole, []byte("tls/key.pem"), []byte("../key.pem\x00"), 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		var taken int64
		var given []File
		m, err := read(bytes.NewReader(b), int64(len(b)), func(file File) (io.WriteCloser, error) {
			given = append(given, file)
			return discard{&taken}, nil
		})
		if taken > int64(len(b)) {
			t.Fatalf("%d bytes came out of %d", taken, len(b))
		}
		for _, file := range given {
			if !slices.Contains(names, file.Name) {
				t.Fatalf("%q was laid out", file.Name)
			}
		}
		if err == nil && (len(given) != len(m.Files) || m.Size() != taken) {
			t.Fatalf("%+v, of which %d files with %d bytes were read", m, len(given), taken)
		}
	})
}
