package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// signOutTime is how long a server may take to end a token.
const signOutTime = 10 * time.Second

type removeBookmark struct {
	StaySignedIn bool `name:"stay-signed-in" help:"leave the token of this device as it is at the server"`
}

func (r *removeBookmark) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return withBookmark(args[0], func(book *bookmarks.Book, b bookmarks.Bookmark) error {
		had, err := book.ForgetSecret(ctx, openSecrets(), b)
		err = errors.Join(err, book.Remove(b.ID))
		if had.Token != "" && !r.StaySignedIn {
			signOut(ctx, streams, b, had.Token)
		}
		return err
	})
}

// signOut has a server end a token, and says so when it can't be reached: the token is
// forgotten here by then.
func signOut(ctx context.Context, streams *cli.Streams, b bookmarks.Bookmark, token string) {
	ctx, cancel := context.WithTimeout(ctx, signOutTime)
	defer cancel()
	err := control.ForgetDevice(ctx, b.HostPort(), control.ClientConfig{Fingerprint: b.Fingerprint}, token)
	if err != nil {
		fmt.Fprintf(streams.Err, "warning: this device is not signed out at %s: %v. Its token is good there until an admin ends it, you change your password, or %d days have passed.\n",
			cli.Printable(b.HostPort()), voiceapp.AsError(err).Message, int(voiceapp.DeviceTokenLifetime/(24*time.Hour)))
	}
}
