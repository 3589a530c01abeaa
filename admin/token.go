package admin

import (
	"crypto/ed25519"
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The two uses of a token. One for programs is of no use as a cookie, nor the other
// way round.
const (
	audienceAPI       = "voiceapp-admin"
	audienceDashboard = "voiceapp-dashboard"
)

// maxToken is the most bytes of a token that is looked at.
const maxToken = 4 << 10

// claims are what a token says.
type claims struct {
	issuer, audience, subject, id string

	issued, expires time.Time
	login           time.Time // when the password was given

	role  voiceapp.Role
	epoch uint64
}

// operatorSubject is that of whoever owns the server's data.
const operatorSubject = "operator"

func newClaims(audience string, user voiceapp.User, epoch uint64, now time.Time) claims {
	subject := operatorSubject
	if user.ID != 0 {
		subject = "user:" + strconv.FormatInt(int64(user.ID), 10)
	}
	return claims{
		audience: audience, subject: subject, id: rand.Text(),
		issued: now, expires: now.Add(TokenLifetime), login: now,
		role: user.Role, epoch: epoch,
	}
}

// user gives the account that a token is for; 0 is the operator.
func (c claims) user() (id voiceapp.UserID, ok bool) {
	if c.subject == operatorSubject {
		return 0, true
	}
	digits, ok := strings.CutPrefix(c.subject, "user:")
	n, err := strconv.ParseInt(digits, 10, 64)
	return voiceapp.UserID(n), ok && err == nil && n > 0 && n <= voiceapp.MaxID
}

func (k *Keys) sign(c claims) (string, error) {
	c.issuer = k.issuer
	return signJWT(k.all[0].private, k.all[0].kid, c)
}

// verify reads a token. What is wrong with one that is of no use is not said.
func (k *Keys) verify(token, audience string, now time.Time) (claims, bool) {
	if len(token) > maxToken {
		return claims{}, false
	}
	kid, ok := kidOf(token)
	if !ok {
		return claims{}, false
	}
	for _, key := range k.all {
		if key.kid == kid {
			return verifyJWT(token, key.private.Public().(ed25519.PublicKey), k.issuer, audience, now)
		}
	}
	return claims{}, false
}

// revocations are tokens that were given back before their time. They are forgotten
// once they would have expired; the zero value has none.
type revocations struct {
	mu  sync.Mutex
	all map[string]time.Time // by id: when the last token with it expires
}

// maxRevoked bounds the table; more within a token's lifetime is no person.
const maxRevoked = 10_000

func (r *revocations) add(c claims, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = make(map[string]time.Time)
	}
	for id, expires := range r.all {
		if len(r.all) >= maxRevoked || !now.Before(expires) {
			delete(r.all, id)
		}
	}
	r.all[c.id] = c.lasts()
}

// lasts is when the last token with that id expires: a dashboard's is renewed.
func (c claims) lasts() time.Time {
	if c.audience == audienceDashboard {
		return c.login.Add(dashboardTime + TokenLifetime)
	}
	return c.expires
}

func (r *revocations) has(c claims) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, is := r.all[c.id]
	return is
}
