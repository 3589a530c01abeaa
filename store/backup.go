package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// Backup writes a consistent copy of the database to file, while reads and
// writes go on. What was at file is replaced only once the copy is whole,
// checked and on the disk. The copy is 0600 and needs no file beside it. One
// backup runs at a time; Close ends it.
//
// Unavailable when file can't be written, Busy when its disk is full.
func (s *Store) Backup(ctx context.Context, file string) error {
	select {
	case <-s.life.Done():
		return errClosed()
	default:
	}
	select {
	case <-s.backups:
		defer func() { s.backups <- struct{}{} }()
	case <-ctx.Done():
		return errEnded(ctx)
	case <-s.life.Done():
		return errClosed()
	}
	ctx, cancel := s.untilClose(ctx)
	defer cancel()
	return fault(ctx, s.backup(ctx, file))
}

// untilClose gives a context that also ends when the store closes.
func (s *Store) untilClose(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// backup makes the copy beside its place and moves it there.
func (s *Store) backup(ctx context.Context, file string) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return cannotBackup(file, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if err := errors.Join(temp.Chmod(0o600), s.copyTo(ctx, temp.Name()), temp.Sync(), temp.Close()); err != nil {
		return cannotBackup(file, withSystemError(file, err))
	}
	if err := s.checkCopy(ctx, temp.Name()); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(temp.Name(), file), syncDir(filepath.Dir(file))); err != nil {
		return cannotBackup(file, err)
	}
	return nil
}

// copyTo fills an empty file. It reads on a connection of its own, so that it
// takes no reader's place.
func (s *Store) copyTo(ctx context.Context, file string) error {
	c, err := openConn(ctx, s.path, writing, s.options.BusyTimeout)
	if err != nil {
		return err
	}
	restore := c.interruptible(ctx)
	err = c.exec("VACUUM INTO ?", file)
	restore()
	return errors.Join(err, c.close())
}

// checkCopy reports damage in a copy.
func (s *Store) checkCopy(ctx context.Context, file string) error {
	c, err := connect(file, sqlite3.OPEN_READONLY, s.options.BusyTimeout)
	if err != nil {
		return err
	}
	restore := c.interruptible(ctx)
	err = c.checkIntegrity()
	restore()
	return errors.Join(err, c.close())
}

// checkIntegrity reads the whole file and reports the first damage.
func (c *conn) checkIntegrity() error {
	found, err := c.text("PRAGMA integrity_check(1)")
	if err == nil && found != "ok" {
		err = fmt.Errorf("%w: %s", sqlite3.CORRUPT, found)
	}
	return err
}

// syncDir makes a rename in a directory durable. Windows can't and need not.
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

// cannotBackup says why a copy could not be written. What SQLite or the context
// have to say is left to [fault].
func cannotBackup(file string, err error) error {
	place := strconv.Quote(file)
	var sqlite *sqlite3.Error
	var code sqlite3.ErrorCode
	switch {
	case diskFull(err):
		return voiceapp.WrapError(voiceapp.Busy, "the disk is full, so the backup "+place+" was not made: make room on it", err)
	case errors.As(err, &sqlite), errors.As(err, &code):
		return err
	default:
		return voiceapp.WrapError(voiceapp.Unavailable,
			"the backup "+place+" can't be written: give this user the right to write there, or choose another place", err)
	}
}
