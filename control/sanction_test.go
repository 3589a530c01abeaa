package control

import (
	"net/netip"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// What is remembered of those who were kicked or silenced stays bounded, and of
// kicks what is over goes first.
func TestSanctionsAreBounded(t *testing.T) {
	c := newSanctions()
	over := &voiceapp.Error{Code: voiceapp.Kicked, Until: time.Now().Add(-time.Second)}
	for i := range 100 {
		c.kicked[mark{user: voiceapp.UserID(i + 1)}] = over
	}
	until := &voiceapp.Error{Code: voiceapp.Kicked, Until: time.Now().Add(time.Hour)}
	c.kick(marksOf(1, "device", netip.Addr{}), until)
	if len(c.kicked) != 2 {
		t.Errorf("%d are remembered, want the account and the device of the last", len(c.kicked))
	}
	for i := range maxSanctioned {
		c.kicked[mark{user: voiceapp.UserID(i + 1)}] = until
		c.silenced[mark{user: voiceapp.UserID(i + 1)}] = &silence{muted: true}
	}
	for i := range 20 {
		marks := marksOf(voiceapp.UserID(maxSanctioned+i+1), "", netip.Addr{})
		c.kick(marks, until)
		c.silence(marks, voiceapp.RoleGuest, func(muted, _ *bool) { *muted = true })
		if muted, _ := c.silencing(marks); !muted || c.refusal(marks) == nil {
			t.Fatalf("the newest, number %d, is not remembered", i)
		}
	}
	if len(c.kicked) > maxSanctioned || len(c.silenced) > maxSanctioned {
		t.Errorf("%d and %d are remembered", len(c.kicked), len(c.silenced))
	}
}
