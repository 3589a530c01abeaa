package control

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 30 * time.Second
)

// backoff says how long to wait before the next try, after so many that came to
// nothing: any time up to a bound that doubles, so that many who were lost at the
// same time do not come back at the same time. What a server asks for comes first.
func backoff(tries int, why error) time.Duration {
	bound := longestBackoff
	if tries < 6 {
		bound = min(firstBackoff<<tries, longestBackoff)
	}
	if asked := retryAfter(why); asked > 0 {
		return asked + rand.N(firstBackoff)
	}
	return rand.N(bound)
}

// retryAfter is the wait that an error asks for, 0 when it does not.
func retryAfter(why error) time.Duration {
	if closed := (*ClosedError)(nil); errors.As(why, &closed) {
		return closed.RetryAfter
	}
	if e := (*voiceapp.Error)(nil); errors.As(why, &e) {
		return e.RetryAfter
	}
	return 0
}

// passes reports whether an error may go away by itself: the network, or a server
// that is stopping, busy, or wants one to wait. A kick, a ban, a wrong password or
// another key do not.
func passes(why error) bool {
	if errors.Is(why, ErrClientClosed) {
		return false
	}
	switch voiceapp.AsError(why).Code {
	case voiceapp.Unavailable, voiceapp.Busy, voiceapp.Limited, voiceapp.Internal:
		return true
	default:
		return false
	}
}
