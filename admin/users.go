package admin

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type listUsersInput struct {
	params.Paging
	Text string `query:"q" maxLength:"64" doc:"Only those whose names have this in them"`
}

type createUserInput struct {
	params.Change
	Body struct {
		Name     string        `json:"name" minLength:"1" maxLength:"64"`
		Password string        `json:"password,omitempty" minLength:"8" maxLength:"1024" format:"password" doc:"One is made, and returned, without it"`
		Role     voiceapp.Role `json:"role,omitempty" minimum:"0" maximum:"40" default:"10" doc:"Below one's own"`
	}
}

type createUserResult struct {
	User     voiceapp.User `json:"user"`
	Password string        `json:"password,omitempty" doc:"The one that was made; it is shown this once"`
}

type editUserInput struct {
	params.Change
	params.Precondition
	params.User
	Body struct {
		Name *string        `json:"name,omitempty" minLength:"1" maxLength:"64"`
		Role *voiceapp.Role `json:"role,omitempty" minimum:"0" maximum:"40"`
	}
}

type resetPasswordInput struct {
	params.Change
	params.User
	Body struct {
		Password string `json:"password,omitempty" minLength:"8" maxLength:"1024" format:"password" doc:"One is made, and returned, without it"`
	}
}

type resetPasswordResult struct {
	Password string `json:"password,omitempty" doc:"The one that was made; it is shown this once"`
}

type deleteUserInput struct {
	params.Change
	params.Precondition
	params.User
}

type revokeDeviceInput struct {
	params.Change
	params.User
	Device voiceapp.DeviceTokenID `path:"device" minimum:"1" doc:"The device's token"`
}

func (s *Server) registerUsers() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{
			id: id, method: method, path: path, tag: "users", scope: scope, role: voiceapp.RoleAdmin,
			summary: summary, errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Conflict},
		}
	}
	add(s, op("list-users", http.MethodGet, "/api/users", "users:read", "Accounts"), s.listUsers)
	create := op("create-user", http.MethodPost, "/api/users", "users:write", "Make an account")
	create.status, create.errors = http.StatusCreated, []voiceapp.Code{voiceapp.Exists, voiceapp.Busy}
	add(s, create, s.createUser)
	add(s, op("get-user", http.MethodGet, "/api/users/{id}", "users:read", "One account"), func(ctx context.Context, who *identity, in *params.User) (*tagged[voiceapp.User], error) {
		return replyTagged(s.user(ctx, who, in.ID))
	})
	edits := op("edit-user", http.MethodPatch, "/api/users/{id}", "users:write", "Give an account another name or role")
	edits.errors = append(edits.errors, voiceapp.Exists)
	add(s, edits, s.editUser)
	add(s, op("delete-user", http.MethodDelete, "/api/users/{id}", "users:write", "Delete an account; what it said and did stays"), s.deleteUser)
	reset := op("reset-password", http.MethodPost, "/api/users/{id}/password", "users:write", "Give an account another password")
	reset.detail = "Its sessions end, and its devices have to log in again."
	reset.errors = append(reset.errors, voiceapp.Busy)
	add(s, reset, s.resetPassword)
	add(s, op("list-devices", http.MethodGet, "/api/users/{id}/devices", "users:read", "The devices that log in to an account without a password"), s.listDevices)
	add(s, op("revoke-device", http.MethodDelete, "/api/users/{id}/devices/{device}", "users:write", "End a device's token"), s.revokeDevice)
}

func (s *Server) listUsers(ctx context.Context, who *identity, in *listUsersInput) (*body[page[voiceapp.User]], error) {
	reader, err := ability[UserReader](s, "list of accounts")
	if err != nil {
		return nil, err
	}
	after, err := after(in.Paging)
	if err != nil {
		return nil, err
	}
	users, err := reader.FindUsers(ctx, who.actor, in.Text, voiceapp.UserID(after), in.Limit)
	return reply(pageOf(users, in.Limit, func(u voiceapp.User) int64 { return int64(u.ID) }), err)
}

