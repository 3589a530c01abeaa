package admin

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/voiceapp-sdk/voiceapp"
)

// Problem is what went wrong, as RFC 9457 has it.
//
//nolint:errname // a problem document is what the RFC and everybody calls it
type Problem struct {
	Type       string         `json:"type" example:"about:blank" doc:"Always about:blank; the code says what it is"`
	Title      string         `json:"title" example:"Conflict" doc:"The status as text"`
	Status     int            `json:"status" example:"409" doc:"The HTTP status"`
	Detail     string         `json:"detail" example:"the channel would be under itself" doc:"What went wrong, for people"`
	Code       voiceapp.Code  `json:"code" example:"conflict" doc:"What went wrong, for programs; the codes are those of the control protocol"`
	Needs      string         `json:"needs,omitempty" example:"role:admin" doc:"The permission that was missing"`
	RetryAfter float64        `json:"retry_after,omitempty" doc:"Seconds to wait before it may work"`
	Until      *time.Time     `json:"until,omitempty" doc:"Of banned and kicked: until when"`
	Reason     string         `json:"reason,omitempty" doc:"Of banned and kicked: why"`
	Hits       *ProblemHits   `json:"hits,omitempty" doc:"Of a ban: whom it would hit; confirm makes it all the same"`
	Errors     []ProblemField `json:"errors,omitempty" doc:"Which parts of the request are wrong"`
}

// ProblemHits says whom a ban would hit that it is not meant for.
type ProblemHits struct {
	Self   bool `json:"self" doc:"Whoever makes it"`
	Others int  `json:"others" doc:"How many others who are here"`
}

// ProblemField says what is wrong with a part of the request.
type ProblemField struct {
	Location string `json:"location" example:"body.bitrate" doc:"Where it is"`
	Message  string `json:"message" example:"expected number >= 6000" doc:"The rule"`
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType gives that of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses are the HTTP statuses of the codes.
var statuses = map[voiceapp.Code]int{
	voiceapp.Invalid:        http.StatusUnprocessableEntity,
	voiceapp.BadRequest:     http.StatusBadRequest,
	voiceapp.NotFound:       http.StatusNotFound,
	voiceapp.UnknownMethod:  http.StatusNotFound,
	voiceapp.Exists:         http.StatusConflict,
	voiceapp.Conflict:       http.StatusConflict,
	voiceapp.Forbidden:      http.StatusForbidden,
	voiceapp.Kicked:         http.StatusForbidden,
	voiceapp.Banned:         http.StatusForbidden,
	voiceapp.LoginRequired:  http.StatusUnauthorized,
	voiceapp.BadCredentials: http.StatusUnauthorized,
	voiceapp.Limited:        http.StatusTooManyRequests,
	voiceapp.TooLarge:       http.StatusRequestEntityTooLarge,
	voiceapp.Busy:           http.StatusServiceUnavailable,
	voiceapp.Unavailable:    http.StatusServiceUnavailable,
}

// codes are those of the statuses that huma gives by itself.
var codes = map[int]voiceapp.Code{
	http.StatusBadRequest:            voiceapp.BadRequest,
	http.StatusUnauthorized:          voiceapp.LoginRequired,
	http.StatusForbidden:             voiceapp.Forbidden,
	http.StatusNotFound:              voiceapp.NotFound,
	http.StatusNotAcceptable:         voiceapp.BadRequest,
	http.StatusRequestEntityTooLarge: voiceapp.TooLarge,
	http.StatusUnsupportedMediaType:  voiceapp.BadRequest,
	http.StatusUnprocessableEntity:   voiceapp.Invalid,
	http.StatusRequestTimeout:        voiceapp.BadRequest,
}

// problemOf gives an error as a problem. What is no [voiceapp.Error] is a fault of
// the server, of which nothing is told.
func problemOf(err error) *Problem {
	var made *Problem
	if errors.As(err, &made) {
		return made
	}
	e := voiceapp.AsError(err)
	status, ok := statuses[e.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	p := newProblem(status, e.Code, e.Message)
	p.Needs, p.Reason = e.Needs, e.Reason
	p.RetryAfter = math.Ceil(e.RetryAfter.Seconds())
	if !e.Until.IsZero() {
		p.Until = &e.Until
	}
	var hits *voiceapp.BanHitsError
	if errors.As(err, &hits) {
		p.Hits = &ProblemHits{hits.Self, hits.Others}
	}
	return p
}

func newProblem(status int, code voiceapp.Code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// fault logs what the caller is not told the cause of.
func (s *Server) fault(err error, operation string) {
	if p := problemOf(err); p.Status == http.StatusInternalServerError {
		s.log.Error("a request failed", "operation", operation, "error", err)
	}
}

// transformProblem makes a problem of what huma finds wrong by itself. The values
// that were sent are left out: one may be a password.
func transformProblem(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code, ok := codes[e.Status]
	if !ok {
		code = voiceapp.Internal
	}
	p := newProblem(e.Status, code, e.Detail)
	for _, field := range e.Errors {
		if field != nil {
			p.Errors = append(p.Errors, ProblemField{field.Location, field.Message})
		}
	}
	return p, nil
}

// headers are those that go with a problem.
func (p *Problem) headers(h http.Header) {
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="voiceapp"`)
	}
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	p.headers(w.Header())
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		slog.Debug("a problem could not be sent", "error", err)
	}
}
