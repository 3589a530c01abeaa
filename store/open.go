package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// Open opens the database file at path, makes it where there is none, and brings
// its schema up to date. The file is 0600 whatever the umask; a directory that
// has to be made for it is 0700. ctx bounds the opening only.
//
// The errors say what to do: Unavailable when the place can't be written,
// Invalid when the file is not a database of voiceapp, Conflict when a newer
// version wrote it, Busy when another process holds it or the disk is full,
// Internal when it is damaged.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	return open(ctx, path, options, migrations)
}

func open(ctx context.Context, path string, options Options, steps []migration) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := createFile(path); err != nil {
		return nil, cannotOpen(path, err)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil { // SQLite keeps its files beside the real one
		return nil, cannotOpen(path, err)
	}
	s := newStore(path, options.withDefaults(path))
	if err := s.start(ctx, steps); err != nil {
		s.end()
		return nil, fault(ctx, explain(path, withSystemError(path, err)))
	}
	return s, nil
}

func newStore(path string, options Options) *Store {
	s := &Store{path: path, options: options, backups: make(chan struct{}, 1)}
	s.life, s.end = context.WithCancel(context.Background())
	s.backups <- struct{}{}
	s.readers = newReaders(options.Readers, s.life.Done(), func(ctx context.Context) (*conn, error) {
		return options.openConn(ctx, path, reading)
	})
	return s
}

// start opens the writer, brings the schema up to date, and opens a first
// reader, so that what keeps any of it from working is found at once.
func (s *Store) start(ctx context.Context, steps []migration) error {
	c, err := s.options.connect(s.path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return err
	}
	s.writer = newWriter(c, s.life.Done(), wal{log: s.options.Log, pause: s.readers.pause, crowd: crowdedPages})
	if err := s.prepare(ctx, c, steps); err != nil {
		return errors.Join(err, s.readers.close(), c.close())
	}
	return nil
}

// prepare changes nothing before it knows that the file is ours to change.
func (s *Store) prepare(ctx context.Context, c *conn, steps []migration) error {
	defer c.interruptible(ctx)()
	if err := c.checkLibrary(); err != nil {
		return err
	}
	version, err := c.schema(s.path, len(steps))
	if err != nil {
		return err
	}
	if err := errors.Join(c.configure(writing, s.options.BusyTimeout), protect(s.path)); err != nil {
		return err
	}
	if err := s.migrate(ctx, c, version, steps); err != nil {
		return err
	}
	if err := protect(s.path); err != nil { // the WAL of a new file is new too
		return err
	}
	return s.readers.do(ctx, (*conn).checkReadable)
}

func (c *conn) checkReadable() error {
	_, err := c.number("SELECT count(*) FROM settings")
	return err
}

// createFile makes the file, and its directory where there is none. One that is
// there has to be writable.
func createFile(path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := createDir(dir); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return errors.Join(file.Chmod(0o600), file.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return err
	}
	return file.Close()
}

// createDir makes a directory that is 0700 whatever the umask.
func createDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// protect makes the files of a database 0600: SQLite makes those beside it as
// the umask says.
func protect(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := protectFile(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return voiceapp.WrapError(voiceapp.Unavailable,
				"others may open "+strconv.Quote(path+suffix)+" and its mode can't be changed: make this user its owner", err)
		}
	}
	return nil
}

func protectFile(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() == 0o600 {
		return err
	}
	return os.Chmod(path, 0o600)
}

// oldestLibrary is the first SQLite in which two connections can't damage the
// file by starting the WAL again while the other writes.
var oldestLibrary = [3]int{3, 51, 3}

func (c *conn) checkLibrary() error {
	version, err := c.text("SELECT sqlite_version()")
	if err != nil {
		return err
	}
	return checkLibraryVersion(version)
}

func checkLibraryVersion(version string) error {
	var v [3]int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &v[0], &v[1], &v[2]); err != nil {
		return fmt.Errorf("SQLite reports the version %q: %w", version, err)
	}
	for i := range v {
		if v[i] != oldestLibrary[i] {
			if v[i] > oldestLibrary[i] {
				return nil
			}
			return voiceapp.NewError(voiceapp.Internal,
				"this program was built with SQLite "+version+", which can damage databases: build it with 3.51.3 or later")
		}
	}
	return nil
}

// cannotOpen says why a file could not be made or opened.
func cannotOpen(path string, err error) error {
	place := strconv.Quote(path)
	switch {
	case errors.Is(err, syscall.EISDIR):
		return voiceapp.WrapError(voiceapp.Invalid, "the database "+place+" is a directory: name a file in it", err)
	case diskFull(err):
		return voiceapp.WrapError(voiceapp.Busy, "the disk is full, so the database "+place+" can't be opened: make room on it", err)
	default:
		return voiceapp.WrapError(voiceapp.Unavailable,
			"the database "+place+" can't be opened for writing: give this user the right to write there, or choose another data directory", err)
	}
}

// explain turns what SQLite reported while a file was opened into a sentence
// that says what to do.
func explain(path string, err error) error {
	place := strconv.Quote(path)
	var setting *pragmaError
	var known *voiceapp.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, sqlite3.NOTADB):
		return foreign(path, err)
	case errors.As(err, &setting) && setting.name == "journal_mode":
		return voiceapp.WrapError(voiceapp.Unavailable,
			"the database "+place+" is where SQLite can't keep a write-ahead log: choose a data directory on a local disk", err)
	case errors.Is(err, sqlite3.CANTOPEN), errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.PERM), diskFull(err):
		return cannotOpen(path, err)
	case errors.Is(err, sqlite3.CORRUPT):
		return voiceapp.WrapError(voiceapp.Internal, "the database "+place+" is damaged: restore a backup in its place", err)
	default:
		return err
	}
}

// foreign is the error of a file that voiceapp did not make.
func foreign(path string, cause error) error {
	return voiceapp.WrapError(voiceapp.Invalid,
		strconv.Quote(path)+" is not a database of voiceapp: move it away, or choose another data directory", cause)
}
