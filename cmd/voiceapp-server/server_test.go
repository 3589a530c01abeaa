package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/ncruces/go-sqlite3"
	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func TestMain(m *testing.M) {
	plugin.Main()
	if err := os.Setenv("VOICEAPP_ADMIN", "127.0.0.1:0"); err != nil { // one machine, many servers
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// run runs a command to its end.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = program().Run(t.Context(), &cli.Streams{In: strings.NewReader(""), Out: &o, Err: &e}, args)
	return o.String(), e.String(), code
}

// serve runs the server in this process until the test is over and returns the
// line that it printed when it was ready, and a function that stops it and returns
// its exit code.
func serve(t testing.TB, args ...string) (ready string, stop func() int) {
	t.Helper()
	return serveLogging(t, io.Discard, args...)
}

// serveLogging is serve with a log.
func serveLogging(t testing.TB, log io.Writer, args ...string) (ready string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- program().Run(ctx, &cli.Streams{Out: write, Err: log}, args)
		_ = write.Close()
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("the server printed nothing: %v", err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	ended := false
	stop = func() int {
		if ended {
			return 0
		}
		ended = true
		cancel()
		return <-code
	}
	t.Cleanup(func() {
		if c := stop(); c != 0 {
			t.Errorf("the server ended with exit code %d", c)
		}
	})
	return line, stop
}

func word(line, name string) string {
	for w := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(w, name+"="); ok {
			return value
		}
	}
	return ""
}

func TestServeIsReadyWithOnePortForBoth(t *testing.T) {
	ready, stop := serve(t, "--data", filepath.Join(t.TempDir(), "new", "data"), "--listen", "127.0.0.1:0")
	if !strings.HasPrefix(ready, "ready ") || word(ready, "control") != word(ready, "voice") {
		t.Fatalf("the first line is %q", ready)
	}
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: "anna", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	grant, _ := client.VoiceGrant()
	if grant.Addr.String() != word(ready, "voice") {
		t.Errorf("voice is granted at %v, the server says %s", grant.Addr, word(ready, "voice"))
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d after an interrupt", code)
	}
	<-client.Done()
	if closed, ok := client.Err().(*control.ClosedError); !ok || closed.RetryAfter <= 0 { //nolint:errorlint // it is not wrapped
		t.Errorf("the client was told %v; want to come back later", client.Err())
	}
}

func TestTheDataIsForTheUserAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, "--data", data, "--listen", "127.0.0.1:0")
	err := filepath.WalkDir(data, func(path string, entry os.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the first backup is being made
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasSuffix(path, ".part") && info.Mode().Perm() == 0o700 {
			return fs.SkipDir // nobody else gets at what is in it
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s is %v: others may get at it", path, mode)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatStopsAStartIsSaidInOneLine(t *testing.T) {
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	taken := word(ready, "control")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	udpOnly, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udpOnly.Close()

	for _, c := range []struct {
		name string
		want []string
		args []string
	}{
		{"port in use", []string{taken + " is in use", "--listen"}, []string{"--data", t.TempDir(), "--listen", taken}},
		{"UDP port in use", []string{"in use", "--listen"}, []string{"--data", t.TempDir(), "--listen", udpOnly.LocalAddr().String()}},
		{"no such address", []string{"192.0.2.1:0"}, []string{"--data", t.TempDir(), "--listen", "192.0.2.1:0"}},
		{"not an address", []string{"HOST:PORT"}, []string{"--data", t.TempDir(), "--listen", "7788"}},
		{"data in a file", []string{"--data"}, []string{"--data", filepath.Join(file, "data"), "--listen", "127.0.0.1:0"}},
		{"database is none", []string{"voiceapp.db", "not a"}, []string{"--data", withDatabase(t, func(path string) { copyFile(t, file, path) }), "--listen", "127.0.0.1:0"}},
		{"database is newer", []string{"newer"}, []string{"--data", withDatabase(t, func(path string) { makeNewer(t, path) }), "--listen", "127.0.0.1:0"}},
		{"unknown key", []string{`"lisen"`, `"listen"`}, []string{"--data", withConfig(t, "lisen = ':1'")}},
		{"bad name", []string{"name"}, []string{"--data", t.TempDir(), "--name", "a/b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, code := run(t, append([]string{"serve", "--log-level", "ERROR"}, c.args...)...)
			if code == 0 || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d, %q; want a failure in one line", code, errs)
			}
			for _, want := range c.want {
				if !strings.Contains(errs, want) {
					t.Errorf("%q does not say %q", errs, want)
				}
			}
		})
	}
}

func withConfig(t *testing.T, content string) (data string) {
	t.Helper()
	data = t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "config.toml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

func withDatabase(t *testing.T, make func(path string)) (data string) {
	t.Helper()
	data = t.TempDir()
	make(filepath.Join(data, "voiceapp.db"))
	return data
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// makeNewer makes a database as a later version of the program would leave it.
func makeNewer(t *testing.T, path string) {
	t.Helper()
	_, stop := serve(t, "--data", filepath.Dir(path), "--listen", "127.0.0.1:0")
	stop()
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec("PRAGMA user_version = 9999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOneServerForEachDataDirectory(t *testing.T) {
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	_, errs, code := run(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "ERROR")
	if code == 0 || !strings.Contains(errs, "another server is running on "+data) {
		t.Errorf("a second server: exit %d, %q", code, errs)
	}
	stop()
	serve(t, "--data", data, "--listen", "127.0.0.1:0") // fails the test if it is refused
}

// The token is not used up by a start that fails.
func TestAFailedFirstStartKeepsTheOwnersToken(t *testing.T) {
	taken, stop := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	data := t.TempDir()
	if _, _, code := run(t, "serve", "--data", data, "--listen", word(taken, "control"), "--log-level", "ERROR"); code == 0 {
		t.Fatal("two servers on one port")
	}
	stop()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- program().Run(ctx, &cli.Streams{Out: write, Err: io.Discard}, []string{"--data", data, "--listen", "127.0.0.1:0"})
		_ = write.Close()
	}()
	var printed strings.Builder
	for lines := bufio.NewScanner(read); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "owner-token") {
			cancel()
		}
	}
	<-ended
	if !strings.Contains(printed.String(), "This is the first start") {
		t.Errorf("the next start printed no token:\n%s", printed.String())
	}
}

func TestCheckConfig(t *testing.T) {
	data := withConfig(t, "listen = ':7000'\nguests = false\n")
	out, errs, code := run(t, "check-config", "--data", data, "--name", "Test")
	if code != 0 {
		t.Fatalf("exit %d, %q", code, errs)
	}
	for _, want := range []string{
		`listen = ":7000"`, "guests = false", `name = "Test"`, `log-level = "INFO"`, "# the least to log: DEBUG",
		"default: true; this is from the settings file\nguests", "this is from the command line (--name)\nname", `# default: "INFO"; this is from the default`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the settings lack %s:\n%s", want, out)
		}
	}
	if _, errs, code = run(t, "check-config", "--data", data, "--listen", ":99999"); code == 0 || !strings.Contains(errs, "listen") {
		t.Errorf("a port that does not exist: exit %d, %q", code, errs)
	}
	if entries, err := os.ReadDir(data); err != nil || len(entries) != 1 {
		t.Errorf("check-config made files: %v, %v", entries, err)
	}
	if _, errs, code = run(t, "check-config", "--config", filepath.Join(data, "missing.toml")); code == 0 || !strings.Contains(errs, "missing.toml") {
		t.Errorf("a file that is not there: exit %d, %q", code, errs)
	}
}

