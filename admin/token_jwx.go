package admin

import (
	"crypto/ed25519"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/voiceapp-sdk/voiceapp"
)

// This file is all that knows the JWT library.

const (
	claimRole  = "role"
	claimEpoch = "epoch"
	claimLogin = "auth_time"
)

// signJWT makes a token.
func signJWT(key ed25519.PrivateKey, kid string, c claims) (string, error) {
	token, err := jwt.NewBuilder().
		Issuer(c.issuer).Audience([]string{c.audience}).Subject(c.subject).JwtID(c.id).
		IssuedAt(c.issued).NotBefore(c.issued).Expiration(c.expires).
		Claim(claimRole, int(c.role)).Claim(claimEpoch, int64(c.epoch)).Claim(claimLogin, c.login.Unix()).
		Build()
	if err != nil {
		return "", err
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.KeyIDKey, kid); err != nil {
		return "", err
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.EdDSA, key, jws.WithProtectedHeaders(headers)))
	return string(signed), err
}

// kidOf gives the key that a token says it is signed with, when it is one compact
// signature of the one algorithm that there is.
func kidOf(token string) (kid string, ok bool) {
	message, err := jws.ParseString(token)
	if err != nil || strings.HasPrefix(token, "{") || len(message.Signatures()) != 1 {
		return "", false
	}
	headers := message.Signatures()[0].ProtectedHeaders()
	return headers.KeyID(), headers.Algorithm() == jwa.EdDSA && headers.Type() == "JWT" && len(headers.Critical()) == 0
}

// verifyJWT reads a token of an issuer and an audience that is in force.
func verifyJWT(token string, key ed25519.PublicKey, issuer, audience string, now time.Time) (c claims, ok bool) {
	read, err := jwt.ParseString(token,
		jwt.WithKey(jwa.EdDSA, key), jwt.WithValidate(true),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithRequiredClaim(jwt.ExpirationKey), jwt.WithRequiredClaim(jwt.SubjectKey), jwt.WithRequiredClaim(jwt.JwtIDKey),
		jwt.WithRequiredClaim(claimRole), jwt.WithRequiredClaim(claimEpoch), jwt.WithRequiredClaim(claimLogin),
		jwt.WithClock(jwt.ClockFunc(func() time.Time { return now })))
	if err != nil {
		return c, false
	}
	role, isRole := numberClaim(read, claimRole)
	epoch, isEpoch := numberClaim(read, claimEpoch)
	login, isLogin := numberClaim(read, claimLogin)
	return claims{
		issuer: issuer, audience: audience, subject: read.Subject(), id: read.JwtID(),
		issued: read.IssuedAt(), expires: read.Expiration(), login: time.Unix(login, 0),
		role: voiceapp.Role(role), epoch: uint64(epoch),
	}, isRole && isEpoch && isLogin
}

func numberClaim(token jwt.Token, name string) (int64, bool) {
	value, _ := token.Get(name)
	number, ok := value.(float64)
	return int64(number), ok && number >= 0 && number <= voiceapp.MaxID
}
