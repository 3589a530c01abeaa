package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// requests counts what was asked, by the route that answered and the status. There
// are as many routes as the server has, whatever people ask for. The zero value has
// counted nothing.
type requests struct {
	took histogram.Histogram // without the streams of events, which have no end

	mu    sync.Mutex
	count map[asked]uint64
}

type asked struct {
	route  string // as http.ServeMux has it
	status int
}

func (q *requests) add(a asked, took time.Duration) {
	if a.route != http.MethodGet+" "+eventsPath {
		q.took.Observe(took)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.count == nil {
		q.count = make(map[asked]uint64)
	}
	q.count[a]++
}

// all returns what was asked and how often, in order.
func (q *requests) all() (all []asked, counts []uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for a := range q.count {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b asked) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.status, b.status))
	})
	for _, a := range all {
		counts = append(counts, q.count[a])
	}
	return all, counts
}

// counted serves a request and counts it.
func (s *Server) counted(w http.ResponseWriter, r *http.Request) {
	begun, answer := time.Now(), &statusWriter{ResponseWriter: w}
	defer func() {
		s.requests.add(asked{cmp.Or(r.Pattern, "none"), cmp.Or(answer.status, http.StatusOK)}, time.Since(begun))
	}()
	s.serve(answer, r)
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int // 0: none was written
}

// WriteHeader notes the status, not that of an interim answer.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (q *requests) metrics(yield func(voiceapp.Metric)) {
	all, counts := q.all()
	for i, a := range all {
		yield(voiceapp.Metric{
			Name: "voiceapp_admin_requests_total", Help: "Requests to the admin API, by the route that answered and the status",
			Kind: voiceapp.Counter, Value: float64(counts[i]),
			Labels: []voiceapp.Label{{Name: "route", Value: a.route}, {Name: "status", Value: strconv.Itoa(a.status)}},
		})
	}
	yield(q.took.Metric("voiceapp_admin_request_seconds", "How long requests to the admin API took, but for streams of events"))
}
