package voiceapp_test

import (
	"errors"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
)

// A refusal says to a program what it was, and to a person what would help.
func ExampleError() {
	join := func() error { return voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleModerator) }

	err := join()
	var refusal *voiceapp.Error
	if errors.Is(err, voiceapp.Forbidden) && errors.As(err, &refusal) {
		fmt.Println(refusal.Needs)
	}
	fmt.Println(err)
	// Output:
	// role:moderator
	// this needs the role moderator; yours is guest
}

func ExampleFindPath() {
	tree := []voiceapp.Channel{{ID: 1, Name: "Lobby"}, {ID: 2, Name: "Games"}, {ID: 3, Name: "Chess", Parent: 2}}

	channel, err := voiceapp.FindPath(tree, "games/chess")
	fmt.Println(channel.ID, err)
	// Output: 3 <nil>
}

func ExampleKey() {
	grant := voiceapp.Grant{Session: 7, Up: voiceapp.Key{1, 2, 3}}
	fmt.Println(grant.Session, grant.Up)
	// Output: 7 [redacted]
}