func TestOwnerTokenReplacesTheOneBefore(t *testing.T) {
	data := t.TempDir()
	if _, errs, code := run(t, "owner-token", "--data", data); code == 0 || !strings.Contains(errs, "start the server once") {
		t.Errorf("without a database: exit %d, %q", code, errs)
	}
	ready, _ := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	first, errs, code := run(t, "owner-token", "--data", data, "--log-level", "ERROR")
	if code != 0 {
		t.Fatalf("beside a running server: exit %d, %q", code, errs)
	}
	second, _, _ := run(t, "owner-token", "--data", data, "--log-level", "ERROR")
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := control.Connect(t.Context(), word(ready, "control"), control.ClientConfig{Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Claim(t.Context(), strings.TrimSpace(first), "anna", "a long password"); err == nil {
		t.Error("the earlier token is still good")
	}
	user, err := client.Claim(t.Context(), strings.TrimSpace(second), "anna", "a long password")
	if err != nil || user.Role != voiceapp.RoleOwner {
		t.Errorf("the new token: %+v, %v", user, err)
	}
}

func TestDefaultsAreUnderTheUsersDataDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", dir)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if got, want := defaultSettings().Data, filepath.Join(dir, "voiceapp"); got != want {
		t.Errorf("data is in %s, want %s", got, want)
	}
}
