package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// tokenSettings are those of the commands that print a token.
type tokenSettings struct {
	settings
	JSON bool `name:"json" help:"print it as JSON"`
}

// printedToken is a token as JSON has it.
type printedToken struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// printOwnerToken answers the command owner-token.
func printOwnerToken(ctx context.Context, streams *cli.Streams, s *tokenSettings) error {
	db, err := openStore(ctx, &s.settings, mustExist, s.logger(streams, s.LogLevel))
	if err != nil {
		return err
	}
	token, err := db.NewOwnerToken(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if s.JSON {
		return streams.PrintJSON(printedToken{token, time.Now().Add(store.OwnerTokenLifetime).UTC().Truncate(time.Second)})
	}
	fmt.Fprintln(streams.Out, token)
	return nil
}

// printAdminToken answers the command admin-token.
func printAdminToken(streams *cli.Streams, s *tokenSettings) error {
	_, fingerprint, err := control.LoadOrCreateIdentity(filepath.Join(s.Data, "tls"))
	if err != nil {
		return err
	}
	keys, err := admin.LoadOrCreateKeys(filepath.Join(s.Data, tokenKeyFile), fingerprint)
	if err != nil {
		return err
	}
	token, expires, err := keys.Operator(time.Now())
	if err != nil {
		return err
	}
	if s.JSON {
		return streams.PrintJSON(printedToken{token, expires})
	}
	fmt.Fprintln(streams.Out, token)
	fmt.Fprintf(streams.Err, "An owner's, good until %s. Send it as: Authorization: Bearer TOKEN\n", expires.Format(time.TimeOnly))
	return nil
}

// rotateAdminKey answers the command rotate-admin-key.
func rotateAdminKey(streams *cli.Streams, s *settings) error {
	if err := admin.RotateKeys(filepath.Join(s.Data, tokenKeyFile)); err != nil {
		return unusableData(err)
	}
	fmt.Fprintln(streams.Out, "there is a new key; a server that runs takes it at SIGHUP")
	return nil
}
