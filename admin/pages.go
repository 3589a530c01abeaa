package admin

import (
	"net/http"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp/admin/web"
)

// docsPolicy is the Content-Security-Policy of the page that renders the document of
// the API: its style sheet has pictures in it. No other page's is so wide, and this one
// runs no other scripts either.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// registerPages adds what browsers show: the dashboard and the documents.
func (s *Server) registerPages() error {
	dashboard, err := web.Handler()
	if err != nil {
		return err
	}
	docs, err := web.Page("docs/docs.html")
	if err != nil {
		return err
	}
	control, err := web.Page("docs/control.html")
	if err != nil {
		return err
	}
	s.mux.Handle("GET /{$}", dashboard)
	s.mux.Handle("GET /assets/", dashboard)
	s.mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		docs.ServeHTTP(w, r)
	})
	if s.config.OpenRPC != nil {
		s.mux.Handle("GET /docs/control", control)
		s.mux.HandleFunc("GET /openrpc.json", s.openRPC)
	}
	return nil
}

func (s *Server) openRPC(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(s.config.OpenRPC)))
	_, _ = w.Write(s.config.OpenRPC) // a browser that has gone needs no word
}
