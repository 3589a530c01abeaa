package store

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestCreateUserRefuses(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	for _, bad := range []struct {
		what, name, hash string
		role             voiceapp.Role
	}{
		{"empty name", "", someHash, 0},
		{"long name", strings.Repeat("x", 10_000), someHash, 0},
		{"bidirectional name", "Anna\u202e", someHash, 0},
		{"control character", "An\nna", someHash, 0},
		{"not UTF-8", "An\xffna", someHash, 0},
		{"password in place of a hash", "Anna", "correct horse", 0},
		{"empty hash", "Anna", "", 0},
		{"low role", "Anna", someHash, -1},
		{"high role", "Anna", someHash, 41},
	} {
		if _, err := s.CreateUser(t.Context(), bad.name, bad.hash, bad.role); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v, want Invalid", bad.what, err)
		}
	}
	if _, err := s.ClaimOwner(t.Context(), [32]byte{}, "", someHash); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a claim without a name: %v, want Invalid", err)
	}
	if writes := s.Stats().Writes; writes != 0 {
		t.Errorf("%d writes reached the database", writes)
	}
}

func TestCreateChannel(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	top := lobby(t, s)
	if top.Bitrate != voiceapp.DefaultBitrate || top.ID == 0 {
		t.Errorf("the channel is %+v", top)
	}
	for _, want := range []voiceapp.Channel{
		{ID: 99, Name: "Low", Parent: top.ID, Bitrate: voiceapp.MinBitrate},
		{Name: "High", Parent: top.ID, Bitrate: voiceapp.MaxBitrate, RequiredRole: voiceapp.RoleOwner},
		{Name: "Lobby", Parent: top.ID, Bitrate: 1 + voiceapp.MinBitrate},
	} {
		got, err := s.CreateChannel(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Position = got.ID, got.Position
		if got != want || got.ID == 99 {
			t.Errorf("CreateChannel gave %+v, want %+v", got, want)
		}
		channels, err := s.Channels(t.Context())
		if err != nil || channels[len(channels)-1] != want {
			t.Errorf("the last of its siblings is not the new one: %v, %v", channels, err)
		}
	}
}

func TestCreateChannelRefuses(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	top := lobby(t, s)
	if _, err := s.CreateChannel(t.Context(), voiceapp.Channel{Name: "Straße", Parent: top.ID}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct {
		channel voiceapp.Channel
		code    voiceapp.Code
	}{
		{voiceapp.Channel{Name: "LOBBY"}, voiceapp.Exists},
		{voiceapp.Channel{Name: "straßE", Parent: top.ID}, voiceapp.Exists},
		{voiceapp.Channel{Name: "Orphan", Parent: 99}, voiceapp.NotFound},
		{voiceapp.Channel{Name: "Orphan", Parent: -1}, voiceapp.NotFound},
		{voiceapp.Channel{Name: "a/b"}, voiceapp.Invalid},
		{voiceapp.Channel{Name: strings.Repeat("x", 65)}, voiceapp.Invalid},
		{voiceapp.Channel{Name: "Slow", Bitrate: voiceapp.MinBitrate - 1}, voiceapp.Invalid},
		{voiceapp.Channel{Name: "Negative", Bitrate: -1}, voiceapp.Invalid},
		{voiceapp.Channel{Name: "Fast", Bitrate: 1_000_000_000}, voiceapp.Invalid},
		{voiceapp.Channel{Name: "Closed", RequiredRole: 41}, voiceapp.Invalid},
		{voiceapp.Channel{Name: "Open", RequiredRole: -1}, voiceapp.Invalid},
	} {
		if got, err := s.CreateChannel(t.Context(), bad.channel); !errors.Is(err, bad.code) || got != (voiceapp.Channel{}) {
			t.Errorf("CreateChannel(%+v) = %+v, %v; want code %q", bad.channel, got, err, bad.code)
		}
	}
	channels, err := s.Channels(t.Context())
	if err != nil || len(channels) != 2 {
		t.Errorf("channels are %v, %v", channels, err)
	}
}

// Whatever SQL is tried, no channel comes to be above itself.
func TestChannelsStayATree(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	var parent voiceapp.ChannelID
	for _, name := range []string{"1", "2", "3", "4"} {
		channel, err := s.CreateChannel(t.Context(), voiceapp.Channel{Name: name, Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		parent = channel.ID
	}
	before, err := s.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"UPDATE channels SET parent_id = 1 WHERE id = 1",
		"UPDATE channels SET parent_id = 4 WHERE id = 1",
		"UPDATE channels SET parent_id = 3 WHERE id = 2",
		"UPDATE channels SET id = 5, parent_id = 5 WHERE id = 4",
		"INSERT INTO channels (id, name, name_key, parent_id, required_role, bitrate, position, created) VALUES (9, 'x', 'x', 9, 0, 64000, 1, 0)",
		"INSERT OR REPLACE INTO channels (id, name, name_key, parent_id, required_role, bitrate, position, created) VALUES (1, '1', '1', 4, 0, 64000, 1, 0)",
		"DELETE FROM channels WHERE id = 2",
	} {
		err := s.write(t.Context(), func(c *conn) error { return c.exec(sql) })
		if !errors.Is(err, sqlite3.CONSTRAINT) {
			t.Errorf("%s: %v, want a constraint", sql, err)
		}
	}
	if err := s.write(t.Context(), func(c *conn) error {
		return c.exec("UPDATE channels SET parent_id = 1 WHERE id = 4")
	}); err != nil {
		t.Errorf("a move that makes no circle: %v", err)
	}
	after, err := s.Channels(t.Context())
	if err != nil || len(after) != len(before) {
		t.Errorf("channels are %v, %v", after, err)
	}
}

func TestInit(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	seed := []voiceapp.Channel{{ID: 7, Name: "Lobby"}, {ID: 3, Name: "Inner", Parent: 7, RequiredRole: 20, Bitrate: 32_000}}
	token, err := s.Init(t.Context(), seed)
	if err != nil || len(token) < 26 {
		t.Fatalf("Init = %q, %v", token, err)
	}
	first, err := s.Channels(t.Context())
	if err != nil || len(first) != 2 || first[1].Parent != first[0].ID || first[1].RequiredRole != 20 {
		t.Errorf("channels are %v, %v", first, err)
	}
	again, err := s.Init(t.Context(), append(seed, voiceapp.Channel{ID: 1, Name: "More"}))
	if err != nil || again != "" {
		t.Errorf("a second Init = %q, %v; want nothing", again, err)
	}
	if second, err := s.Channels(t.Context()); err != nil || !slices.Equal(first, second) {
		t.Errorf("channels became %v, %v", second, err)
	}
	if _, err := s.ClaimOwner(t.Context(), sha256.Sum256([]byte(token)), "Anna", someHash); err != nil {
		t.Errorf("the token: %v", err)
	}
}

func TestInitRefuses(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	for name, channels := range map[string][]voiceapp.Channel{
		"no such parent":       {{ID: 1, Name: "A", Parent: 2}},
		"parent comes later":   {{ID: 1, Name: "A", Parent: 2}, {ID: 2, Name: "B"}},
		"one id twice":         {{ID: 1, Name: "A"}, {ID: 1, Name: "B"}},
		"no id":                {{Name: "A"}},
		"a name that can't be": {{ID: 1, Name: "A/B"}},
	} {
		if token, err := s.Init(t.Context(), channels); !errors.Is(err, voiceapp.Invalid) || token != "" {
			t.Errorf("%s: %q, %v; want Invalid", name, token, err)
		}
	}
	if channels, err := s.Channels(t.Context()); err != nil || len(channels) != 0 {
		t.Errorf("channels are %v, %v; want none", channels, err)
	}
}

func TestOwnerTokens(t *testing.T) {
	now := time.Now()
	s := openTest(t, newPath(t), Options{Log: quiet.Log, Now: func() time.Time { return now }})
	claim := func(token, name string) error {
		_, err := s.ClaimOwner(t.Context(), sha256.Sum256([]byte(token)), name, someHash)
		return err
	}
	fresh := func() string {
		token, err := s.NewOwnerToken(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	first, second := fresh(), fresh()
	if err := claim(first, "Anna"); !errors.Is(err, voiceapp.BadCredentials) {
		t.Errorf("a token that was replaced: %v", err)
	}
	if err := claim(second, "a/b"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a name that can't be: %v", err)
	}
	if err := claim(second, "Anna"); err != nil {
		t.Errorf("an open token: %v", err)
	}

	third := fresh()
	now = now.Add(OwnerTokenLifetime)
	if err := claim(third, "Berta"); !errors.Is(err, voiceapp.BadCredentials) {
		t.Errorf("a token that is too old: %v", err)
	}
	now = now.Add(-365 * 24 * time.Hour)
	if err := claim(third, "Berta"); err != nil {
		t.Errorf("a token made in the future, by a clock that was set right: %v", err)
	}
	if first == second || second == third {
		t.Error("two tokens are the same")
	}
}

// No token and no password is in the files.
func TestTokenIsNotKept(t *testing.T) {
	path := newPath(t)
	s := openTest(t, path, quiet)
	token, err := s.Init(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if inFiles(t, path, token) {
		t.Error("the token is in the database")
	}
	if hash := sha256.Sum256([]byte(token)); !inFiles(t, path, string(hash[:])) {
		t.Error("its hash is not: the test does not look where it should")
	}
}
