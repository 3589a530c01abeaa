package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a disk whose power can be cut: SQLite's files are the system's, and
// disk keeps apart what of them is synced. It satisfies vfs.VFSFilename.
type disk struct {
	vfs.VFS
	name string

	mu       sync.Mutex
	files    map[string]*diskFile // by path
	off      bool
	failSync int   // how many syncs from now on fail, and lose what they were to keep
	readOnly bool  // writes are refused as by a disk that the system has set so
	cutAfter int64 // how many syncs there are before the power is cut; 0: it is not
	syncs    int64
}

// diskFile is one file: what a power cut leaves of it, and what was written since
// its last sync, in order.
type diskFile struct {
	durable []byte
	exists  bool
	pending []diskWrite
}

// diskWrite is a write, or a change of the size where data is nil.
type diskWrite struct {
	at   int64
	data []byte
}

var errPower = errors.New("the power is cut")

var disks atomic.Int64

// newDisk makes a disk that SQLite knows by its name until the test ends.
func newDisk(t testing.TB) *disk {
	d := &disk{VFS: vfs.Find("os"), name: fmt.Sprint("powerless", disks.Add(1)), files: make(map[string]*diskFile)}
	vfs.Register(d.name, d)
	t.Cleanup(func() { vfs.Unregister(d.name) })
	return d
}

// use does something to the state of a path, unless the power is cut.
func (d *disk) use(path string, do func(*diskFile) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return errPower
	}
	f := d.files[path]
	if f == nil {
		f = &diskFile{}
		d.files[path] = f
	}
	return do(f)
}

// note keeps a write in mind.
func (d *disk) note(path string, at int64, data []byte) error {
	return d.use(path, func(f *diskFile) error {
		if d.readOnly {
			return syscall.EROFS
		}
		f.pending = append(f.pending, diskWrite{at, data})
		return nil
	})
}

// sync makes what was written durable, or loses it for good and says so.
func (d *disk) sync(path string) error {
	return d.use(path, func(f *diskFile) error {
		if d.syncs++; d.syncs == d.cutAfter {
			d.off = true
			return errPower
		}
		if d.failSync > 0 {
			d.failSync--
			f.pending = nil
			return errors.New("the disk could not keep what was written")
		}
		for _, w := range f.pending {
			f.apply(w)
		}
		f.exists, f.pending = true, nil
		return nil
	})
}

func (f *diskFile) apply(w diskWrite) {
	end := w.at + int64(len(w.data))
	if grown := end - int64(len(f.durable)); grown > 0 {
		f.durable = append(f.durable, make([]byte, grown)...)
	}
	if w.data == nil {
		f.durable = f.durable[:w.at]
		return
	}
	copy(f.durable[w.at:], w.data)
}

// cutAt has the power cut at a sync, which does not happen any more.
func (d *disk) cutAt(sync int64) { d.cutAfter = sync }

// cut switches the power off, and lays out what is left in another directory: of
// what was not synced, half of the last page of each file.
func (d *disk) cut(t testing.TB, dir string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	for path, f := range d.files {
		if last := len(f.pending) - 1; last >= 0 && f.pending[last].data != nil {
			w := f.pending[last]
			f.apply(diskWrite{w.at, w.data[:len(w.data)/2]})
		}
		if !f.exists {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), f.durable, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return nil, flags, fmt.Errorf("%s: OpenFilename is called instead", name)
}

func (d *disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := d.VFS.(vfs.VFSFilename).OpenFilename(name, flags)
	if err != nil {
		return nil, flags, err
	}
	return &powerless{file, d, name.String()}, flags, nil
}

func (d *disk) Delete(path string, syncDir bool) error {
	err := d.use(path, func(*diskFile) error {
		delete(d.files, path)
		return nil
	})
	return errors.Join(err, d.VFS.Delete(path, syncDir))
}

// powerless is an open file of a disk.
type powerless struct {
	vfs.File
	disk *disk
	path string
}

func (p *powerless) Unwrap() vfs.File { return p.File }

func (p *powerless) SharedMemory() vfs.SharedMemory {
	if shared, ok := p.File.(vfs.FileSharedMemory); ok {
		return shared.SharedMemory()
	}
	return nil
}

func (p *powerless) WriteAt(b []byte, at int64) (int, error) {
	if err := p.disk.note(p.path, at, append([]byte{}, b...)); err != nil {
		return 0, err
	}
	return p.File.WriteAt(b, at)
}

func (p *powerless) Truncate(size int64) error {
	if err := p.disk.note(p.path, size, nil); err != nil {
		return err
	}
	return p.File.Truncate(size)
}

func (p *powerless) Sync(vfs.SyncFlag) error { return p.disk.sync(p.path) }

// A power cut loses what was not synced, so that the tests with one show something.
func TestDiskLosesWhatIsNotSynced(t *testing.T) {
	d := newDisk(t)
	path, after := newPath(t), t.TempDir()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Options{vfs: d.name}.connect(path, 2) // read and write
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }() // it can't end in order
	for _, sql := range []string{"PRAGMA journal_mode = wal", "PRAGMA synchronous = full", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('kept')", "PRAGMA synchronous = off", "INSERT INTO t VALUES ('lost')"} {
		if err := c.db.Exec(sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	d.cut(t, after)
	left := ""
	if err := filepath.WalkDir(after, func(path string, entry fs.DirEntry, err error) error {
		if text, readErr := os.ReadFile(path); readErr == nil {
			left += string(text)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(left, "kept") || strings.Contains(left, "lost") {
		t.Error("what was synced is gone, or what was not is there")
	}
	if err := c.db.Exec("INSERT INTO t VALUES ('after')"); err == nil {
		t.Error("a write without power succeeded")
	}
}
