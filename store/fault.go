package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// errClosed is what a closed store answers.
func errClosed() error {
	return voiceapp.NewError(voiceapp.Unavailable, "the database is closed")
}

// errEnded is what a caller gets whose context ended before its turn.
func errEnded(ctx context.Context) error {
	return voiceapp.WrapError(voiceapp.Unavailable, "the database did not get to it in time", context.Cause(ctx))
}

// fault turns an error into the [voiceapp.Error] that says it to people. What
// is one already stays as it is.
func fault(ctx context.Context, err error) error {
	var known *voiceapp.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, sqlite3.INTERRUPT) && ctx.Err() != nil:
		return errEnded(ctx)
	case diskFull(err):
		return voiceapp.WrapError(voiceapp.Busy, "the server's disk is full; nothing was changed", err).With(voiceapp.DiskFull)
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return voiceapp.WrapError(voiceapp.Busy, "another program holds the database; try again", err)
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.PERM), errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return voiceapp.WrapError(voiceapp.Unavailable, "the database can't be written; nothing was changed", err)
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return voiceapp.WrapError(voiceapp.Internal, "the database is damaged; restore a backup", err)
	default:
		return voiceapp.WrapError(voiceapp.Internal, "the database failed; nothing was changed", err)
	}
}

// diskFull knows a full disk by SQLite's code and by the system's error.
func diskFull(err error) bool {
	return errors.Is(err, sqlite3.FULL) || slices.ContainsFunc(fullErrors, func(full error) bool { return errors.Is(err, full) })
}

// withSystemError adds to an I/O error of SQLite what the system says to a write
// in the same directory: the error that SQLite got is lost on its way here.
func withSystemError(path string, err error) error {
	if !errors.Is(err, sqlite3.IOERR) {
		return err
	}
	if system := tryToWrite(filepath.Dir(path)); system != nil {
		return fmt.Errorf("%w: %w", err, system)
	}
	return err
}

// tryToWrite writes a file of a few pages and removes it.
func tryToWrite(dir string) error {
	file, err := os.CreateTemp(dir, "voiceapp-room-*.part")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 64<<10))
	return errors.Join(err, file.Sync(), file.Close(), os.Remove(file.Name()))
}

// taken reports whether err says that a row with that key is there already.
func taken(err error) bool {
	return errors.Is(err, sqlite3.CONSTRAINT_UNIQUE)
}
