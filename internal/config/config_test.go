package config_test

import (
	"bytes"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

type common struct {
	Config string `name:"config" value:"FILE" help:"settings file"`
}

type settings struct {
	common
	Listen      string               `name:"listen" value:"ADDR" help:"where to listen"`
	Guests      bool                 `name:"guests" help:"let guests in"`
	Users       int                  `name:"max-users" help:"most users"`
	Timeout     time.Duration        `name:"timeout" help:"how long to wait"`
	Fingerprint voiceapp.Fingerprint `name:"fingerprint" value:"HEX" help:"the server's key"`
	Level       slog.Level           `name:"log-level" help:"the least to log" reload:"yes"`
}

func defaults() *settings {
	return &settings{Listen: ":7788", Guests: true, Users: 100, Timeout: time.Second}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, args []string, file string) (*settings, *config.Set, error) {
	t.Helper()
	s := defaults()
	set := config.New("test", s)
	if err := set.ParseArgs(args, &bytes.Buffer{}); err != nil {
		return s, set, err
	}
	path := ""
	if file != "" {
		path = write(t, file)
	}
	return s, set, set.Apply(path)
}

func TestLaterPlacesWin(t *testing.T) {
	file := "listen = ':1'\nguests = false\nmax-users = 1\ntimeout = '1m'\n"
	t.Setenv("VOICEAPP_MAX_USERS", "2")
	t.Setenv("VOICEAPP_TIMEOUT", "2m")
	s, _, err := load(t, []string{"--timeout", "3m"}, file)
	if err != nil {
		t.Fatal(err)
	}
	want := *defaults()
	want.Listen, want.Guests, want.Users, want.Timeout = ":1", false, 2, 3*time.Minute
	if *s != want {
		t.Errorf("got %+v, want %+v", *s, want)
	}
}

func TestDefaultsStayWithoutAnything(t *testing.T) {
	s, _, err := load(t, nil, "")
	if err != nil || *s != *defaults() {
		t.Errorf("got %+v, %v", *s, err)
	}
}

func TestArgumentsAndFlagsMix(t *testing.T) {
	s, set, err := load(t, []string{"one", "--max-users=7", "two", "--guests=false", "--listen", ":2", "--", "--three"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "two", "--three"}; !slices.Equal(set.Args(), want) {
		t.Errorf("arguments %q, want %q", set.Args(), want)
	}
	if s.Users != 7 || s.Guests || s.Listen != ":2" {
		t.Errorf("flags between arguments were lost: %+v", s)
	}
}

func TestLookupSeesTheFileBeforeItIsRead(t *testing.T) {
	t.Setenv("VOICEAPP_CONFIG", "from-env")
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "from-env"}, {[]string{"--config", "a", "--config", "b"}, "b"}} {
		_, set, err := load(t, c.args, "")
		if got, ok := set.Lookup("config"); err != nil || !ok || got != c.want {
			t.Errorf("Lookup after %q = %q, %v, %v", c.args, got, ok, err)
		}
	}
}

func TestBadInputNamesItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, file, want string
		args             []string
	}{
		{name: "unknown key", file: "lisen = ':1'", want: `unknown key "lisen"; did you mean "listen"?`},
		{name: "unknown key of another style", file: "max_users = 1", want: `did you mean "max-users"?`},
		{name: "unknown key like no other", file: "colour = 1", want: `unknown key "colour"; see --help`},
		{name: "number as text", file: "max-users = '3'", want: `max-users: "3" stands in quotes`},
		{name: "text as number", file: "listen = 7788", want: "listen: 7788 is of the wrong type: write it in quotes"},
		{name: "bool as number", file: "guests = 1", want: "guests: 1 is of the wrong type: write true|false"},
		{name: "a table", file: "[listen]\nport = 1", want: "listen: map[port:1] is of the wrong type"},
		{name: "bad duration", file: "timeout = 'soon'", want: `timeout: "soon" is not a duration such as 10s`},
		{name: "not TOML", file: "a = 1\nlisten :1\n", want: "line 2"},
		{name: "unknown flag", args: []string{"--lisen", "x"}, want: "lisen"},
		{name: "flag of the wrong type", args: []string{"--max-users", "many"}, want: `--max-users: "many" is not a whole number`},
		{name: "flag without its value", args: []string{"--max-users"}, want: "max-users"},
		{name: "bad fingerprint", args: []string{"--fingerprint", "xyz"}, want: "--fingerprint: a fingerprint has 64 hexadecimal digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _, err := load(t, c.args, c.file)
			if !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want invalid with %q", err, c.want)
			}
			if c.args != nil && *s != *defaults() {
				t.Errorf("something was stored all the same: %+v", *s)
			}
		})
	}
	t.Run("environment", func(t *testing.T) {
		t.Setenv("VOICEAPP_GUESTS", "perhaps")
		if _, _, err := load(t, nil, ""); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "VOICEAPP_GUESTS") {
			t.Errorf("error %v; want invalid that names the variable", err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		err := config.New("test", defaults()).Apply(filepath.Join(t.TempDir(), "missing.toml"))
		if !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("error %v; want invalid", err)
		}
	})
}

func TestHelpTeaches(t *testing.T) {
	var help bytes.Buffer
	err := config.New("test", defaults()).ParseArgs([]string{"--help"}, &help)
	if !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, want := range []string{"--listen ADDR", "where to listen (default :7788)", "--guests ", "--timeout DURATION", "VOICEAPP_CONFIG for --config"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("the help lacks %q:\n%s", want, help.String())
		}
	}
}

func TestPrintIsAFileThatReadsBack(t *testing.T) {
	s, set, err := load(t, []string{"--listen", "[::1]:7", "--max-users", "3", "--log-level", "WARN", "--fingerprint", strings.Repeat("ab", 32)}, "")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	set.Print(&file)
	again, _, err := load(t, nil, file.String())
	if err != nil || *again != *s {
		t.Errorf("%v; printed and read back:\n%+v\nwant\n%+v", err, *again, *s)
	}
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{"listen = ':1'", "guests = true\nmax-users = 9", "[a]\nb=1", "timeout = '1h'", "listen = \"\\u0000\"", "max-users = 1e9", "a.b.c = 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		s := defaults()
		err := config.New("test", s).Apply(write(t, content))
		if err != nil && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("error %v has no code", err)
		}
	})
}
