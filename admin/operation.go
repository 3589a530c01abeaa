package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

// operation is one thing that the API can do.
type operation struct {
	id      string // such as "list-channels"
	method  string
	path    string
	tag     string
	summary string
	detail  string

	// scope and role are what it takes to be let in. Whether the one who asks may do
	// it to whom it is meant for is for Live to say. A zero role: whoever has an
	// account.
	scope string
	role  voiceapp.Role

	public bool // no one has to say who he is
	status int  // of success; 0: 200, or 204 without a body

	errors []voiceapp.Code // besides those that each operation can end with
	body   int64           // most bytes of the request's body; 0: 64 KiB
	slow   bool            // it may take longer than requestTime
}

const (
	maxBody     = 64 << 10
	requestTime = 30 * time.Second // for all but what is slow
)

// add makes an operation known, with what does it.
func add[I, O any](s *Server, op operation, do func(context.Context, *identity, *I) (*O, error)) {
	s.ops = append(s.ops, op)
	huma.Register(s.api, s.describe(op), func(ctx context.Context, in *I) (*O, error) {
		who, _ := ctx.Value(identityKey{}).(*identity)
		if !op.slow {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, requestTime)
			defer cancel()
		}
		out, err := do(ctx, who, in)
		if err != nil {
			return nil, s.refusal(op, err)
		}
		return out, nil
	})
}

// refusal gives an error to huma.
func (s *Server) refusal(op operation, err error) error {
	if !isGone(err) {
		s.fault(err, op.id)
	}
	p := problemOf(err)
	headers := make(http.Header)
	p.headers(headers)
	headers.Del("Content-Type") // huma sets it
	return huma.ErrorWithHeaders(p, headers)
}

// describe gives an operation as the document has it.
func (s *Server) describe(op operation) huma.Operation {
	described := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag},
		Summary: op.summary, Description: op.about(), DefaultStatus: op.status,
		MaxBodyBytes: max(op.body, maxBody), Middlewares: huma.Middlewares{s.admit(op)},
		Responses: s.problems(op),
	}
	if !op.public {
		described.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	return described
}

// about is an operation's description.
func (op operation) about() string {
	var needs []string
	if op.role > 0 {
		needs = append(needs, "the role "+op.role.String())
	}
	if op.scope != "" {
		needs = append(needs, "of API keys the scope "+op.scope)
	}
	text := op.detail
	if len(needs) > 0 {
		text = strings.TrimSpace(text + "\n\nNeeds " + strings.Join(needs, ", and ") + ".")
	}
	return text
}

// problems gives the responses of an operation that are errors, by status.
func (s *Server) problems(op operation) map[string]*huma.Response {
	all := append([]voiceapp.Code{voiceapp.Invalid, voiceapp.Limited, voiceapp.Internal, voiceapp.Unavailable}, op.errors...)
	if !op.public {
		all = append(all, voiceapp.LoginRequired, voiceapp.Forbidden)
	}
	schema := s.api.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	responses := make(map[string]*huma.Response)
	for _, status := range statusesOf(all) {
		var named []string
		for _, code := range all {
			if statusOf(code) == status && !slices.Contains(named, string(code)) {
				named = append(named, string(code))
			}
		}
		slices.Sort(named)
		example := newProblem(status, voiceapp.Code(named[0]), "what went wrong, for people")
		responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status) + ": " + strings.Join(named, ", "),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema, Example: example}},
		}
	}
	return responses
}

func statusOf(code voiceapp.Code) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusInternalServerError
}

func statusesOf(all []voiceapp.Code) (statuses []int) {
	for _, code := range all {
		if status := statusOf(code); !slices.Contains(statuses, status) {
			statuses = append(statuses, status)
		}
	}
	slices.Sort(statuses)
	return statuses
}

// admit lets in who may, before anything of the request is looked at.
func (s *Server) admit(op operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		ctx.SetHeader("Cache-Control", "no-store")
		if op.public {
			next(ctx)
			return
		}
		r, w := humago.Unwrap(ctx)
		who, err := s.identify(w, r)
		if err == nil {
			err = s.allow(r.Context(), who, op)
		}
		if err != nil {
			s.fault(err, op.id)
			writeProblem(w, err)
			return
		}
		next(huma.WithValue(ctx, identityKey{}, who))
	}
}

// allow reports why somebody may not do an operation at all. A change that is not in
// a key's scopes is an entry of the audit log, as all that is refused is.
func (s *Server) allow(ctx context.Context, who *identity, op operation) error {
	if who.actor.Role < voiceapp.RoleModerator {
		if err := s.rates.take(who.actor.User, s.now()); err != nil {
			return err
		}
	}
	if err := who.mayRead(op); err != nil {
		return err
	}
	err := who.inScope(op)
	if err == nil || op.method == http.MethodGet {
		return err
	}
	return s.config.Live.Audited(ctx, who.actor, voiceapp.RoleGuest, op.id, "", func(context.Context, voiceapp.Actor, *voiceapp.AuditEntry) error {
		return err
	})
}

// reasonOf gives the reason that goes with a change.
func reasonOf(c params.Change) (string, error) {
	reason, err := url.PathUnescape(c.Reason)
	if err != nil {
		return "", invalidField("header.X-Audit-Log-Reason", "the reason is percent-encoded UTF-8")
	}
	return reason, nil
}

// invalidField is an error about one part of the request.
func invalidField(location, rule string) error {
	p := newProblem(http.StatusUnprocessableEntity, voiceapp.Invalid, rule)
	p.Errors = []ProblemField{{location, rule}}
	return p
}

// body is a response that is JSON.
type body[T any] struct{ Body T }

func reply[T any](value T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{value}, nil
}

// done is the response of what has nothing to say.
type done struct{}

func nothing(err error) (*done, error) {
	if err != nil {
		return nil, err
	}
	return &done{}, nil
}
