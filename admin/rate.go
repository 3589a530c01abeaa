package admin

import (
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Those below a moderator's role have few things to do here: what they ask for comes
// at most so fast, for each account, however many tokens and keys it has.
const (
	rateEvery = 200 * time.Millisecond
	rateBurst = 25
	maxRates  = 10_000 // accounts that are counted; then any is forgotten for a new one
)

// rates counts the requests of accounts by the time at which they would be as if they
// had asked for nothing (a virtual scheduling algorithm: ITU-T I.371). The zero value
// is empty.
type rates struct {
	mu  sync.Mutex
	due map[voiceapp.UserID]time.Time
}

// take reports, as [voiceapp.Limited], that an account asks too fast.
func (r *rates) take(user voiceapp.UserID, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.due == nil {
		r.due = make(map[voiceapp.UserID]time.Time)
	}
	due := r.due[user]
	if due.Before(now) {
		due = now
	}
	if wait := due.Sub(now) - (rateBurst-1)*rateEvery; wait > 0 {
		return &voiceapp.Error{Code: voiceapp.Limited, Message: "too many requests; try again later", RetryAfter: wait}
	}
	r.makeRoom(now)
	r.due[user] = due.Add(rateEvery)
	return nil
}

// makeRoom forgets accounts that are as if they had asked for nothing, and others too
// when there are too many.
func (r *rates) makeRoom(now time.Time) {
	if len(r.due) < maxRates {
		return
	}
	for user, due := range r.due {
		if len(r.due) >= maxRates || due.Before(now) {
			delete(r.due, user)
		}
	}
}
