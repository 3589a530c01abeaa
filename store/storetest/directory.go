package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// Directory has the methods of control.Directory, which says what each does.
type Directory interface {
	Credential(ctx context.Context, name string) (user voiceapp.User, hash string, err error)
	CreateUser(ctx context.Context, name, hash string, role voiceapp.Role) (voiceapp.User, error)
	ClaimOwner(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error)
	Channels(ctx context.Context) ([]voiceapp.Channel, error)
	Access(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error)
}

// Open gives a directory that holds these channels, no account, and one open
// one-time owner token, which it returns as it would be shown to a person. The
// ids in channels only say which is under which: each Parent stands earlier in
// the slice, and the directory may give ids of its own.
type Open func(t *testing.T, channels []voiceapp.Channel) (dir Directory, ownerToken string)

// TestDirectory checks that a directory does what control.Directory promises:
//
//  1. Channels gives the tree: all of it, parents before their children,
//     siblings in their order, in a slice that is the caller's.
//  2. CreateUser makes an account that Credential finds under its name in any
//     case, with the same id, role, time and hash.
//  3. A name is taken in any case; the account that has it is left as it was.
//     Of many who ask for one name at once, one gets it.
//  4. Credential of an unknown name is NotFound.
//  5. ClaimOwner makes an owner, or makes one of the account of that name with
//     the new hash, and uses the token up. Any other token is BadCredentials
//     and changes nothing. Of many at once, one succeeds.
//  6. Access gives a channel as Channels does, with the role that the user has
//     at that moment, and guest for user 0. NotFound for a channel or a user
//     that does not exist.
//  7. An answer given before another call begins is seen by that call.
func TestDirectory(t *testing.T, open Open) {
	t.Helper()
	runParts(t, open, []part{
		{"Channels", testChannels},
		{"ChannelsSliceIsTheCallers", testChannelsSlice},
		{"CreateUser", testCreateUser},
		{"CreateUserTaken", testCreateUserTaken},
		{"CreateUserRace", testCreateUserRace},
		{"CredentialUnknown", testCredentialUnknown},
		{"ClaimOwnerNew", testClaimOwnerNew},
		{"ClaimOwnerExisting", testClaimOwnerExisting},
		{"ClaimOwnerWrongToken", testClaimOwnerWrongToken},
		{"ClaimOwnerRace", testClaimOwnerRace},
		{"Access", testAccess},
		{"AccessUnknown", testAccessUnknown},
		{"AccessBesideWrites", testAccessBesideWrites},
	})
}

// rig is a directory under test.
type rig struct {
	Directory
	token [sha256.Size]byte
}

// Two hashes in the form that real ones have.
const (
	hashA = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$YWFhYWFhYWFhYWFhYWFhYWFhYWFhYQ"
	hashB = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$YmJiYmJiYmJiYmJiYmJiYmJiYmJiYg"
)

// seed is a tree with siblings whose order is not that of their names, and one
// name in two places.
func seed() []voiceapp.Channel {
	return []voiceapp.Channel{
		{ID: 1, Name: "Lobby", Bitrate: 64_000},
		{ID: 2, Name: "Workshop", Bitrate: 48_000},
		{ID: 3, Name: "Zebra", Parent: 2, RequiredRole: voiceapp.RoleMember, Bitrate: 96_000},
		{ID: 4, Name: "Ant", Parent: 2, Bitrate: 32_000},
		{ID: 5, Name: "Lobby", Parent: 3, RequiredRole: 15, Bitrate: voiceapp.MinBitrate},
		{ID: 6, Name: "Backstage", RequiredRole: voiceapp.RoleModerator, Bitrate: voiceapp.MaxBitrate},
	}
}

// channel finds one by its path.
func (r *rig) channel(t *testing.T, path string) voiceapp.Channel {
	t.Helper()
	channels, err := r.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := voiceapp.FindPath(channels, path)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// user makes an account.
func (r *rig) user(t *testing.T, name string, role voiceapp.Role) voiceapp.User {
	t.Helper()
	user, err := r.CreateUser(t.Context(), name, hashA, role)
	if err != nil {
		t.Fatalf("CreateUser(%q): %v", name, err)
	}
	return user
}

// wantCode fails unless err carries a code.
func wantCode(t *testing.T, what string, err error, code voiceapp.Code) {
	t.Helper()
	var typed *voiceapp.Error
	if !errors.As(err, &typed) || typed.Code != code {
		t.Errorf("%s: error is %v, want code %q", what, err, code)
	}
}

func sameUser(a, b voiceapp.User) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Role == b.Role && a.Created.Equal(b.Created)
}
