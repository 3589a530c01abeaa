package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// Every file is served as what it is, compressed where that helps, and not again to
// a browser that has it.
func TestFiles(t *testing.T) {
	h, err := Handler()
	if err != nil {
		t.Fatal(err)
	}
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range all {
		at := "/assets/" + name
		switch {
		case name == "index.html":
			at = "/"
		case path.Ext(name) == ".html":
			if resp := get(t, h, at); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d: a page has its own address", at, resp.StatusCode)
			}
			continue
		}
		if f.mime == "" {
			t.Errorf("%s has no type", name)
		}
		plain := get(t, h, at)
		if got, _ := io.ReadAll(plain.Body); !bytes.Equal(got, f.plain) || plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s comes as something else", at)
		}
		if resp := get(t, h, at, "If-None-Match", plain.Header.Get("ETag")); resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s is sent again: %d", at, resp.StatusCode)
		}
		zipped := get(t, h, at, "Accept-Encoding", "br, gzip")
		if f.zipped == nil {
			continue
		}
		read, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		if got, _ := io.ReadAll(read); !bytes.Equal(got, f.plain) {
			t.Errorf("%s is another when it is compressed", at)
		}
	}
	for _, at := range []string{"/assets/", "/assets/none.js", "/assets/../web.go", "/assets/index.html"} {
		if resp := get(t, h, at); resp.StatusCode == http.StatusOK {
			t.Errorf("%s is served", at)
		}
	}
}

// What is ours names no other host, and makes no markup of text.
func TestAssetsAreSelfContained(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := regexp.MustCompile(`(?i)(src|href|url\(|import|fetch\()\s*[=("']*\s*["']?(https?:)?//`)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\sstyle="`)
	for name, f := range all {
		if strings.HasPrefix(name, "vendor/") || strings.HasPrefix(name, "docs/swagger-ui") {
			continue
		}
		if found := elsewhere.Find(f.plain); found != nil {
			t.Errorf("%s names another host: %s", name, found)
		}
		if found := markup.Find(f.plain); found != nil {
			t.Errorf("%s makes markup or code of text: %s", name, found)
		}
	}
}

// The first load stays small: what the page asks for before anybody has clicked.
func TestFirstLoadIsSmall(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for name, f := range all {
		if strings.HasPrefix(name, "docs/") || strings.HasSuffix(name, ".txt") {
			continue
		}
		total += min(len(f.plain), max(len(f.zipped), 1))
	}
	if total > 150_000 {
		t.Errorf("all of the dashboard takes %d bytes compressed, more than 150 kB", total)
	}
}
