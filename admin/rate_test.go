package admin

import (
	"errors"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestRates(t *testing.T) {
	var r rates
	now := time.Now()
	for i := range rateBurst {
		if err := r.take(1, now); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	err := r.take(1, now)
	if wait := voiceapp.AsError(err); !errors.Is(err, voiceapp.Limited) || wait.RetryAfter <= 0 || wait.RetryAfter > rateEvery {
		t.Errorf("after a burst: %v", err)
	}
	if err := r.take(2, now); err != nil {
		t.Errorf("another pays for it: %v", err)
	}
	if err := r.take(1, now.Add(rateEvery)); err != nil {
		t.Errorf("later: %v", err)
	}
	for user := range voiceapp.UserID(3 * maxRates) {
		if err := r.take(user+10, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.due) > maxRates {
		t.Errorf("%d accounts are remembered", len(r.due))
	}
}
