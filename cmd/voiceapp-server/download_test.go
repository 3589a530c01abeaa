package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// A backup that the API gives is a database without secrets; what is no backup is not
// given, and nothing is left on the disk.
func TestDownloadOfABackup(t *testing.T) {
	data := t.TempDir()
	left := filepath.Join(data, "backups", downloadPrefix+"1")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	ready, _ := serve(t, "--data", data, "--listen", "127.0.0.1:0", "--backup-every", "0")
	if _, err := os.Stat(left); err == nil {
		t.Error("what an earlier server has left is still there")
	}
	token, _, _ := run(t, "admin-token", "--data", data)
	do := func(method, path string) (status int, body []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+word(ready, "admin")+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, body
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	status, body := do(http.MethodPost, "/api/backups")
	var made voiceapp.BackupInfo
	if err := json.Unmarshal(body, &made); err != nil || status != http.StatusCreated || made.Size == 0 {
		t.Fatalf("%d %s", status, body)
	}
	status, body = do(http.MethodGet, "/api/backups/"+made.Name)
	if status != http.StatusOK || !strings.HasPrefix(string(body), "SQLite format 3\x00") {
		t.Errorf("the download is %d, %d bytes", status, len(body))
	}
	for _, name := range []string{"none.tar", "..%2fvoiceapp.db", "%2e%2e%2ftoken.key", "..%5ctoken.key", ".", downloadPrefix + "1", made.Name + "%00", "..%2fbackups%2f" + made.Name} {
		if status, body := do(http.MethodGet, "/api/backups/"+name); status == http.StatusOK {
			t.Errorf("%s is given: %d bytes", name, len(body))
		}
	}
	entries, err := os.ReadDir(filepath.Join(data, "backups"))
	if err != nil || len(entries) != 1 {
		t.Errorf("in backups there are %v, %v", entries, err)
	}
}
