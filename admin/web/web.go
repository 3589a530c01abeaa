// Package web has the dashboard: pages, styles and scripts as browsers get them,
// embedded in the program. Nothing in them names another host.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets
var assets embed.FS

// file is one that is served.
type file struct {
	plain, zipped []byte // zipped: nil where that would not be smaller
	mime, etag    string
}

// files reads what is embedded, once.
var files = sync.OnceValues(func() (map[string]*file, error) {
	all := make(map[string]*file)
	err := fs.WalkDir(assets, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := newFile(name, content)
		all[strings.TrimPrefix(name, "assets/")] = f
		return err
	})
	return all, err
})

func newFile(name string, content []byte) (*file, error) {
	sum := sha256.Sum256(content)
	f := &file{plain: content, mime: mimeOf(name), etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if zipped.Len() < len(content) {
		f.zipped = zipped.Bytes()
	}
	return f, nil
}

// mimeOf does not ask the system, whose tables differ.
func mimeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// Handler serves the dashboard at / and its files below /assets/. Browsers keep
// them, and ask each time whether they are still the same.
func Handler() (http.Handler, error) {
	all, err := files()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { all["index.html"].serve(w, r) })
	mux.HandleFunc("GET /assets/{name...}", func(w http.ResponseWriter, r *http.Request) {
		f, ok := all[r.PathValue("name")]
		if !ok || strings.HasSuffix(r.PathValue("name"), ".html") {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
	return mux, nil
}

// Page serves one of the embedded pages, such as "docs.html".
func Page(name string) (http.Handler, error) {
	all, err := files()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	f, ok := all[name]
	if !ok {
		return nil, fmt.Errorf("web: there is no page %s", name)
	}
	return http.HandlerFunc(f.serve), nil
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := f.plain
	if f.zipped != nil && acceptsGzip(r) {
		content = f.zipped
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) // a browser that has gone needs no word
	}
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" && strings.TrimSpace(quality) != "q=0" {
			return true
		}
	}
	return false
}
