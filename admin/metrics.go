package admin

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/metrics"
)

// scrape is /metrics, which is no part of the API's document: what it takes to read it.
var scrape = operation{id: "metrics", method: http.MethodGet, scope: "server:read", role: voiceapp.RoleModerator}

// registerMetrics serves /metrics to those who prove who they are, as an operation
// does, and to Config.MetricsFrom.
func (s *Server) registerMetrics() {
	sources := []metrics.Source{s}
	for _, source := range s.config.Sources {
		sources = append(sources, source)
	}
	shown := metrics.Handler(metrics.Config{Sources: sources, Version: s.config.Info.Version, Logger: s.log})
	s.mux.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		if err := s.mayScrape(w, r); err != nil {
			s.fault(err, scrape.id)
			writeProblem(w, err)
			return
		}
		shown.ServeHTTP(w, r)
	})
}

func (s *Server) mayScrape(w http.ResponseWriter, r *http.Request) error {
	from := clientAddr(r)
	if slices.ContainsFunc(s.config.MetricsFrom, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return nil
	}
	who, err := s.identify(w, r)
	if err != nil {
		return err
	}
	return s.allow(r.Context(), who, scrape)
}

// Metrics gives the figures of the API itself and of the backups, which are among
// those that it serves at /metrics. Any goroutine may call it.
func (s *Server) Metrics(yield func(voiceapp.Metric)) {
	s.requests.metrics(yield)
	yield(voiceapp.Metric{Name: "voiceapp_admin_streams", Help: "Streams of events that are open", Value: float64(s.streams.count())})
	if s.config.Backups != nil {
		s.meterBackups(yield)
	}
}

// backupsTime is how long a look at the backups may take.
const backupsTime = 5 * time.Second

func (s *Server) meterBackups(yield func(voiceapp.Metric)) {
	ctx, cancel := context.WithTimeout(context.Background(), backupsTime)
	defer cancel()
	all, err := s.config.Backups.Backups(ctx)
	if err != nil {
		s.log.Warn("the backups can't be listed", "error", err)
		return
	}
	var made, size float64
	if len(all) > 0 {
		made, size = float64(all[0].Made.UnixMilli())/1000, float64(all[0].Size)
	}
	yield(voiceapp.Metric{Name: "voiceapp_backups", Help: "Backups that are kept", Value: float64(len(all))})
	yield(voiceapp.Metric{Name: "voiceapp_backup_newest_timestamp_seconds", Help: "When the newest backup was made; 0 where there is none", Value: made})
	yield(voiceapp.Metric{Name: "voiceapp_backup_newest_bytes", Help: "Size of the newest backup; 0 where there is none", Value: size})
}
