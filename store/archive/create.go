package archive

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// Options adjusts [Create]. The zero value works.
type Options struct {
	Program string // for the manifest, such as "voiceapp-server 1.2.0"
	Replace bool   // what is at the place already, a file only
}

// Create writes an archive of the server whose data is in a directory, while it
// runs or not. It is at its place only when all of it is on the disk, and is 0600.
//
// The errors are [voiceapp.Exists] when there is something already at that place,
// [voiceapp.NotFound] when there is no server in the directory,
// [voiceapp.Unavailable] when the place can't be written, [voiceapp.Busy] when the
// disk is full, and those of [store.Copy].
func Create(ctx context.Context, dir, file string, options Options) (m Manifest, err error) {
	if err := checkPlace(file, options.Replace); err != nil {
		return m, err
	}
	if _, err := os.Stat(filepath.Join(dir, Database)); errors.Is(err, fs.ErrNotExist) {
		return m, voiceapp.NewError(voiceapp.NotFound, "there is no database in "+dir)
	}
	work, err := os.MkdirTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return m, cannotWrite(file, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	copied := filepath.Join(work, Database)
	if err := store.Copy(ctx, filepath.Join(dir, Database), copied); err != nil {
		return m, err
	}
	if m, err = describe(ctx, dir, copied, options.Program); err != nil {
		return m, err
	}
	temp := filepath.Join(work, "archive")
	if err := write(temp, m, dir, copied); err != nil {
		return m, cannotWrite(file, err)
	}
	if err := errors.Join(os.Rename(temp, file), syncDir(filepath.Dir(file))); err != nil {
		return m, cannotWrite(file, err)
	}
	return m, nil
}

func checkPlace(file string, replace bool) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cannotWrite(file, err)
	case replace && info.Mode().IsRegular():
		return nil
	default:
		return voiceapp.NewError(voiceapp.Exists, "there is something at "+strconv.Quote(file)+" already: choose another name")
	}
}

// describe makes the manifest of a directory whose database was copied.
func describe(ctx context.Context, dir, copied, program string) (Manifest, error) {
	schema, err := store.Check(ctx, copied)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Format: Format, Made: time.Now().UTC().Truncate(time.Second), Program: program, Schema: schema}
	for _, name := range names {
		f, err := describeFile(source(dir, copied, name), name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return m, voiceapp.WrapError(voiceapp.Unavailable, strconv.Quote(name)+" can't be read", err)
		}
		m.Files = append(m.Files, f)
	}
	return m, nil
}

// source is where the content of a file of the archive is.
func source(dir, copied, name string) string {
	if name == Database {
		return copied
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

func describeFile(path, name string) (File, error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err == nil && name != Database && size > maxSecret {
		err = fmt.Errorf("it has %d bytes, the most is %d", size, maxSecret)
	}
	return File{Name: name, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

// write makes the archive and sees that it is on the disk.
func write(path string, m Manifest, dir, copied string) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	out := tar.NewWriter(file)
	if err := errors.Join(out.WriteHeader(header(manifestName, int64(len(text)), m.Made)), writeAll(out, text)); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := writeFile(out, f, source(dir, copied, f.Name), m.Made); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), file.Chmod(0o600), file.Sync())
}

func header(name string, size int64, made time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: size, ModTime: made, Format: tar.FormatPAX}
}

func writeAll(w io.Writer, b []byte) error {
	_, err := w.Write(b)
	return err
}

// writeFile adds a file, which has to be as it was described.
func writeFile(out *tar.Writer, f File, path string, made time.Time) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := out.WriteHeader(header(f.Name, f.Size, made)); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(out, hash), file, f.Size); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s was changed meanwhile", f.Name)
	}
	return nil
}
