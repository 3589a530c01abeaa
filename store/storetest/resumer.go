package storetest

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func resumerParts() []part {
	return []part{
		{"Resume", testResume},
		{"LostAnswer", testResumeLostAnswer},
		{"Race", testResumeRace},
		{"End", testResumeEnd},
		{"Expiry", testResumeExpiry},
		{"Refuses", testResumeRefuses},
	}
}

func tokenOf(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }

func inAnHour() time.Time { return time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond) }

func (r *rig) keep(t *testing.T, session voiceapp.Resumption, token string) {
	t.Helper()
	session.Expires = inAnHour()
	if err := as[Resumer](r).KeepSession(t.Context(), session, tokenOf(token)); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) resume(t *testing.T, token, next string) (voiceapp.Resumption, error) {
	t.Helper()
	return as[Resumer](r).Resume(t.Context(), tokenOf(token), tokenOf(next), inAnHour())
}

// sessionNumber is that of the guest in the tests of one session.
const sessionNumber = 7

func (r *rig) wantResume(t *testing.T, token, next string) {
	t.Helper()
	if got, err := r.resume(t, token, next); err != nil || got.Session != sessionNumber {
		t.Errorf("Resume(%s) = %+v, %v; want session %d", token, got, err, sessionNumber)
	}
}

func (r *rig) wantNoResume(t *testing.T, token string) {
	t.Helper()
	_, err := r.resume(t, token, "never")
	wantCode(t, "Resume("+token+")", err, voiceapp.BadCredentials)
}

func testResume(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleModerator)
	r.keep(t, voiceapp.Resumption{Session: 1<<32 - 1, User: anna.ID, Name: "no matter", Device: deviceA}, "a1")
	r.keep(t, voiceapp.Resumption{Session: 8, Name: "Guest"}, "g1")
	expires := inAnHour()
	for _, c := range []struct {
		token, next string
		want        voiceapp.Resumption
	}{
		{"a1", "a2", voiceapp.Resumption{Session: 1<<32 - 1, User: anna.ID, Name: "Anna", Role: voiceapp.RoleModerator, Device: deviceA, Expires: expires}},
		{"g1", "g2", voiceapp.Resumption{Session: 8, Name: "Guest", Expires: expires}},
		{"a2", "a3", voiceapp.Resumption{Session: 1<<32 - 1, User: anna.ID, Name: "Anna", Role: voiceapp.RoleModerator, Device: deviceA, Expires: expires}},
	} {
		got, err := as[Resumer](r).Resume(t.Context(), tokenOf(c.token), tokenOf(c.next), expires)
		if err != nil || got != c.want {
			t.Errorf("Resume(%s) = %+v, %v; want %+v", c.token, got, err, c.want)
		}
	}
	for _, token := range []string{"a1", "g9", ""} {
		r.wantNoResume(t, token)
	}
}

// testResumeLostAnswer checks that a token stays valid until the one that came of
// it is used.
func testResumeLostAnswer(t *testing.T, r *rig) {
	r.keep(t, voiceapp.Resumption{Session: sessionNumber, Name: "Guest"}, "old")
	r.wantResume(t, "old", "lost")
	r.wantResume(t, "old", "lost too")
	r.wantResume(t, "old", "next")
	r.wantNoResume(t, "lost")
	r.wantNoResume(t, "lost too")
	r.wantResume(t, "next", "after")
	r.wantNoResume(t, "old")
	r.wantResume(t, "next", "after that")
}

