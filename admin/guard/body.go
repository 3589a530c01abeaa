package guard

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// bounded keeps a request's body within its limits, and to JSON.
func (g *Guard) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limits := g.now.Load().Limits
		switch {
		case r.ContentLength == 0:
		case !isJSON(r.Header.Get("Content-Type")):
			g.refuse(w, refusedBody, http.StatusUnsupportedMediaType, voiceapp.BadRequest, "write the body as JSON, with Content-Type: application/json")
			return
		case limits.Body >= 0 && r.ContentLength > limits.Body:
			g.refuse(w, refusedBody, http.StatusRequestEntityTooLarge, voiceapp.TooLarge, fmt.Sprintf("a body has at most %d bytes", limits.Body))
			return
		default:
			// net/http ends the deadline with the body. One that has none, as in a test
			// without a network, bounds nothing.
			_ = http.NewResponseController(w).SetReadDeadline(deadline(limits.BodyTime))
			if limits.Body >= 0 {
				r.Body = http.MaxBytesReader(w, r.Body, limits.Body)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// isJSON reports whether a media type is JSON or based on it.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}
