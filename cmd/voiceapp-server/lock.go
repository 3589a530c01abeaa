package main

import (
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/voiceapp-sdk/voiceapp"
)

// lockData keeps a second server off the data directory until unlock, or until the
// process ends, however it ends. The other commands don't mind it.
func lockData(data string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(data, "serve.lock"), flock.SetPermissions(0o600))
	switch free, err := lock.TryLock(); {
	case err != nil:
		return nil, unusableData(err)
	case !free:
		return nil, voiceapp.NewError(voiceapp.Conflict, "another server is running on "+data+": stop it, or name another directory by --data")
	}
	return lock.Unlock, nil
}
