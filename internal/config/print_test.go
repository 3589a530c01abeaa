package config_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

func TestPrintSaysWhereAValueIsFrom(t *testing.T) {
	t.Setenv("VOICEAPP_MAX_USERS", "2")
	_, set, err := load(t, []string{"--listen", ":1"}, "guests = false")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	set.Print(&out)
	for _, want := range []string{
		"# where to listen\n# default: \":7788\"; this is from the command line (--listen)\nlisten = \":1\"\n",
		"# let guests in\n# default: true; this is from the settings file\nguests = false\n",
		"# most users\n# default: 100; this is from the environment (VOICEAPP_MAX_USERS)\nmax-users = 2\n",
		"# the least to log\n# default: \"INFO\"; this is from the default\nlog-level = \"INFO\"\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks\n%sin\n%s", want, out.String())
		}
	}
}

func TestReference(t *testing.T) {
	type odd struct {
		Kind string `name:"kind" value:"a|b" help:"a | b"`
	}
	for _, c := range []struct {
		settings any
		want     string
	}{
		{defaults(), "| `log-level` | `--log-level TEXT` | `VOICEAPP_LOG_LEVEL` | `\"INFO\"` | the least to log | yes |\n"},
		{defaults(), "| `guests` | `--guests` | `VOICEAPP_GUESTS` | `true` | let guests in |  |\n"},
		{&odd{"a"}, "| `kind` | `--kind a\\|b` | `VOICEAPP_KIND` | `\"a\"` | a \\| b |  |\n"},
	} {
		var out bytes.Buffer
		config.New("test", c.settings).Reference(&out)
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("it lacks\n%sin\n%s", c.want, out.String())
		}
	}
}

func TestHelpHasTheDefaultOfALevel(t *testing.T) {
	var help bytes.Buffer
	_ = config.New("test", defaults()).ParseArgs([]string{"--help"}, &help)
	if !strings.Contains(help.String(), "the least to log (default INFO)") {
		t.Error(help.String())
	}
}

func TestTheSameAgain(t *testing.T) {
	file := write(t, "max-users = 3")
	read := func(set *config.Set) {
		t.Helper()
		if err := set.Apply(file); err != nil {
			t.Fatal(err)
		}
	}
	first := config.New("test", defaults())
	if err := first.ParseArgs([]string{"--listen", ":1", "word"}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	read(first)
	t.Setenv("VOICEAPP_LOG_LEVEL", "DEBUG")
	t.Setenv("VOICEAPP_MAX_USERS", "4")
	s := defaults()
	second := first.Again(s)
	read(second)
	if s.Listen != ":1" || s.Users != 4 || !slices.Equal(second.Args(), []string{"word"}) {
		t.Errorf("read again: %+v, %v", s, second.Args())
	}
	reload, restart := second.Changed(first)
	if !slices.Equal(reload, []string{"log-level"}) || !slices.Equal(restart, []string{"max-users"}) {
		t.Errorf("changed: %v and %v", reload, restart)
	}
}
