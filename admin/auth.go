package admin

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// identity is who asks.
type identity struct {
	actor   voiceapp.Actor
	via     string // "token", "cookie", "key"
	key     voiceapp.APIKeyID
	scopes  []string // of a key; none: all
	expires time.Time
	claims  claims
}

type identityKey struct{}

// mayRead reports why somebody's role does not let him read. Whether he may change
// something is for Live to say.
func (who *identity) mayRead(op operation) error {
	if op.method == http.MethodGet && who.actor.Role < op.role {
		return voiceapp.Refusal(who.actor.Role, op.role)
	}
	return nil
}

// inScope reports that an operation is in none of a key's scopes.
func (who *identity) inScope(op operation) error {
	if op.scope == "" || len(who.scopes) == 0 || slices.Contains(who.scopes, op.scope) {
		return nil
	}
	area, verb, _ := strings.Cut(op.scope, ":")
	if verb == "read" && slices.Contains(who.scopes, area+":write") {
		return nil
	}
	return &voiceapp.Error{Code: voiceapp.Forbidden, Message: "the key does not have the scope " + op.scope, Needs: "scope:" + op.scope}
}

const (
	cookieName   = "__Host-voiceapp"
	bearerPrefix = "Bearer "
	keyPrefix    = "vak_"

	// dashboardTime is how long a dashboard's session lasts after the password was
	// given, however much it is used.
	dashboardTime = 12 * time.Hour
)

// identify finds out who asks. It renews the cookie of a dashboard that is in use.
func (s *Server) identify(w http.ResponseWriter, r *http.Request) (*identity, error) {
	from := clientAddr(r)
	if header := r.Header.Get("Authorization"); header != "" {
		token, ok := strings.CutPrefix(header, bearerPrefix)
		if !ok {
			return nil, errNoLogin("the Authorization header is not of the form Bearer TOKEN")
		}
		if strings.HasPrefix(token, keyPrefix) {
			return s.byKey(r.Context(), token, from)
		}
		return s.byToken(r.Context(), token, audienceAPI, from)
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, errNoLogin("say who you are: by a token from POST /api/login, or an API key")
	}
	who, err := s.byToken(r.Context(), cookie.Value, audienceDashboard, from)
	if err != nil {
		return nil, err
	}
	s.renew(w, who)
	return who, nil
}

func errNoLogin(why string) error { return voiceapp.NewError(voiceapp.LoginRequired, why) }

// errToken says nothing of what is wrong with a token.
func errToken() error { return errNoLogin("the token is not good, or not any more: log in again") }

// byToken is who shows a token: with the role and the epoch that it was made with, or
// it is of no use any more.
func (s *Server) byToken(ctx context.Context, token, audience string, from netip.Addr) (*identity, error) {
	c, ok := s.signing.Load().verify(token, audience, s.now())
	if !ok || s.revoked.has(c) {
		return nil, errToken()
	}
	id, ok := c.user()
	if !ok {
		return nil, errToken()
	}
	who := &identity{via: "token", expires: c.expires, claims: c, actor: voiceapp.Actor{User: id, Role: c.role, Address: from}}
	if audience == audienceDashboard {
		who.via = "cookie"
	}
	if id == 0 {
		who.actor.Operator, who.actor.Name = true, operatorSubject
		return who, nil
	}
	return who, s.upToDate(ctx, who)
}

// upToDate reports that the account of a token is not what it was.
func (s *Server) upToDate(ctx context.Context, who *identity) error {
	user, epoch, err := s.config.Accounts.Epoch(ctx, who.actor.User)
	switch {
	case errors.Is(err, voiceapp.NotFound):
		return errToken()
	case err != nil:
		return err
	case user.Role != who.claims.role || epoch != who.claims.epoch:
		return errToken()
	}
	who.actor.Name = user.Name
	return nil
}

// byKey is who shows an API key: its owner, with at most the key's role.
func (s *Server) byKey(ctx context.Context, secret string, from netip.Addr) (*identity, error) {
	if s.config.APIKeys == nil || len(secret) > maxToken {
		return nil, errToken()
	}
	key, user, err := s.config.APIKeys.UseAPIKey(ctx, sha256.Sum256([]byte(secret)))
	switch {
	case errors.Is(err, voiceapp.BadCredentials):
		return nil, errToken()
	case err != nil:
		return nil, err
	}
	return &identity{
		via: "key", key: key.ID, scopes: key.Scopes, expires: key.Expires,
		actor: voiceapp.Actor{User: user.ID, Name: user.Name, Role: min(user.Role, key.Role), AtMost: key.Role, Address: from},
	}, nil
}

// again reports that somebody is not any more whom he was found to be.
func (s *Server) again(ctx context.Context, who *identity, secret string) error {
	if who.via == "key" {
		_, err := s.byKey(ctx, secret, who.actor.Address)
		return err
	}
	if s.revoked.has(who.claims) || !s.now().Before(who.claims.lasts()) { // a cookie is renewed by other requests
		return errToken()
	}
	if who.actor.Operator {
		return nil
	}
	return s.upToDate(ctx, who)
}

// renew gives a dashboard a new cookie when half the time of its present one is over.
func (s *Server) renew(w http.ResponseWriter, who *identity) {
	now := s.now()
	left := who.expires.Sub(now)
	if left > TokenLifetime/2 || now.Sub(who.claims.login) > dashboardTime {
		return
	}
	c := who.claims
	c.issued, c.expires = now, now.Add(TokenLifetime)
	if token, err := s.signing.Load().sign(c); err == nil {
		who.expires = c.expires
		http.SetCookie(w, dashboardCookie(token, c.expires))
	}
}

func dashboardCookie(token string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: token, Path: "/", Expires: expires,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// clientAddr is where a request comes from; not valid where that is not known. A
// guard has put there what a trusted proxy says.
func clientAddr(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