func (s *Server) user(ctx context.Context, who *identity, id voiceapp.UserID) (voiceapp.User, error) {
	reader, err := ability[UserReader](s, "list of accounts")
	if err != nil {
		return voiceapp.User{}, err
	}
	found, err := reader.FindUsers(ctx, who.actor, "", id-1, 1)
	switch {
	case err != nil:
		return voiceapp.User{}, err
	case len(found) == 0 || found[0].ID != id:
		return voiceapp.User{}, voiceapp.NewError(voiceapp.NotFound, "there is no such account")
	}
	return found[0], nil
}

// madePassword gives a password where none was sent, which is then to be shown.
func madePassword(sent string) (password, shown string) {
	if sent != "" {
		return sent, ""
	}
	made := rand.Text()
	return made, made
}

func (s *Server) createUser(ctx context.Context, who *identity, in *createUserInput) (*body[createUserResult], error) {
	editor, reason, err := editorOf[UserEditor](s, in.Change, "accounts that can be changed")
	if err != nil {
		return nil, err
	}
	password, shown := madePassword(in.Body.Password)
	user, err := editor.CreateUser(ctx, who.actor, in.Body.Name, password, in.Body.Role, reason)
	return reply(createUserResult{user, shown}, err)
}

func (s *Server) editUser(ctx context.Context, who *identity, in *editUserInput) (*tagged[voiceapp.User], error) {
	editor, reason, err := editorOf[UserEditor](s, in.Change, "accounts that can be changed")
	if err != nil {
		return nil, err
	}
	read := func() (voiceapp.User, error) { return s.user(ctx, who, in.ID) }
	err = edit(s, in.Precondition, read, func() (err error) {
		if in.Body.Name != nil {
			_, err = editor.RenameUser(ctx, who.actor, in.ID, *in.Body.Name, reason)
		}
		if in.Body.Role != nil && err == nil {
			_, err = editor.SetRole(ctx, who.actor, in.ID, *in.Body.Role, reason)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyTagged(read())
}

func (s *Server) deleteUser(ctx context.Context, who *identity, in *deleteUserInput) (*done, error) {
	editor, reason, err := editorOf[UserEditor](s, in.Change, "accounts that can be changed")
	if err != nil {
		return nil, err
	}
	read := func() (voiceapp.User, error) { return s.user(ctx, who, in.ID) }
	return nothing(edit(s, in.Precondition, read, func() error {
		return editor.DeleteUser(ctx, who.actor, in.ID, reason)
	}))
}

func (s *Server) resetPassword(ctx context.Context, who *identity, in *resetPasswordInput) (*body[resetPasswordResult], error) {
	editor, reason, err := editorOf[UserEditor](s, in.Change, "accounts that can be changed")
	if err != nil {
		return nil, err
	}
	password, shown := madePassword(in.Body.Password)
	err = editor.ResetPassword(ctx, who.actor, in.ID, password, reason)
	return reply(resetPasswordResult{shown}, err)
}

func (s *Server) listDevices(ctx context.Context, who *identity, in *params.User) (*body[page[voiceapp.DeviceToken]], error) {
	reader, err := ability[UserReader](s, "list of accounts")
	if err != nil {
		return nil, err
	}
	devices, err := reader.DevicesOf(ctx, who.actor, in.ID)
	return reply(page[voiceapp.DeviceToken]{Items: append([]voiceapp.DeviceToken{}, devices...)}, err)
}

func (s *Server) revokeDevice(ctx context.Context, who *identity, in *revokeDeviceInput) (*done, error) {
	editor, reason, err := editorOf[UserEditor](s, in.Change, "accounts that can be changed")
	if err != nil {
		return nil, err
	}
	return nothing(editor.RevokeDeviceOf(ctx, who.actor, in.ID, in.Device, reason))
}
