package archive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The directories of a restore, within the data directory.
const (
	partDir   = "restore.part"  // being laid out; worth nothing
	readyDir  = "restore.ready" // whole: it is what holds from now on
	planName  = "plan.json"     // in readyDir, removed last
	backups   = "backups"
	asideForm = "before-restore-20060102T150405.000Z"
)

// logs are what SQLite keeps beside a database; those of another one would spoil it.
var logs = []string{Database + "-wal", Database + "-shm", Database + "-journal"}

// plan is what a restore needs to know to be finished after a kill.
type plan struct {
	Manifest Manifest `json:"manifest"`
	Aside    string   `json:"aside"` // where what was there goes, within the data directory

	moved func() // called before each file that is moved, where tests kill; nil: not
}

// Result says what a restore has done.
type Result struct {
	Manifest Manifest
	Aside    string // where what was there before is now; "": there was nothing
}

// Restore puts the server that an archive holds into a data directory, which is
// made where there is none. What was there is kept, see Result.Aside. Nothing is
// touched unless all of the archive is in order; see the package's comment for what
// holds when the process is killed. Nobody else may use the directory meanwhile.
//
// The errors are those of [Verify], and [voiceapp.Unavailable] when the directory
// can't be written.
func Restore(ctx context.Context, file, dir string) (Result, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Result{}, cannotWrite(dir, err)
	}
	if _, err := Finish(dir); err != nil {
		return Result{}, err
	}
	part := filepath.Join(dir, partDir)
	if err := os.Mkdir(part, 0o700); err != nil {
		return Result{}, cannotWrite(part, err)
	}
	if err := stage(ctx, file, dir); err != nil {
		return Result{}, errors.Join(err, os.RemoveAll(part))
	}
	result, err := Finish(dir)
	if err != nil {
		return Result{}, err
	}
	return *result, nil
}

// stage lays an archive out in the data directory, ready to be put in place.
func stage(ctx context.Context, file, dir string) error {
	part := filepath.Join(dir, partDir)
	m, err := unpack(ctx, file, part)
	if err != nil {
		return err
	}
	text, err := json.Marshal(plan{Manifest: m, Aside: filepath.Join(backups, time.Now().UTC().Format(asideForm))})
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(part, planName), text); err != nil {
		return cannotWrite(part, err)
	}
	for _, d := range []string{filepath.Join(part, "tls"), part} {
		if err := syncDir(d); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return cannotWrite(d, err)
		}
	}
	if err := errors.Join(os.Rename(part, filepath.Join(dir, readyDir)), syncDir(dir)); err != nil {
		return cannotWrite(part, err)
	}
	return nil
}

func writeSynced(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(writeAll(file, text), synced{file}.Close())
}

// Pending reports whether a restore of this data directory waits to be finished.
func Pending(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, readyDir))
	return err == nil
}

// Finish completes a restore that was cut off, and removes what one has left that
// was cut off before it counted. It returns nil when there was none to complete.
// Nobody else may use the directory meanwhile.
func Finish(dir string) (*Result, error) {
	if err := os.RemoveAll(filepath.Join(dir, partDir)); err != nil {
		return nil, cannotWrite(dir, err)
	}
	if !Pending(dir) {
		return nil, nil
	}
	p, err := readPlan(filepath.Join(dir, readyDir, planName))
	if errors.Is(err, fs.ErrNotExist) { // all is in place but for this
		return &Result{}, removeReady(dir)
	}
	if err != nil {
		return nil, err
	}
	if err := p.carryOut(dir); err != nil {
		return nil, cannotWrite(dir, err)
	}
	result := &Result{Manifest: p.Manifest}
	if _, err := os.Stat(filepath.Join(dir, p.Aside)); err == nil {
		result.Aside = filepath.Join(dir, p.Aside)
	}
	return result, removeReady(dir)
}

func readPlan(path string) (p plan, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(text, &p); err != nil || !filepath.IsLocal(p.Aside) {
		return p, voiceapp.WrapError(voiceapp.Internal, "the plan of the restore that was cut off, "+path+", can't be read: restore the archive again", err)
	}
	return p, nil
}

// carryOut puts the files in place. It may begin again at any point.
func (p plan) carryOut(dir string) error {
	ready := filepath.Join(dir, readyDir)
	for _, name := range names {
		given := slices.ContainsFunc(p.Manifest.Files, func(f File) bool { return f.Name == name })
		from := filepath.Join(ready, filepath.FromSlash(name))
		switch _, err := os.Stat(from); {
		case given && errors.Is(err, fs.ErrNotExist):
			continue // in place already
		case given && err != nil:
			return err
		}
		if err := p.setAside(dir, name); err != nil {
			return err
		}
		if !given {
			continue
		}
		if err := p.move(from, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// setAside moves what is at the place of a file away, of the database first what
// SQLite keeps beside it.
func (p plan) setAside(dir, name string) error {
	present := []string{name}
	if name == Database {
		present = append(slices.Clone(logs), name)
	}
	for _, one := range present {
		one = filepath.FromSlash(one)
		err := p.move(filepath.Join(dir, one), filepath.Join(dir, p.Aside, one))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// move renames a file, durably, into a directory that is made where there is none.
func (p plan) move(from, to string) error {
	if _, err := os.Lstat(from); err != nil {
		return err
	}
	if p.moved != nil {
		p.moved()
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return errors.Join(os.Rename(from, to), syncDir(filepath.Dir(to)), syncDir(filepath.Dir(from)))
}

// removeReady removes what is left of a restore whose files are all in place: the
// plan last, since without it nothing is pending.
func removeReady(dir string) error {
	ready := filepath.Join(dir, readyDir)
	err := os.Remove(filepath.Join(ready, "tls"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannotWrite(ready, err)
	}
	if err := errors.Join(os.RemoveAll(ready), syncDir(dir)); err != nil {
		return cannotWrite(ready, err)
	}
	return nil
}
