package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// Verify reads all of an archive, its database too, and returns its manifest. It
// needs room for the database in the directory for temporary files.
//
// The errors are [voiceapp.Invalid] for what is no archive or not whole,
// [voiceapp.Conflict] for one that a newer version made, [voiceapp.NotFound],
// [voiceapp.Busy] when the disk is full, and those of [store.Check].
func Verify(ctx context.Context, file string) (m Manifest, err error) {
	work, err := os.MkdirTemp("", "voiceapp-verify-*")
	if err != nil {
		return m, cannotWrite(os.TempDir(), err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	return unpack(ctx, file, work)
}

// unpack lays an archive out in an empty directory of its own, and checks that all
// of it is as it should be.
func unpack(ctx context.Context, path, dir string) (Manifest, error) {
	file, err := os.Open(path)
	if err != nil {
		return Manifest{}, cannotRead(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Manifest{}, cannotRead(path, err)
	}
	if !info.Mode().IsRegular() {
		return Manifest{}, invalid(strconv.Quote(path)+" is no file", nil)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Manifest{}, cannotWrite(dir, err)
	}
	defer root.Close()
	m, err := read(&untilDone{ctx, file}, info.Size(), func(f File) (io.WriteCloser, error) { return create(root, f.Name) })
	if err != nil {
		return m, explain(ctx, dir, err)
	}
	return m, checkDatabase(ctx, filepath.Join(dir, Database), m)
}

// read reads an archive of a size and gives each file that it holds to what create
// makes for it. Nothing that it reads takes more memory or disk than size.
func read(r io.Reader, size int64, create func(File) (io.WriteCloser, error)) (Manifest, error) {
	in := tar.NewReader(r)
	m, err := readManifest(in)
	if err != nil {
		return m, err
	}
	if m.Size() > size || m.Size() < 0 {
		return m, invalid("it is shorter than its manifest says", nil)
	}
	for _, f := range m.Files {
		if err := readFile(in, f, create); err != nil {
			return m, err
		}
	}
	switch _, err := in.Next(); {
	case err == nil:
		return m, invalid("it holds more than its manifest says", nil)
	case !errors.Is(err, io.EOF):
		return m, readError(err)
	}
	return m, nil
}

func readManifest(in *tar.Reader) (Manifest, error) {
	h, err := in.Next()
	switch {
	case errors.Is(err, io.EOF):
		return Manifest{}, invalid("it is empty", nil)
	case err != nil:
		return Manifest{}, readError(err)
	case h.Name != manifestName || h.Typeflag != tar.TypeReg || h.Size > maxManifest:
		return Manifest{}, invalid("it does not begin with a manifest", nil)
	}
	var text bytes.Buffer
	if _, err := io.Copy(&text, in); err != nil {
		return Manifest{}, readError(err)
	}
	return parseManifest(text.Bytes())
}

// readFile takes the entry that has to come next.
func readFile(in *tar.Reader, f File, create func(File) (io.WriteCloser, error)) error {
	h, err := in.Next()
	switch {
	case errors.Is(err, io.EOF):
		return invalid(strconv.Quote(f.Name)+" is missing", nil)
	case err != nil:
		return readError(err)
	case h.Name != f.Name || h.Typeflag != tar.TypeReg || h.Size != f.Size:
		return invalid(fmt.Sprintf("%q is where its manifest says %q of %d bytes", h.Name, f.Name, f.Size), nil)
	}
	out, err := create(f)
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	if err = errors.Join(err, out.Close()); err != nil {
		return readError(err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return invalid(strconv.Quote(f.Name)+" is not what its manifest says: it was damaged or changed", nil)
	}
	return nil
}

// readError tells what is wrong with the archive from what is wrong elsewhere.
func readError(err error) error {
	var system *os.PathError
	if errors.As(err, &system) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return invalid("it is cut off or damaged", err)
}

// create makes a file of an archive in a directory, with the directory that it is
// in.
func create(root *os.Root, name string) (io.WriteCloser, error) {
	name = filepath.FromSlash(name)
	if dir := filepath.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return synced{file}, nil
}

// synced is a file that is on the disk when Close returns.
type synced struct{ *os.File }

func (s synced) Close() error { return errors.Join(s.Sync(), s.File.Close()) }

// untilDone is a reader that fails when its context has ended.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}

// checkDatabase reads all of an unpacked database.
func checkDatabase(ctx context.Context, path string, m Manifest) error {
	schema, err := store.Check(ctx, path)
	if err == nil && schema != m.Schema {
		err = invalid(fmt.Sprintf("its database has version %d, its manifest says %d", schema, m.Schema), nil)
	}
	return err
}

// explain gives an error of reading an archive a code.
func explain(ctx context.Context, dir string, err error) error {
	var known *voiceapp.Error
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil:
		return voiceapp.WrapError(voiceapp.Unavailable, "the archive was not read to its end", context.Cause(ctx))
	default:
		return cannotWrite(dir, err)
	}
}
