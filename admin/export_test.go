package admin

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// TokenFor and CookieFor sign what a login would have at some time.
func (k *Keys) TokenFor(user voiceapp.User, epoch uint64, now time.Time) string {
	token, err := k.sign(newClaims(audienceAPI, user, epoch, now))
	if err != nil {
		panic(err)
	}
	return token
}

func (k *Keys) CookieFor(user voiceapp.User, epoch uint64, now time.Time) string {
	token, err := k.sign(newClaims(audienceDashboard, user, epoch, now))
	if err != nil {
		panic(err)
	}
	return token
}

// Knows reports whether a token is good.
func (k *Keys) Knows(token string, now time.Time) bool {
	_, ok := k.verify(token, audienceAPI, now)
	return ok
}

// OpenAPI30 is the document for tools that know no later version than 3.0.
func (s *Server) OpenAPI30() ([]byte, error) { return s.api.OpenAPI().Downgrade() }
