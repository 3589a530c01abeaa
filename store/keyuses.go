package store

import (
	"log/slog"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// keyUses notes when API keys are used, while nobody waits for it. There is a
// goroutine as long as there is something to note, and never more than one; close
// waits for it.
type keyUses struct {
	done sync.WaitGroup // the goroutine, which note adds

	mu      sync.Mutex
	pending map[voiceapp.APIKeyID]time.Time // nil: there is no goroutine
	closed  bool
}

// note has the use of a key written down.
func (u *keyUses) note(s *Store, id voiceapp.APIKeyID, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.closed:
	case u.pending != nil:
		u.pending[id] = now
	default:
		u.pending = map[voiceapp.APIKeyID]time.Time{id: now}
		u.done.Go(func() { s.writeKeyUses() })
	}
}

// take gives what is to be noted; nothing is the end of the goroutine.
func (u *keyUses) take() map[voiceapp.APIKeyID]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := u.pending
	if len(all) == 0 {
		u.pending = nil
		return nil
	}
	u.pending = make(map[voiceapp.APIKeyID]time.Time)
	return all
}

// close ends the noting. What is not on the disk by then is not noted.
func (u *keyUses) close() {
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	u.done.Wait()
}

// writeKeyUses is the goroutine. That a use can't be noted, as on a full disk, keeps
// nobody out.
func (s *Store) writeKeyUses() {
	for all := s.uses.take(); all != nil; all = s.uses.take() {
		err := s.write(s.life, func(c *conn) error {
			for id, now := range all {
				if err := c.exec("UPDATE api_keys SET used = max(used, ?) WHERE id = ?", now.UnixMilli(), int64(id)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && s.life.Err() == nil {
			s.options.Log.Warn("the use of an API key could not be noted", slog.Any("error", err))
		}
	}
}
