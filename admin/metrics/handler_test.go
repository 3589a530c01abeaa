package metrics_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/metrics"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/load"
)

func ask(h http.Handler, method string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(method, "/metrics", nil))
	return answer
}

// source gives what a test wants.
type source func(yield func(voiceapp.Metric))

func (s source) Metrics(yield func(voiceapp.Metric)) { s(yield) }

func TestForms(t *testing.T) {
	all := source(func(yield func(voiceapp.Metric)) {
		yield(voiceapp.Metric{Name: "a_people", Help: "People", Value: 2.5})
		yield(voiceapp.Metric{Name: "b_total", Help: "Things", Kind: voiceapp.Counter, Value: 7, Labels: []voiceapp.Label{{Name: "kind", Value: "odd"}, {Name: "size", Value: "big"}}})
		yield(voiceapp.Metric{
			Name: "c_seconds", Help: "Times", Kind: voiceapp.Histogram, Count: 4, Sum: 1.5,
			Buckets: []voiceapp.Bucket{{UpperBound: 0.1, Count: 1}, {UpperBound: 1, Count: 3}},
		})
	})
	answer := ask(metrics.Handler(metrics.Config{Sources: []metrics.Source{all}, Version: "1.2.3"}), http.MethodGet)
	text := answer.Body.String()
	for _, want := range []string{
		"# HELP a_people People\n# TYPE a_people gauge\na_people 2.5\n",
		"# TYPE b_total counter\nb_total{kind=\"odd\",size=\"big\"} 7\n",
		"# TYPE c_seconds histogram\nc_seconds_bucket{le=\"0.1\"} 1\nc_seconds_bucket{le=\"1\"} 3\nc_seconds_bucket{le=\"+Inf\"} 4\nc_seconds_sum 1.5\nc_seconds_count 4\n",
		"\nvoiceapp_build_info{goversion=\"go", `version="1.2.3"} 1`, "\nprocess_cpu_seconds_total ", "\ngo_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if answer.Code != http.StatusOK || answer.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain; version=") {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

// What one source gives that is no metric is logged, and keeps out nothing else.
func TestFaultsOfASource(t *testing.T) {
	good := source(func(yield func(voiceapp.Metric)) { yield(voiceapp.Metric{Name: "good", Help: "Good"}) })
	for name, bad := range map[string]source{
		"a name": func(yield func(voiceapp.Metric)) { yield(voiceapp.Metric{Name: "", Help: "Bad"}) },
		"a kind": func(yield func(voiceapp.Metric)) { yield(voiceapp.Metric{Name: "bad", Help: "Bad", Kind: 9}) },
		"a label": func(yield func(voiceapp.Metric)) {
			yield(voiceapp.Metric{Name: "bad", Help: "Bad", Labels: []voiceapp.Label{{Name: "x", Value: "\xff"}}})
		},
		"the same twice": func(yield func(voiceapp.Metric)) {
			yield(voiceapp.Metric{Name: "bad", Help: "Bad"})
			yield(voiceapp.Metric{Name: "bad", Help: "Bad"})
		},
		"a panic": func(func(voiceapp.Metric)) { panic("bad") },
		"another's metric": func(yield func(voiceapp.Metric)) {
			yield(voiceapp.Metric{Name: "good", Help: "Another", Kind: voiceapp.Counter})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			answer := ask(metrics.Handler(metrics.Config{Sources: []metrics.Source{good, bad}, Logger: logger}), http.MethodGet)
			if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "\ngood 0\n") {
				t.Errorf("%d: %s", answer.Code, answer.Body)
			}
			if log.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

func TestOnlyReading(t *testing.T) {
	h := metrics.Handler(metrics.Config{Logger: slog.New(slog.DiscardHandler)})
	for method, want := range map[string]int{
		http.MethodGet: http.StatusOK, http.MethodHead: http.StatusOK,
		http.MethodPost: http.StatusMethodNotAllowed, http.MethodDelete: http.StatusMethodNotAllowed, "WEIRD": http.StatusMethodNotAllowed,
	} {
		if answer := ask(h, method); answer.Code != want {
			t.Errorf("%s: %d, want %d", method, answer.Code, want)
		}
	}
}

// Two servers in one program share nothing.
func TestTwoHandlers(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	for _, version := range []string{"1", "2"} {
		text := ask(metrics.Handler(metrics.Config{Version: version, Logger: quiet}), http.MethodGet).Body.String()
		if strings.Count(text, "voiceapp_build_info{") != 1 || !strings.Contains(text, `version="`+version+`"`) {
			t.Errorf("no version %s in %s", version, text)
		}
	}
}

// All figures of a whole server are of the form that Prometheus asks for.
func TestLint(t *testing.T) {
	s := serve(t)
	problems, err := testutil.GatherAndLint(metrics.Registry(s.config()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// However people call themselves and whatever they send, there are no more figures,
// and none has anything of it.
func TestHostilePeople(t *testing.T) {
	s := serve(t)
	h := metrics.Handler(s.config())
	series := func() (text string, n int) {
		text = ask(h, http.MethodGet).Body.String()
		return text, strings.Count(text, "\nvoiceapp_")
	}
	join := func(name string) {
		c, err := control.Dial(t.Context(), s.addr.String(), control.ClientConfig{Name: name, Fingerprint: s.key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.Join(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	join("plain")
	_, before := series()
	for _, name := range []string{`quote"} 1`, `back\slash`, "Zoë \U0001F600", `voiceapp_users{kind="x"} 1`, "<b>secret"} {
		join(name)
	}
	text, after := series()
	if after != before {
		t.Errorf("%d figures with six people, %d with one", after, before)
	}
	for _, secret := range []string{"quote", `back\`, "Zo", `kind="x"`, "secret", "Lobby", s.key.String(), "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in what is scraped", secret)
		}
	}
	labels := regexp.MustCompile(`="((?:[^"\\]|\\.)*)"`)
	for _, value := range labels.FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`^[A-Za-z0-9_.+ /-]*$`).MatchString(value[1]) {
			t.Errorf("a label is %q", value[1])
		}
	}
}

// The newest backup is told by its time, so that an alert can say that it is old.
func TestBackups(t *testing.T) {
	s := serve(t)
	figures := func() map[string]float64 {
		all := map[string]float64{}
		s.admin.Metrics(func(m voiceapp.Metric) { all[m.Name] = m.Value })
		return all
	}
	if all := figures(); all["voiceapp_backups"] != 0 || all["voiceapp_backup_newest_timestamp_seconds"] != 0 {
		t.Errorf("without a backup: %v", all)
	}
	made, err := s.backups.Backup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := figures()
	if all["voiceapp_backups"] != 1 || all["voiceapp_backup_newest_bytes"] != float64(made.Size) || made.Size == 0 {
		t.Errorf("after one of %d bytes: %v", made.Size, all)
	}
	if at := time.UnixMilli(int64(1000 * all["voiceapp_backup_newest_timestamp_seconds"])); at.Sub(made.Made).Abs() > time.Second {
		t.Errorf("made at %v, the figure says %v", made.Made, at)
	}
}

// A look at a server with a thousand people: at most 10 ms.
func BenchmarkScrape1000(b *testing.B) {
	s := serve(b)
	crowd, err := load.Connect(b.Context(), load.Target{Addr: s.addr.String(), Key: s.key}, load.Guests(1000), 32)
	if err != nil {
		b.Fatal(err)
	}
	defer crowd.Close()
	server := httptest.NewServer(metrics.Handler(s.config()))
	defer server.Close()
	for b.Loop() {
		answer, err := http.Get(server.URL)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, answer.Body)
		if err != nil || answer.Body.Close() != nil || n < 1000 {
			b.Fatal(n, err)
		}
	}
	if sessions := s.control.Stats().Sessions; sessions != 1000 {
		b.Fatal(fmt.Sprint(sessions, " sessions"))
	}
}
