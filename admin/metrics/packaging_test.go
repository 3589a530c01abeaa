package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// named finds the names of metrics in an expression, and the label values that it
// asks for.
var (
	named    = regexp.MustCompile(`\b(?:voiceapp|process|go)_[a-z0-9_]+`)
	selected = regexp.MustCompile(`((?:voiceapp|process|go)_[a-z0-9_]+)\{([^}]*)\}`)
	wanted   = regexp.MustCompile(`([a-z]+)\s*(?:=~|=)\s*"([^"]*)"`)
)

// sampled are the names that Prometheus keeps of a server, histograms by their parts.
func sampled(all []*dto.MetricFamily) map[string]*dto.MetricFamily {
	names := map[string]*dto.MetricFamily{}
	for _, f := range all {
		names[f.GetName()] = f
		if f.GetType() == dto.MetricType_HISTOGRAM {
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				names[f.GetName()+part] = f
			}
		}
	}
	return names
}

// checkExpression reports what an expression asks for and no server has.
func checkExpression(t *testing.T, names map[string]*dto.MetricFamily, expr string) {
	t.Helper()
	all := named.FindAllString(expr, -1)
	if len(all) == 0 && !strings.HasPrefix(expr, "up{") {
		t.Errorf("%s: asks for nothing", expr)
	}
	for _, name := range all {
		if names[name] == nil {
			t.Errorf("%s: there is no %s", expr, name)
		}
	}
	for _, s := range selected.FindAllStringSubmatch(expr, -1) {
		for _, w := range wanted.FindAllStringSubmatch(s[2], -1) {
			checkLabel(t, names[s[1]], w[1], w[2])
		}
	}
}

// checkLabel reports a label that a metric does not have, and values of those labels
// whose values are always the same.
func checkLabel(t *testing.T, f *dto.MetricFamily, label, values string) {
	t.Helper()
	if f == nil || label == "instance" || label == "job" {
		return
	}
	var has []string
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == label {
				has = append(has, l.GetValue())
			}
		}
	}
	if len(has) == 0 {
		t.Errorf("%s has no label %s", f.GetName(), label)
	}
	for value := range strings.SplitSeq(values, "|") {
		if strings.Contains(" reason percentile file kind ", " "+label+" ") && !slices.Contains(has, value) {
			t.Errorf("%s has no %s %q", f.GetName(), label, value)
		}
	}
}

func TestGrafanaDashboard(t *testing.T) {
	names := sampled(families(t, serve(t)))
	text, err := os.ReadFile("../../packaging/grafana/voiceapp.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range dashboard.Panels {
		if ids[p.ID] || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 || (len(p.Targets) == 0) != (p.Type == "row") {
			t.Errorf("panel %+v", p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			checkExpression(t, names, target.Expr)
		}
	}
	if len(dashboard.Panels) < 20 {
		t.Errorf("%d panels", len(dashboard.Panels))
	}
}

// Each rule has what a person needs who is woken by it, and asks for what there is.
func TestAlerts(t *testing.T) {
	names := sampled(families(t, serve(t)))
	text, err := os.ReadFile("../../packaging/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules := strings.Split(string(text), "\n      - alert: ")[1:]
	if len(rules) < 10 {
		t.Errorf("%d rules", len(rules))
	}
	parts := regexp.MustCompile(`(?s)^Voiceapp\w+\n        # [A-Z].*\.\n        expr: (.*?)\n(?:        for: \d+m\n)?        labels: \{severity: (?:info|warning|critical)\}\n        annotations:\n          summary: ".+"\n          description: ".+\."\n*$`)
	for _, rule := range rules {
		found := parts.FindStringSubmatch(rule)
		if found == nil {
			t.Errorf("not of the form of a rule: %s", rule)
			continue
		}
		checkExpression(t, names, found[1])
	}
}
