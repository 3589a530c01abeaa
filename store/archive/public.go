package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp/store"
)

// Public writes the database of an archive to file, without what could let anybody
// in or be taken for the server, and without direct messages: no hash of a password,
// no token and no key (see [store.Redact]). It needs room for the database beside file. The errors are those
// of [Verify].
func Public(ctx context.Context, archive, file string) (err error) {
	work, err := os.MkdirTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return cannotWrite(file, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if _, err := unpack(ctx, archive, work); err != nil {
		return err
	}
	database := filepath.Join(work, Database)
	if err := store.Redact(ctx, database); err != nil {
		return err
	}
	if err := os.Rename(database, file); err != nil {
		return cannotWrite(file, err)
	}
	return nil
}