// testResumeRace resumes with one token from many places: afterwards that token
// and one other are left.
func testResumeRace(t *testing.T, r *rig) {
	r.keep(t, voiceapp.Resumption{Session: sessionNumber, Name: "Guest"}, "old")
	next := names("next", 20)
	won := race(len(next), func(i int) bool {
		_, err := r.resume(t, "old", next[i])
		return err == nil
	})
	if won != len(next) {
		t.Errorf("%d of %d resumed", won, len(next))
	}
	left := 0
	for _, token := range next {
		if _, err := r.resume(t, token, "then "+token); err == nil {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d tokens are left, want 1", left)
	}
	r.wantNoResume(t, "old")
}

func testResumeEnd(t *testing.T, r *rig) {
	resumer := as[Resumer](r)
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	keepAll := func() {
		for _, session := range []voiceapp.SessionID{1, 2, 3, 4, 5} {
			if err := resumer.EndSession(t.Context(), session); err != nil {
				t.Fatal(err)
			}
		}
		r.keep(t, voiceapp.Resumption{Session: 1, User: anna.ID, Device: deviceA}, "1")
		r.keep(t, voiceapp.Resumption{Session: 2, User: anna.ID}, "2")
		r.keep(t, voiceapp.Resumption{Session: 3, Name: "Guest", Device: deviceA}, "3")
		r.keep(t, voiceapp.Resumption{Session: 4, Name: "Guest", Device: deviceB}, "4")
		r.keep(t, voiceapp.Resumption{Session: 5, Name: "Guest"}, "5")
	}
	for what, c := range map[string]struct {
		end  func() error
		left string
	}{
		"one session": {func() error { return resumer.EndSession(t.Context(), 4) }, "1235"},
		"an account":  {func() error { return resumer.EndSessions(t.Context(), anna.ID, "") }, "345"},
		"a device":    {func() error { return resumer.EndSessions(t.Context(), 0, deviceA) }, "245"},
		"both":        {func() error { return resumer.EndSessions(t.Context(), anna.ID, deviceB) }, "35"},
		"nobody":      {func() error { return resumer.EndSessions(t.Context(), 0, "") }, "12345"},
	} {
		keepAll()
		if err := c.end(); err != nil {
			t.Fatal(err)
		}
		var left strings.Builder
		for _, token := range []string{"1", "2", "3", "4", "5"} {
			if _, err := r.resume(t, token, "next "+token); err == nil {
				left.WriteString(token)
			}
		}
		if left.String() != c.left {
			t.Errorf("after the end of %s %q are left, want %q", what, left.String(), c.left)
		}
	}
	accounts, ok := r.Directory.(Accounts)
	if !ok {
		return
	}
	keepAll()
	if err := accounts.SetPassword(t.Context(), anna.ID, hashB); err != nil {
		t.Fatal(err)
	}
	r.wantNoResume(t, "1")
	r.keep(t, voiceapp.Resumption{Session: 6, User: anna.ID}, "6")
	if err := accounts.DeleteUser(t.Context(), anna.ID); err != nil {
		t.Fatal(err)
	}
	r.wantNoResume(t, "6")
}

func testResumeExpiry(t *testing.T, r *rig) {
	r.keep(t, voiceapp.Resumption{Session: sessionNumber, Name: "Guest"}, "old")
	r.advance(t, 365*24*time.Hour)
	_, err := as[Resumer](r).Resume(t.Context(), tokenOf("old"), tokenOf("next"), time.Now().Add(2*365*24*time.Hour))
	wantCode(t, "Resume of one that is too old", err, voiceapp.BadCredentials)
	r.advance(t, -365*24*time.Hour)
	r.wantResume(t, "old", "next")
}

func testResumeRefuses(t *testing.T, r *rig) {
	resumer := as[Resumer](r)
	r.keep(t, voiceapp.Resumption{Session: sessionNumber, Name: "Guest"}, "kept")
	for _, c := range []struct {
		session voiceapp.Resumption
		token   string
		code    voiceapp.Code
	}{
		{voiceapp.Resumption{Name: "Guest", Expires: inAnHour()}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, Expires: inAnHour()}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, Name: strings.Repeat("x", 10_000), Expires: inAnHour()}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, Name: "Guest", Device: "nonsense", Expires: inAnHour()}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, Name: "Guest"}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, Name: "Guest", Expires: time.Unix(1<<62, 0)}, "x", voiceapp.Invalid},
		{voiceapp.Resumption{Session: 8, User: voiceapp.MaxID + 1, Expires: inAnHour()}, "x", voiceapp.NotFound},
		{voiceapp.Resumption{Session: 8, User: -1, Expires: inAnHour()}, "x", voiceapp.NotFound},
		{voiceapp.Resumption{Session: 8, Name: "Guest", Expires: inAnHour()}, "kept", voiceapp.Conflict},
	} {
		wantCode(t, "KeepSession", resumer.KeepSession(t.Context(), c.session, tokenOf(c.token)), c.code)
	}
	r.wantNoResume(t, "x")
	_, err := r.resume(t, "kept", "kept")
	wantCode(t, "Resume with the same token as the next", err, voiceapp.Conflict)
	_, err = resumer.Resume(t.Context(), tokenOf("kept"), tokenOf("next"), time.Now().Add(-365*24*time.Hour))
	wantCode(t, "Resume with an expiry that is over", err, voiceapp.Invalid)
	r.wantNoResume(t, "next")
	r.wantResume(t, "kept", "next")
}
