package control

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func newTestRoster(channels ...voiceapp.Channel) *roster {
	r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
	r.tree = newTree(channels)
	return r
}

// wantHeard fails when what was queued for a session since the last call is
// something else: a line for each event, with the names or numbers in it.
func wantHeard(t *testing.T, s *session, want ...string) {
	t.Helper()
	var got []string
	for line := range bytes.Lines(bytes.Join(s.conn.out.lines, nil)) {
		got = append(got, summary(t, line))
	}
	s.conn.out.lines, s.conn.out.bytes = nil, 0
	if !slices.Equal(got, want) {
		t.Errorf("%s heard %q, want %q", s.name, got, want)
	}
}

func summary(t *testing.T, line []byte) string {
	t.Helper()
	m, err := decodeLine(line)
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Users    []voiceapp.Presence
		Channels []voiceapp.Channel
	}
	if err := decodeParams(m.Params, &e); err != nil {
		t.Fatal(err)
	}
	said := m.Method
	for _, u := range e.Users {
		said += fmt.Sprintf(" %s@%d", u.Name, u.Channel)
	}
	for _, ch := range e.Channels {
		said += fmt.Sprintf(" #%d", ch.ID)
	}
	return said
}

// What happens to many within the same moment is one line for each kind.
func TestPresenceGoesOutTogether(t *testing.T) {
	hall := voiceapp.Channel{ID: 1, Name: "Hall"}
	r := newTestRoster(hall)
	anna, bo := testSession(t, r, "anna"), testSession(t, r, "bo")
	r.flush()
	wantHeard(t, anna, "user.joined anna@0 bo@0")
	for range 10 {
		for _, s := range []*session{anna, bo} {
			if err := r.enter(s, hall); err != nil {
				t.Fatal(err)
			}
		}
	}
	cy := testSession(t, r, "cy")
	r.remove(testSession(t, r, "dee"))
	wantHeard(t, anna)
	r.flush()
	wantHeard(t, anna, "user.joined cy@0 dee@0", "user.updated anna@1 bo@1", "user.left @0")
	r.flush()
	wantHeard(t, anna)
	r.remove(cy)
	r.remove(bo)
	r.flush()
	wantHeard(t, anna, "user.left @0 @0")
}

// A session's own coming is no news to it, unless it has become something else
// meanwhile.
func TestOnesOwnComing(t *testing.T) {
	r := newTestRoster()
	anna := testSession(t, r, "anna")
	r.flush()
	wantHeard(t, anna)
	bo := testSession(t, r, "bo")
	r.setRole(bo, voiceapp.RoleMember)
	wantHeard(t, bo, "user.joined bo@0")
	wantHeard(t, anna, "user.joined bo@0")
}

// A channel that a role may not see is none for it: not in the tree, and nobody is
// in it.
func TestHiddenChannel(t *testing.T) {
	hall, attic := voiceapp.Channel{ID: 1, Name: "Hall"}, voiceapp.Channel{ID: 2, Name: "Attic"}
	r := newTestRoster(hall, attic)
	guest, mod := testSession(t, r, "guest"), testSession(t, r, "mod")
	r.setRole(mod, voiceapp.RoleModerator)
	if err := r.enter(mod, attic); err != nil {
		t.Fatal(err)
	}
	r.flush()
	wantHeard(t, guest, "user.joined guest@0 mod@0", "user.updated mod@2")
	attic.SeeRole = voiceapp.RoleModerator
	attic.RequiredRole = voiceapp.RoleModerator
	r.setTree([]voiceapp.Channel{hall, attic})
	wantHeard(t, guest, "user.updated mod@0", "channel.deleted #2")
	r.setRole(guest, voiceapp.RoleModerator)
	wantHeard(t, guest, "user.updated guest@0", "channel.updated #2", "user.updated mod@2")
	r.setRole(guest, voiceapp.RoleGuest)
	wantHeard(t, guest, "user.updated guest@0", "user.updated mod@0", "channel.deleted #2")
	attic.SeeRole = 0
	r.setTree([]voiceapp.Channel{hall, attic})
	wantHeard(t, guest, "channel.updated #2", "user.updated mod@2")
	r.setTree([]voiceapp.Channel{hall})
	wantHeard(t, guest, "user.updated mod@0", "channel.deleted #2")
	if mod.channel != 0 {
		t.Errorf("mod is in %d, which is no more", mod.channel)
	}
}
