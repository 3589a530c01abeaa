package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voiceapp-sdk/voiceapp"
)

type loginInput struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"256" example:"Anna"`
		Password string `json:"password" minLength:"1" maxLength:"1024" format:"password"`
	}
	request *http.Request
}

// Resolve keeps the request, for its address. huma calls it.
func (in *loginInput) Resolve(ctx huma.Context) []error {
	in.request, _ = humago.Unwrap(ctx)
	return nil
}

type claimInput struct {
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"256" doc:"As the server printed it at its first start, and voiceapp-server owner-token prints another"`
		Name     string `json:"name" minLength:"1" maxLength:"64" example:"Anna" doc:"Of the account, which is made unless there is one"`
		Password string `json:"password" minLength:"8" maxLength:"1024" format:"password" doc:"Which the account has from then on"`
	}
	request *http.Request
}

// Resolve keeps the request, for its address. huma calls it.
func (in *claimInput) Resolve(ctx huma.Context) []error {
	in.request, _ = humago.Unwrap(ctx)
	return nil
}

type loginResult struct {
	Token   string        `json:"token" doc:"For the header Authorization: Bearer TOKEN"`
	Expires time.Time     `json:"expires"`
	User    voiceapp.User `json:"user"`
}

type dashboardResult struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Expires time.Time     `json:"expires"`
		User    voiceapp.User `json:"user"`
	}
}

type meResult struct {
	User     voiceapp.User `json:"user" doc:"The account; its id is 0 for the operator, who owns the server's data"`
	Role     voiceapp.Role `json:"role" doc:"With which one acts: a key's may be lower than the account's"`
	RoleName string        `json:"role_name" example:"admin"`
	Scopes   []string      `json:"scopes" nullable:"false" doc:"Of an API key; none: all"`
	Via      string        `json:"via" enum:"token,cookie,key"`
	Expires  *time.Time    `json:"expires,omitempty"`
}

func (s *Server) registerLogin() {
	refusals := []voiceapp.Code{voiceapp.BadCredentials, voiceapp.Banned, voiceapp.Kicked, voiceapp.Busy}
	add(s, operation{
		id: "login", method: http.MethodPost, path: "/api/login", tag: "login", public: true, errors: refusals,
		summary: "Get a token by name and password",
		detail:  "The token is good for 15 minutes, and ends before when the account's role or password changes, or it is kicked or banned. Wrong passwords slow down the account and the address, as in the control protocol.",
	}, s.login)
	add(s, operation{
		id: "open-session", method: http.MethodPost, path: "/api/session", tag: "login", public: true, errors: refusals,
		summary: "Open a dashboard's session",
		detail:  "As a login, with a cookie in place of the token, which only pages of this server can use.",
	}, s.openDashboard)
	add(s, operation{
		id: "claim-owner", method: http.MethodPost, path: "/api/claim", tag: "login", public: true, status: http.StatusCreated, errors: append(refusals, voiceapp.Exists),
		summary: "Be the owner, by the one-time token",
		detail:  "For a server's first start. The token is good once.",
	}, s.claim)
	add(s, operation{
		id: "close-session", method: http.MethodDelete, path: "/api/session", tag: "login",
		summary: "Log out",
		detail:  "The token or the cookie with which it is asked for is of no use any more. An API key is revoked by DELETE /api/keys/{id}.",
	}, s.closeDashboard)
	add(s, operation{
		id: "get-me", method: http.MethodGet, path: "/api/me", tag: "login",
		summary: "Who one is",
	}, s.me)
}

func (s *Server) claim(ctx context.Context, _ *identity, in *claimInput) (*body[voiceapp.User], error) {
	claimer, err := ability[Claimer](s, "owner to be made by a token")
	if err != nil {
		return nil, err
	}
	return reply(claimer.Claim(ctx, in.Body.Token, in.Body.Name, in.Body.Password, clientAddr(in.request)))
}

// enter checks a name and a password, and gives what a token is to say.
func (s *Server) enter(ctx context.Context, in *loginInput, audience string) (voiceapp.User, claims, error) {
	user, err := s.config.Live.Login(ctx, in.Body.Name, in.Body.Password, clientAddr(in.request))
	if err != nil {
		return user, claims{}, err
	}
	user, epoch, err := s.config.Accounts.Epoch(ctx, user.ID)
	if err != nil {
		return user, claims{}, err
	}
	return user, newClaims(audience, user, epoch, s.now()), nil
}

func (s *Server) login(ctx context.Context, _ *identity, in *loginInput) (*body[loginResult], error) {
	user, c, err := s.enter(ctx, in, audienceAPI)
	if err != nil {
		return nil, err
	}
	token, err := s.signing.Load().sign(c)
	return reply(loginResult{token, c.expires.UTC(), user}, err)
}

func (s *Server) openDashboard(ctx context.Context, _ *identity, in *loginInput) (*dashboardResult, error) {
	user, c, err := s.enter(ctx, in, audienceDashboard)
	if err != nil {
		return nil, err
	}
	token, err := s.signing.Load().sign(c)
	if err != nil {
		return nil, err
	}
	out := &dashboardResult{SetCookie: *dashboardCookie(token, c.expires)}
	out.Body.Expires, out.Body.User = c.expires.UTC(), user
	return out, nil
}

type closedResult struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) closeDashboard(_ context.Context, who *identity, _ *struct{}) (*closedResult, error) {
	if who.via != "key" {
		s.revoked.add(who.claims, s.now())
	}
	gone := dashboardCookie("", time.Unix(1, 0))
	gone.MaxAge = -1
	return &closedResult{*gone}, nil
}

func (s *Server) me(ctx context.Context, who *identity, _ *struct{}) (*body[meResult], error) {
	me := meResult{Role: who.actor.Role, RoleName: who.actor.Role.String(), Scopes: who.scopes, Via: who.via}
	me.User = voiceapp.User{Name: who.actor.Name, Role: who.actor.Role}
	if me.Scopes == nil {
		me.Scopes = []string{}
	}
	if !who.expires.IsZero() {
		expires := who.expires.UTC()
		me.Expires = &expires
	}
	if who.actor.User == 0 {
		return &body[meResult]{me}, nil
	}
	user, _, err := s.config.Accounts.Epoch(ctx, who.actor.User)
	me.User = user
	return reply(me, err)
}
