package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

// A server that was backed up while it ran comes back elsewhere as the same one:
// the same key, the same accounts.
func TestBackupAndRestore(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "monday.tar")
	ready, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0", "--backup-every", "0")
	claim(t, ready, data)

	out, errs, code := run(t, "backup", "--data", data, file)
	if code != 0 || !strings.HasPrefix(out, "backed up "+file+": files=4 ") {
		t.Fatalf("exit %d, %q, %q", code, out, errs)
	}
	if _, errs, code := run(t, "backup", "--data", data, file); code == 0 || !strings.Contains(errs, "already") {
		t.Errorf("over a file that is there: exit %d, %q", code, errs)
	}
	if _, errs, code := run(t, "backup", "--data", data, "--replace", file); code != 0 {
		t.Errorf("over a file that is there, with --replace: %q", errs)
	}
	if _, errs, code := run(t, "restore", "--data", data, file); code == 0 || !strings.Contains(errs, "another server is running") {
		t.Errorf("while the server runs: exit %d, %q", code, errs)
	}
	stop()

	out, errs, code = run(t, "restore", "--data", data, file)
	if code != 0 || !strings.Contains(out, "what was there before is in "+data) {
		t.Errorf("into the same place: exit %d, %q, %q", code, out, errs)
	}
	elsewhere := filepath.Join(t.TempDir(), "new")
	if out, errs, code := run(t, "restore", "--data", elsewhere, file); code != 0 || !strings.Contains(out, "restored "+file+" into "+elsewhere) || strings.Contains(out, "before") {
		t.Fatalf("elsewhere: exit %d, %q, %q", code, out, errs)
	}
	again, _ := serve(t, "--data", elsewhere, "--listen", "127.0.0.1:0")
	if word(again, "fingerprint") != word(ready, "fingerprint") {
		t.Errorf("the key is %s, was %s", word(again, "fingerprint"), word(ready, "fingerprint"))
	}
	key, _ := voiceapp.ParseFingerprint(word(again, "fingerprint"))
	client, err := control.Dial(t.Context(), word(again, "control"), control.ClientConfig{Name: "anna", Password: "a long password", Fingerprint: key})
	if err != nil || client.Self().Role != voiceapp.RoleOwner {
		t.Fatalf("the owner is not there any more: %v", err)
	}
	client.Close()
}

// claim makes anna the owner.
func claim(t *testing.T, ready, data string) {
	t.Helper()
	token, errs, code := run(t, "owner-token", "--data", data, "--log-level", "ERROR")
	if code != 0 {
		t.Fatal(errs)
	}
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := control.Connect(t.Context(), word(ready, "control"), control.ClientConfig{Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Claim(t.Context(), strings.TrimSpace(token), "anna", "a long password"); err != nil {
		t.Fatal(err)
	}
}

// A restore that was cut off is completed by the server; until then nobody opens
// the database.
func TestAServerCompletesARestore(t *testing.T) {
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	stop()
	if err := os.Mkdir(filepath.Join(data, "restore.ready"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"owner-token", "--data", data}, {"backup", "--data", data, filepath.Join(t.TempDir(), "x")}} {
		if _, errs, code := run(t, command...); code == 0 || !strings.Contains(errs, "cut off") {
			t.Errorf("%s: exit %d, %q", command[0], code, errs)
		}
	}
	serve(t, "--data", data, "--listen", "127.0.0.1:0")
	if archive.Pending(data) {
		t.Error("the restore is pending still")
	}
}

// A server makes a backup of itself by default, at its first start too.
func TestAServerBacksItselfUp(t *testing.T) {
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	var made []string
	for len(made) == 0 && t.Context().Err() == nil {
		runtime.Gosched()
		made, _ = filepath.Glob(filepath.Join(data, "backups", "voiceapp-*.tar"))
	}
	stop()
	if m, err := archive.Verify(t.Context(), made[0]); err != nil || !strings.HasPrefix(m.Program, "voiceapp-server ") {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestSettingsOutOfBounds(t *testing.T) {
	for _, flag := range []string{"--backup-every=1s", "--backup-every=-1h", "--backup-keep=0", "--history=-1h", "--voice-loops=-1", "--voice-wait=21ms", "--voice-wait=-1ms", "--loudest=-1"} {
		if _, errs, code := run(t, "check-config", "--data", t.TempDir(), flag); code == 0 || !strings.Contains(errs, strings.Trim(flag[:9], "-")) {
			t.Errorf("%s: exit %d, %q", flag, code, errs)
		}
	}
}
