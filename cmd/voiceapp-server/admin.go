package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

// tokenKeyFile is the file of the keys of the admin tokens, in the data directory.
const tokenKeyFile = "token.key"

// openAdmin makes the admin API of a server and its listener, unless it is off.
func (s *server) openAdmin(settings *settings) (err error) {
	if settings.Admin == adminOff {
		return nil
	}
	if s.guard, err = settings.newGuard(s.certificate); err != nil {
		return err
	}
	if err := removeDownloads(settings.Data); err != nil {
		return err
	}
	keys, err := admin.LoadOrCreateKeys(filepath.Join(settings.Data, tokenKeyFile), s.fingerprint)
	if err != nil {
		return err
	}
	from, err := settings.metricsFrom()
	if err != nil {
		return err
	}
	s.admin, err = admin.New(admin.Config{
		Live: s.control, Accounts: s.store, Keys: keys, APIKeys: s.store, Hooks: s.hooks,
		Backups: &archives{keeper: archive.Keeper{Dir: settings.Data, Keep: settings.BackupKeep, Program: programVersion(), Log: s.log}},
		Sources: []admin.Source{s.control, s.relay, s.store, s.hooks, s.guard, s.plugins}, MetricsFrom: from,
		Plugins: s.plugins,
		Guard:   s.guard, OpenRPC: control.OpenRPC(),
		Info: admin.Info{
			Version: cli.Version(), Control: s.tcp.Addr().String(), Voice: s.udp[0].LocalAddr().String(),
			Fingerprint: s.fingerprint, Started: time.Now(),
		},
		Ready:  func(ctx context.Context) error { _, err := s.store.Settings(ctx); return err },
		Logger: s.log,
	})
	if err != nil {
		return err
	}
	if s.web, err = s.guard.Listen(settings.Admin); err != nil && !errors.Is(err, voiceapp.Invalid) {
		err = listenError(settings.Admin, err, "--admin")
	}
	return err
}

// serveAdmin serves the admin API until it is closed.
func (s *server) serveAdmin() error {
	if err := s.admin.Serve(s.web); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// adminAddr is where the admin API is, for the line that says that all is ready.
func (s *server) adminAddr() string {
	if s.web == nil {
		return adminOff
	}
	return s.web.Addr().String()
}

// archives are the backups in the data directory, as the admin API shows them.
type archives struct {
	keeper archive.Keeper
	making sync.Mutex // held while a download is made, which takes room on the disk
}

// downloadPrefix begins the names of the directories of downloads.
const downloadPrefix = ".download-"

// removeDownloads removes what an earlier server had no time to.
func removeDownloads(data string) error {
	left, err := filepath.Glob(filepath.Join(data, "backups", downloadPrefix+"*"))
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// Backups returns the archives, the newest first.
func (a *archives) Backups(context.Context) ([]voiceapp.BackupInfo, error) { return a.keeper.List() }

// Backup makes an archive, in the place of the oldest one when there are as many as
// are kept.
func (a *archives) Backup(ctx context.Context) (voiceapp.BackupInfo, error) {
	return a.keeper.Make(ctx)
}

// OpenBackup gives the database of an archive, without what could let anybody in.
func (a *archives) OpenBackup(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	all, err := a.keeper.List()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(b voiceapp.BackupInfo) bool { return b.Name == name }) {
		return nil, voiceapp.NewError(voiceapp.NotFound, "there is no such backup")
	}
	if !a.making.TryLock() {
		return nil, voiceapp.NewError(voiceapp.Busy, "another download is being made: try again in a moment")
	}
	defer a.making.Unlock()
	dir := filepath.Join(a.keeper.Dir, "backups")
	temp, err := os.MkdirTemp(dir, downloadPrefix+"*")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(temp, archive.Database)
	if err := archive.Public(ctx, filepath.Join(dir, name), file); err != nil {
		return nil, errors.Join(err, os.RemoveAll(temp))
	}
	open, err := os.Open(file)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(temp))
	}
	return &download{open, temp}, nil
}

// download is a file that is gone when it is closed.
type download struct {
	*os.File
	temp string
}

// Close removes the file.
func (d *download) Close() error { return errors.Join(d.File.Close(), os.RemoveAll(d.temp)) }
