package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const inviteColumns = "id, role, uses, by_id, created, expires"

func scanInvite(stmt *sqlite3.Stmt) voiceapp.Invite {
	return voiceapp.Invite{
		ID:      voiceapp.InviteID(stmt.ColumnInt64(0)),
		Role:    voiceapp.Role(stmt.ColumnInt(1)),
		Uses:    stmt.ColumnInt(2),
		By:      voiceapp.UserID(stmt.ColumnInt64(3)),
		Created: fromMillis(stmt.ColumnInt64(4)),
		Expires: scanTime(stmt, 5),
	}
}

// Invites returns a page of the invites that are not used up, in the order of
// their ids, from the first after that id on. limit is as for [Store.Users].
func (s *Store) Invites(ctx context.Context, after voiceapp.InviteID, limit int) ([]voiceapp.Invite, error) {
	return page(ctx, s, limit, "SELECT "+inviteColumns+" FROM invites WHERE id > ?2 ORDER BY id LIMIT ?1", scanInvite, int64(after))
}

// NewInvite makes an invite and returns it with an ID and the time, and the token
// that goes with it: 26 letters and digits with 130 random bits, of which only
// the SHA-256 is kept. The ID and Created that are given play no part. Uses of 0
// means 1.
//
// Invalid when the role is above [voiceapp.MaxInviteRole], Uses is above
// [voiceapp.MaxInviteUses] or negative, or Expires is over.
func (s *Store) NewInvite(ctx context.Context, invite voiceapp.Invite) (made voiceapp.Invite, token string, err error) {
	invite, err = checkInvite(invite, s.now())
	if err != nil {
		return voiceapp.Invite{}, "", err
	}
	token = rand.Text()
	hash := sha256.Sum256([]byte(token))
	err = s.write(ctx, func(c *conn) error {
		id, err := c.insert("INSERT INTO invites (hash, role, uses, by_id, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
			hash[:], int64(invite.Role), int64(invite.Uses), int64(invite.By), invite.Created.UnixMilli(), millisOrNull(invite.Expires))
		invite.ID = voiceapp.InviteID(id)
		return err
	})
	if err != nil {
		return voiceapp.Invite{}, "", err
	}
	return invite, token, nil
}

// checkInvite gives an invite in the form in which it is kept.
func checkInvite(invite voiceapp.Invite, now time.Time) (voiceapp.Invite, error) {
	if invite.Uses == 0 {
		invite.Uses = 1
	}
	invite.Created = now
	if err := invite.Check(now); err != nil {
		return invite, err
	}
	invite.Expires = toMillis(invite.Expires)
	return invite, nil
}

// DeleteInvite removes an invite. NotFound when there is none.
func (s *Store) DeleteInvite(ctx context.Context, id voiceapp.InviteID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM invites WHERE id = ?", int64(id))
		if err == nil && !c.changed() {
			err = voiceapp.NewError(voiceapp.NotFound, "there is no such invite")
		}
		return err
	})
}

// UseInvite makes an account with the role of the invite whose token has that
// SHA-256, and uses the invite once, all in one step: no more accounts come of it
// than it has uses.
//
// BadCredentials when no such invite is open, Exists when the name is taken,
// Invalid when the name or the hash can't be; the invite is then not used.
func (s *Store) UseInvite(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error) {
	if err := checkAccount(name, hash); err != nil {
		return voiceapp.User{}, err
	}
	now := s.now()
	return s.changeUser(ctx, func(c *conn) (user voiceapp.User, err error) {
		user = voiceapp.User{Name: name, Created: now}
		if user.Role, err = c.takeInvite(token, now); err != nil {
			return user, err
		}
		user.ID, err = c.insertUser(user, hash)
		return user, err
	})
}

// takeInvite uses an open invite once and gives its role.
func (c *conn) takeInvite(token [sha256.Size]byte, now time.Time) (voiceapp.Role, error) {
	var invite voiceapp.Invite
	found, err := c.row("SELECT "+inviteColumns+" FROM invites WHERE hash = ? AND (expires IS NULL OR expires > ?)",
		[]any{token[:], now.UnixMilli()}, func(stmt *sqlite3.Stmt) { invite = scanInvite(stmt) })
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, voiceapp.NewError(voiceapp.BadCredentials, "the invite is wrong, or was used up, or is too old").With(voiceapp.InviteSpent)
	case invite.Uses == 1:
		return invite.Role, c.exec("DELETE FROM invites WHERE id = ?", int64(invite.ID))
	default:
		return invite.Role, c.exec("UPDATE invites SET uses = uses - 1 WHERE id = ?", int64(invite.ID))
	}
}
