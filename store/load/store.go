package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// Accounts is how many accounts, and Channels how many channels, a target has.
const (
	Accounts = 1000
	Channels = 100
)

// storeTarget is a store under load.
type storeTarget struct {
	db       *store.Store
	users    []voiceapp.UserID
	channels []voiceapp.ChannelID
}

// Store makes an empty store a target: it fills it, and reads and writes by the
// methods that the server uses. The errors are the store's.
func Store(ctx context.Context, db *store.Store) (Target, error) {
	t := &storeTarget{db: db}
	for n := range Accounts {
		user, err := db.CreateUser(ctx, fmt.Sprint("user-", n), "$none", voiceapp.RoleMember)
		if err != nil {
			return nil, err
		}
		t.users = append(t.users, user.ID)
	}
	for n := range Channels {
		channel, err := db.CreateChannel(ctx, voiceapp.Channel{Name: fmt.Sprint("channel-", n), Bitrate: voiceapp.DefaultBitrate})
		if err != nil {
			return nil, err
		}
		t.channels = append(t.channels, channel.ID)
	}
	return t, nil
}

// Read is what joining a channel asks.
func (t *storeTarget) Read(ctx context.Context, n int) error {
	_, _, err := t.db.Access(ctx, t.users[n%len(t.users)], t.channels[n%len(t.channels)])
	return err
}

// Write keeps a message of chat.
func (t *storeTarget) Write(ctx context.Context, n int) error {
	_, err := t.db.AppendMessage(ctx, voiceapp.Message{
		Channel: t.channels[n%len(t.channels)], User: t.users[n%len(t.users)], Session: 1, Name: "somebody",
		Text: "good evening, everybody", Sent: time.Now(),
	})
	return err
}

// Locked knows SQLite's codes and its words.
func (t *storeTarget) Locked(err error) bool { return Locked(err) }

// Locked reports whether an error of SQLite, by any driver, says that the
// database is locked.
func Locked(err error) bool {
	return errors.Is(err, sqlite3.BUSY) || errors.Is(err, sqlite3.LOCKED) || strings.Contains(err.Error(), "is locked")
}
