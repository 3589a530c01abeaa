package metrics_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/voiceapp-sdk/voiceapp/admin/metrics"
)

// update writes the golden files anew: make golden.
var update = flag.Bool("update", false, "write the golden files anew")

const docPath = "../METRICS.md"

// families are the figures of a server.
func families(t *testing.T, s *server) []*dto.MetricFamily {
	t.Helper()
	all, err := metrics.Registry(s.config()).Gather()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// METRICS.md has every figure that there is.
func TestDocument(t *testing.T) {
	got := document(families(t, serve(t)))
	if *update {
		if err := os.WriteFile(docPath, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the server has any more: see whether that is meant, then `make golden`", docPath)
	}
}

func document(all []*dto.MetricFamily) []byte {
	var b bytes.Buffer
	b.WriteString(docBegin)
	for _, part := range docParts {
		fmt.Fprintf(&b, "\n## %s\n\n| name | type | labels | what it is |\n|---|---|---|---|\n", part.title)
		for _, f := range all {
			if partOf(f.GetName()) == part.title {
				kind := strings.ToLower(f.GetType().String())
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.GetName(), kind, labelsOf(f), f.GetHelp())
			}
		}
	}
	return b.Bytes()
}

const docBegin = `# Metrics

What ` + "`/metrics`" + ` has, in the text format of Prometheus, besides the process's own (` + "`process_…`" + `) and those of the Go runtime
(` + "`go_…`" + `). This page is made of what a server gives: ` + "`make golden`" + `.

Times are seconds and sizes bytes. Counters begin at 0 when the program does. Histograms have buckets from 10 µs to 10 s. No label
says who somebody is or where: channels are told by their number, errors by their code.
[packaging/grafana](../packaging/grafana) has a dashboard, [packaging/prometheus](../packaging/prometheus) rules for alerts and how to scrape.
`

var docParts = []struct{ title, prefix string }{
	{"Voice", "voiceapp_voice_"},
	{"Control", "voiceapp_control_"},
	{"Store", "voiceapp_store_"},
	{"Admin API", "voiceapp_admin_"},
	{"Webhooks", "voiceapp_webhook_"},
	{"People, and the rest", "voiceapp_"},
}

func partOf(name string) string {
	for _, part := range docParts {
		if strings.HasPrefix(name, part.prefix) {
			return part.title
		}
	}
	return ""
}

// labelsOf gives the names of the labels, with their values where those are few and
// always the same.
func labelsOf(f *dto.MetricFamily) string {
	values := map[string]map[string]bool{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if values[l.GetName()] == nil {
				values[l.GetName()] = map[string]bool{}
			}
			values[l.GetName()][l.GetValue()] = true
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text := "`" + name + "`"
		switch name {
		case "kind", "reason", "percentile", "file":
			text += ": " + strings.Join(slices.Sorted(maps.Keys(values[name])), ", ")
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}
