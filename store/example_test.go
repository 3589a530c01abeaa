package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// open gives a database that is gone when the example ends.
func open() (s *store.Store, done func()) {
	dir, err := os.MkdirTemp("", "voiceapp")
	if err != nil {
		panic(err)
	}
	s, err = store.Open(context.Background(), filepath.Join(dir, "voiceapp.db"), store.Options{
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return s, func() {
		if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
			panic(err)
		}
	}
}

// A first start makes the channels and prints a token, with which the operator
// becomes the owner.
func ExampleStore_Init() {
	s, done := open()
	defer done()
	ctx := context.Background()

	token, err := s.Init(ctx, []voiceapp.Channel{
		{ID: 1, Name: "Lobby"},
		{ID: 2, Name: "Workshop"},
		{ID: 3, Name: "Quiet", Parent: 2, RequiredRole: voiceapp.RoleModerator},
	})
	if err != nil {
		panic(err)
	}
	owner, err := s.ClaimOwner(ctx, sha256.Sum256([]byte(token)), "Anna", "$argon2id$v=19$...")
	fmt.Println(owner.Name, owner.Role, err)

	_, err = s.ClaimOwner(ctx, sha256.Sum256([]byte(token)), "Berta", "$argon2id$v=19$...")
	fmt.Println(errors.Is(err, voiceapp.BadCredentials), err)

	token, err = s.Init(ctx, nil)
	fmt.Printf("%q %v\n", token, err)
	// Output:
	// Anna owner <nil>
	// true the token is wrong, or was used, or is too old
	// "" <nil>
}

// Whether someone may join is the caller's to decide, from one read.
func ExampleStore_Access() {
	s, done := open()
	defer done()
	ctx := context.Background()

	stage, err := s.CreateChannel(ctx, voiceapp.Channel{Name: "Stage", RequiredRole: voiceapp.RoleModerator})
	if err != nil {
		panic(err)
	}
	anna, err := s.CreateUser(ctx, "Anna", "$argon2id$v=19$...", voiceapp.RoleMember)
	if err != nil {
		panic(err)
	}
	channel, role, err := s.Access(ctx, anna.ID, stage.ID)
	if err != nil {
		panic(err)
	}
	if role < channel.RequiredRole {
		fmt.Println(voiceapp.Refusal(role, channel.RequiredRole))
	}
	// Output: this needs the role moderator; yours is member
}

// What someone may do comes with the reason for each.
func ExampleStore_Permissions() {
	s, done := open()
	defer done()
	ctx := context.Background()

	stage, err := s.CreateChannel(ctx, voiceapp.Channel{Name: "Stage", SpeakRole: voiceapp.RoleModerator})
	if err != nil {
		panic(err)
	}
	may, err := s.Permissions(ctx, 0, stage.ID)
	fmt.Println(may.Join.Allowed, may.Speak.Allowed, err)
	fmt.Println(may.Speak.Reason)
	// Output:
	// true false <nil>
	// speaking in it needs the role moderator; this is guest
}

// A ban of one IPv6 address keeps out its /64, in which the address changes.
func ExampleStore_ActiveBan() {
	s, done := open()
	defer done()
	ctx := context.Background()

	if _, err := s.AddBan(ctx, voiceapp.Ban{Address: "2001:db8::7", Reason: "noise"}); err != nil {
		panic(err)
	}
	ban, banned, err := s.ActiveBan(ctx, 0, "", netip.MustParseAddr("2001:db8::abcd"))
	fmt.Println(banned, ban.Address, ban.Reason, err)
	// Output: true 2001:db8::/64 noise <nil>
}

// An invite makes as many accounts as it has uses.
func ExampleStore_NewInvite() {
	s, done := open()
	defer done()
	ctx := context.Background()

	_, token, err := s.NewInvite(ctx, voiceapp.Invite{Role: voiceapp.RoleMember, Uses: 1})
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"Anna", "Berta"} {
		user, err := s.UseInvite(ctx, sha256.Sum256([]byte(token)), name, "$argon2id$v=19$...")
		if errors.Is(err, voiceapp.BadCredentials) {
			fmt.Println(err)
		} else {
			fmt.Println(user.Name, user.Role, err)
		}
	}
	// Output:
	// Anna member <nil>
	// the invite is wrong, or was used up, or is too old
}

// A lost answer costs nothing: a token can be used until the next one was.
func ExampleStore_Resume() {
	s, done := open()
	defer done()
	ctx := context.Background()

	token, next, after := sha256.Sum256([]byte("first")), sha256.Sum256([]byte("second")), sha256.Sum256([]byte("third"))
	later := time.Now().Add(time.Hour)
	if err := s.KeepSession(ctx, voiceapp.Resumption{Session: 7, Name: "Guest", Expires: later}, token); err != nil {
		panic(err)
	}
	for _, use := range [][2][sha256.Size]byte{{token, next}, {token, next}, {next, after}, {token, next}} {
		session, err := s.Resume(ctx, use[0], use[1], later)
		fmt.Println(session.Session, err)
	}
	// Output:
	// 7 <nil>
	// 7 <nil>
	// 7 <nil>
	// 0 the session can't be resumed: log in again
}

// A name is taken whatever its case.
func ExampleStore_CreateUser() {
	s, done := open()
	defer done()
	ctx := context.Background()

	for _, name := range []string{"Jörg", "JÖRG", "Jö\nrg"} {
		user, err := s.CreateUser(ctx, name, "$argon2id$v=19$...", voiceapp.RoleMember)
		switch {
		case errors.Is(err, voiceapp.Exists):
			fmt.Println("someone else has that name")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(user.ID, user.Name, user.Role)
		}
	}
	// Output:
	// 1 Jörg member
	// someone else has that name
	// the name holds a character that names can't have: U+000A
}
