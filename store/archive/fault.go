package archive

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"github.com/voiceapp-sdk/voiceapp"
)

// cannotWrite says why something could not be written.
func cannotWrite(path string, err error) error {
	var known *voiceapp.Error
	switch place := strconv.Quote(path); {
	case errors.As(err, &known):
		return known
	case errors.Is(err, syscall.ENOSPC):
		return voiceapp.WrapError(voiceapp.Busy, "the disk of "+place+" is full: make room on it", err)
	default:
		return voiceapp.WrapError(voiceapp.Unavailable, place+" can't be written: give this user the right to write there, or choose another place", err)
	}
}

func cannotRead(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return voiceapp.NewError(voiceapp.NotFound, "there is no file "+strconv.Quote(path))
	}
	return voiceapp.WrapError(voiceapp.Unavailable, strconv.Quote(path)+" can't be read", err)
}

// syncDir makes what was renamed in a directory durable. Windows can't and need
// not.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
