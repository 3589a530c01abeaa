package guard

import (
	"encoding/json"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp"
)

// What is refused, and counted.
const (
	refusedNoProxy     = iota // a connection past the proxy
	refusedConnections        // one too many
	refusedProxy              // a proxy that passes on what a client made up
	refusedHost               // the name of another server
	refusedCrossSite          // a page of another site
	refusedBody               // too large, or not JSON
	refusals
)

var refusalNames = [refusals]string{"not_by_proxy", "connections", "forwarded", "host", "cross_site", "body"}

// Metrics gives the connections and what was refused.
func (g *Guard) Metrics(yield func(voiceapp.Metric)) {
	g.mu.Lock()
	open := g.all
	g.mu.Unlock()
	yield(voiceapp.Metric{Name: "voiceapp_admin_connections", Help: "Connections to the admin API that are open", Value: float64(open)})
	for i, name := range refusalNames {
		yield(voiceapp.Metric{
			Name: "voiceapp_admin_refused_total", Help: "Connections and requests that were kept from the admin API, by reason",
			Kind: voiceapp.Counter, Labels: []voiceapp.Label{{Name: "reason", Value: name}}, Value: float64(g.refused[i].Load()),
		})
	}
}

// problem is what a refused request is answered with (RFC 9457).
type problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail"`
	Code   voiceapp.Code `json:"code"`
}

// refuse counts and answers. Whoever does not read the answer misses nothing else.
func (g *Guard) refuse(w http.ResponseWriter, why, status int, code voiceapp.Code, detail string) {
	g.refused[why].Add(1)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problem{"about:blank", http.StatusText(status), status, detail, code})
}
