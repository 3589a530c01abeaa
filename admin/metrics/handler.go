package metrics

import (
	"log/slog"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/voiceapp-sdk/voiceapp"
)

// Source gives figures, of the form that [voiceapp.Metric] describes. It may be asked
// from several goroutines at once. *control.Server, *relay.Relay and *store.Store are
// sources.
type Source interface {
	Metrics(yield func(voiceapp.Metric))
}

// Config says what to show. The zero value shows the process alone.
type Config struct {
	Sources []Source
	Version string       // of the program; "" is fine
	Logger  *slog.Logger // for what a source gives that is no metric; nil: slog.Default()
}

// inFlight is how many are answered at once. They share one look at the sources.
const inFlight = 8

// Handler answers GET and HEAD with the figures of the moment, in the text formats of
// Prometheus. It is independent of other users of the Prometheus library in the same
// program. What is wrong with one figure is logged and keeps only that one out.
func Handler(c Config) http.Handler {
	logger := c.Logger
	if logger == nil {
		logger = slog.Default()
	}
	serve := promhttp.HandlerFor(registry(c), promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: inFlight,
		CoalesceGather:      true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "metrics are only read", http.StatusMethodNotAllowed)
			return
		}
		serve.ServeHTTP(w, r)
	})
}

// registry is one of its own: nothing else gets into it.
func registry(c Config) *prometheus.Registry {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "voiceapp_build_info", Help: "What runs; the value is always 1",
		ConstLabels: prometheus.Labels{"version": c.Version, "goversion": runtime.Version()},
	})
	build.Set(1)
	r := prometheus.NewRegistry()
	r.MustRegister(
		build,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collector(c.Sources),
	)
	return r
}
