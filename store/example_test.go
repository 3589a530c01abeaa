package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

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
