package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

// backupSettings are those of the command backup.
type backupSettings struct {
	settings
	Replace bool `name:"replace" help:"write over a file that is there already"`
}

const backupHelp = `Writes the whole server to one file: the database, the TLS key and the key that signs tokens, not config.toml. The
server may be running. The file is checked, and at its place only when all of it is on the disk. It holds secrets: keep it
as you keep a password.

  voiceapp-server backup ~/voiceapp-monday.tar`

// backup answers the command backup.
func backup(ctx context.Context, streams *cli.Streams, s *backupSettings, file string) error {
	if archive.Pending(s.Data) {
		return errPending(s.Data)
	}
	m, err := archive.Create(ctx, s.Data, file, archive.Options{Program: programVersion(), Replace: s.Replace})
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "backed up %s: %s\n", file, describe(m))
	return nil
}

const restoreHelp = `Puts the server that a backup holds into the data directory. The server must not be running. All of the backup is read
and checked first; what was in the directory is kept in backups/, and its place printed. When the command is cut off, either
nothing has changed, or the next start of the server completes it.

  voiceapp-server restore ~/voiceapp-monday.tar`

// restore answers the command restore.
func restore(ctx context.Context, streams *cli.Streams, s *settings, file string) (err error) {
	if err := s.makeData(); err != nil {
		return err
	}
	unlock, err := lockData(s.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	result, err := archive.Restore(ctx, file, s.Data)
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "restored %s into %s: %s\n", file, s.Data, describe(result.Manifest))
	if result.Aside != "" {
		fmt.Fprintf(streams.Out, "what was there before is in %s\n", result.Aside)
	}
	return nil
}

func describe(m archive.Manifest) string {
	return fmt.Sprintf("files=%d bytes=%d schema=%d made=%s", len(m.Files), m.Size(), m.Schema, m.Made.Format("2006-01-02T15:04:05Z"))
}
