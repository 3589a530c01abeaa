package admin

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type backupPath struct {
	Name string `path:"name" maxLength:"128" doc:"The backup"`
}

type makeBackupInput struct{ params.Change }

func (s *Server) registerBackups() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "backups", scope: scope, role: voiceapp.RoleAdmin, summary: summary}
	}
	add(s, op("list-backups", http.MethodGet, "/api/backups", "backups:read", "The backups that there are, the newest first"), s.listBackups)
	create := op("create-backup", http.MethodPost, "/api/backups", "backups:write", "Make a backup now")
	create.status, create.errors, create.slow = http.StatusCreated, []voiceapp.Code{voiceapp.Busy}, true
	add(s, create, s.createBackup)
	get := op("get-backup", http.MethodGet, "/api/backups/{name}", "backups:read", "Download the database of a backup")
	get.role = voiceapp.RoleOwner
	get.detail = "For owners, as it has what was said in channels that only they may see. An SQLite file, without what could let anybody in and without direct messages: password hashes, tokens and keys are not in it. The whole of a backup is on the server's disk: voiceapp-server restore takes it."
	get.errors = []voiceapp.Code{voiceapp.NotFound, voiceapp.Busy}
	s.addDownload(get)
}

func (s *Server) backups() (Backups, error) {
	if s.config.Backups == nil {
		return nil, errMissing("backups")
	}
	return s.config.Backups, nil
}

func (s *Server) listBackups(ctx context.Context, _ *identity, _ *struct{}) (*body[page[voiceapp.BackupInfo]], error) {
	backups, err := s.backups()
	if err != nil {
		return nil, err
	}
	all, err := backups.Backups(ctx)
	return reply(page[voiceapp.BackupInfo]{Items: append([]voiceapp.BackupInfo{}, all...)}, err)
}

func (s *Server) createBackup(ctx context.Context, who *identity, in *makeBackupInput) (*body[voiceapp.BackupInfo], error) {
	backups, err := s.backups()
	if err != nil {
		return nil, err
	}
	reason, err := reasonOf(in.Change)
	if err != nil {
		return nil, err
	}
	// The change is that it was asked for: making it takes long, and holds up nobody.
	err = s.config.Live.Audited(ctx, who.actor, voiceapp.RoleAdmin, "backup.create", reason, func(context.Context, voiceapp.Actor, *voiceapp.AuditEntry) error { return nil })
	if err != nil {
		return nil, err
	}
	return reply(backups.Backup(ctx))
}

// addDownload adds the operation that answers with a file.
func (s *Server) addDownload(op operation) {
	s.ops = append(s.ops, op)
	described := s.describe(op)
	described.Responses["200"] = &huma.Response{
		Description: "OK",
		Content:     map[string]*huma.MediaType{"application/vnd.sqlite3": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	huma.Register(s.api, described, func(ctx context.Context, in *backupPath) (*huma.StreamResponse, error) {
		who, _ := ctx.Value(identityKey{}).(*identity)
		file, err := s.openBackup(ctx, who, in.Name)
		if err != nil {
			return nil, s.refusal(op, err)
		}
		return &huma.StreamResponse{Body: func(out huma.Context) { s.download(out, file) }}, nil
	})
}

// openBackup opens what is downloaded, which is worth an entry of the audit log.
func (s *Server) openBackup(ctx context.Context, who *identity, name string) (file io.ReadSeekCloser, err error) {
	backups, err := s.backups()
	if err != nil {
		return nil, err
	}
	if file, err = backups.OpenBackup(ctx, name); err != nil {
		return nil, err
	}
	err = s.config.Live.Audited(ctx, who.actor, voiceapp.RoleOwner, "backup.download", "", func(_ context.Context, _ voiceapp.Actor, e *voiceapp.AuditEntry) error {
		e.Target = "backup:" + name
		return nil
	})
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (s *Server) download(out huma.Context, file io.ReadSeekCloser) {
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		s.log.Error("a backup can't be read", "error", err)
		out.SetStatus(http.StatusInternalServerError)
		return
	}
	out.SetHeader("Content-Type", "application/vnd.sqlite3")
	out.SetHeader("Content-Disposition", `attachment; filename="voiceapp.db"`)
	out.SetHeader("Content-Length", strconv.FormatInt(size, 10))
	if _, err := io.Copy(out.BodyWriter(), file); err != nil {
		s.log.Debug("a download has ended", "error", err)
	}
}
