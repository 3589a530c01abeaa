package cli

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuildVersion(t *testing.T) {
	for want, info := range map[string]debug.BuildInfo{
		"1.2.3":              {Main: debug.Module{Version: "v1.2.3"}},
		"devel":              {Main: debug.Module{Version: "(devel)"}},
		"devel-0123456789ab": {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}},
	} {
		if got := buildVersion(&info); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	p := &Program{Name: "tool", Default: "run", Commands: []Command{{Name: "run", Short: "runs", Long: "Runs it all.", Settings: &struct{}{}}}}
	for args, want := range map[string]string{"version": "tool ", "--version": "tool ", "help": "Commands:", "help run": "Runs it all.", "run --help": "Runs it all."} {
		var out, errs bytes.Buffer
		if code := p.Run(t.Context(), &Streams{Out: &out, Err: &errs}, strings.Fields(args)); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit %d, %q, %q", args, code, out.String(), errs.String())
		}
	}
}
