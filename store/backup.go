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
	return fault(ctx, copyFile(ctx, s.path, file, s.options))
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

// Copy writes a consistent copy of the database at path to file, as
// [Store.Backup] does, for whoever has not opened it: other processes may read and
// write it meanwhile. Its schema stays as it is. The errors are those of Backup
// and [Open].
func Copy(ctx context.Context, path, file string) error {
	options := Options{}.withDefaults(path)
	if _, err := inspect(ctx, path, options, (*conn).justOpen); err != nil {
		return fault(ctx, explain(path, err))
	}
	return fault(ctx, explain(path, copyFile(ctx, path, file, options)))
}

// Check reads all of a database file that nobody else has open, changes nothing,
// and returns the version of its schema. The errors are those of [Open]: Internal
// when it is damaged, Invalid when it is no database of voiceapp, Conflict when a
// newer version wrote it.
func Check(ctx context.Context, file string) (schema int, err error) {
	schema, err = inspect(ctx, file, Options{}.withDefaults(file), (*conn).checkIntegrity)
	return schema, fault(ctx, explain(file, err))
}

// inspect opens a file for reading only, looks whether it is ours, and whatever
// else look does.
func inspect(ctx context.Context, file string, options Options, look func(*conn) error) (schema int, err error) {
	c, err := options.connect(file, sqlite3.OPEN_READONLY)
	if err != nil {
		return 0, err
	}
	restore := c.interruptible(ctx)
	if err = look(c); err == nil {
		schema, err = c.schema(file, len(migrations))
	}
	if err == nil && schema == 0 {
		err = foreign(file, errEmpty)
	}
	restore()
	return schema, errors.Join(err, c.close())
}

var errEmpty = errors.New("it is empty")

func (c *conn) justOpen() error { return nil }

// copyFile makes the copy beside its place, in a directory that nobody else may look
// into (SQLite's journal of it has a mode of its own), and moves it there.
func copyFile(ctx context.Context, path, file string, options Options) (err error) {
	work, err := os.MkdirTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return cannotBackup(file, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := os.Chmod(work, 0o700); err != nil { // whatever the umask is
		return cannotBackup(file, err)
	}
	temp, err := os.OpenFile(filepath.Join(work, "copy"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return cannotBackup(file, err)
	}
	if err := errors.Join(temp.Chmod(0o600), copyTo(ctx, path, temp.Name(), options), temp.Sync(), temp.Close()); err != nil {
		return cannotBackup(file, withSystemError(file, err))
	}
	if err := checkCopy(ctx, temp.Name(), options); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(temp.Name(), file), syncDir(filepath.Dir(file))); err != nil {
		return cannotBackup(file, err)
	}
	return nil
}

// copyTo fills an empty file. It reads on a connection of its own, so that it
// takes no reader's place.
func copyTo(ctx context.Context, path, file string, options Options) error {
	c, err := options.openConn(ctx, path, writing)
	if err != nil {
		return err
	}
	restore := c.interruptible(ctx)
	err = c.exec("VACUUM INTO ?", file)
	restore()
	return errors.Join(err, c.close())
}

// checkCopy reports damage in a copy.
func checkCopy(ctx context.Context, file string, options Options) error {
	c, err := options.connect(file, sqlite3.OPEN_READONLY)
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
