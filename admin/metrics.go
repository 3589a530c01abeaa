package admin

import (
	"net/http"
	"net/netip"
	"slices"

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
