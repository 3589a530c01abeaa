package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// maxGroup is the most writes in one transaction, so that the last of a group
// does not wait long.
const maxGroup = 128

// writer owns the connection that writes. Writes queue up; whoever has the turn
// carries out all that wait, in one transaction.
type writer struct {
	closing <-chan struct{}
	turn    chan struct{} // one token: its holder may use conn and wal
	conn    *conn
	wal     wal

	mu      sync.Mutex
	waiting []*write // in order of arrival

	writes  atomic.Uint64
	commits atomic.Uint64
	syncs   histogram.Histogram // of commits, without what the changes took
}

// write is a change and its outcome.
type write struct {
	change func(*conn) error
	done   chan struct{} // closed once err is final
	err    error
}

func newWriter(c *conn, closing <-chan struct{}, wal wal) *writer {
	w := &writer{turn: make(chan struct{}, 1), closing: closing, conn: c, wal: wal}
	c.db.WALHook(w.wal.grown)
	w.turn <- struct{}{}
	return w
}

// do carries out a change and returns when it is durable, or when nothing of it
// will ever be. The change runs inside a transaction, perhaps on another
// goroutine; when it returns an error, what it did is undone.
func (w *writer) do(ctx context.Context, change func(*conn) error) error {
	if ctx.Err() != nil {
		return errEnded(ctx)
	}
	mine := &write{change: change, done: make(chan struct{})}
	w.enqueue(mine)
	for {
		select {
		case <-mine.done:
			return mine.err
		case <-w.turn:
			w.lead()
		case <-ctx.Done():
			return w.leave(mine, errEnded(ctx))
		case <-w.closing:
			return w.leave(mine, errClosed())
		}
	}
}

func (w *writer) enqueue(one *write) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, one)
}

// leave takes a write out of the queue. One that a group has taken already is
// waited for.
func (w *writer) leave(one *write, reason error) error {
	w.mu.Lock()
	i := slices.Index(w.waiting, one)
	if i >= 0 {
		w.waiting = slices.Delete(w.waiting, i, i+1)
	}
	w.mu.Unlock()
	if i >= 0 {
		return reason
	}
	<-one.done
	return one.err
}

// lead carries out the next group, looks after the WAL once everyone is told,
// and passes the turn on. It yields first: those whom the last group woke may
// have more to write, and then share this one.
func (w *writer) lead() {
	defer func() { w.turn <- struct{}{} }()
	runtime.Gosched()
	if group := w.next(); len(group) > 0 {
		w.commit(group)
		w.wal.checkpoint(w.conn)
	}
}

// queued is how many writes wait for their turn.
func (w *writer) queued() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting)
}

func (w *writer) next() []*write {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.waiting), maxGroup)
	group := slices.Clone(w.waiting[:n])
	w.waiting = slices.Delete(w.waiting, 0, n)
	return group
}

// errAbandoned is the outcome of a transaction that a panic cut short.
var errAbandoned = errors.New("the transaction was abandoned")

// commit carries out a group in one transaction and tells everyone, also when a
// change panics.
func (w *writer) commit(group []*write) {
	err := errAbandoned
	defer func() {
		for _, one := range group {
			if one.settle(err) {
				w.writes.Add(1)
			}
		}
	}()
	var changed time.Time
	err = w.conn.transact(func(c *conn) error {
		defer func() { changed = time.Now() }()
		for _, one := range group {
			if one.err = c.try(one.change); c.db.GetAutocommit() {
				return one.err // the whole transaction is gone with it
			}
		}
		return nil
	})
	if err == nil {
		w.commits.Add(1)
		w.syncs.Observe(time.Since(changed))
	}
}

// settle makes the outcome final: that of the change, unless the transaction
// around it failed. It reports whether the change is durable.
func (one *write) settle(transaction error) bool {
	if transaction != nil {
		one.err = transaction
	}
	close(one.done)
	return one.err == nil
}

// transact runs body between BEGIN IMMEDIATE and COMMIT. When it returns an
// error, or panics, nothing was changed.
func (c *conn) transact(body func(*conn) error) (err error) {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = errAbandoned
	defer func() {
		if err != nil && !c.db.GetAutocommit() {
			err = errors.Join(err, c.rollback())
		}
	}()
	if err = body(c); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// rollback undoes the open transaction, whatever context ended.
func (c *conn) rollback() error {
	defer c.interruptible(context.Background())()
	return c.exec("ROLLBACK")
}

// try makes a change under a savepoint and undoes it when it fails. After the
// errors at which SQLite drops the whole transaction there is none to go back to.
func (c *conn) try(change func(*conn) error) error {
	if err := c.exec("SAVEPOINT change"); err != nil {
		return err
	}
	err := change(c)
	if err == nil {
		return c.exec("RELEASE change")
	}
	if c.db.GetAutocommit() {
		return err
	}
	return errors.Join(err, c.exec("ROLLBACK TO change"), c.exec("RELEASE change"))
}

// insert carries out an INSERT and gives the new row's id.
func (c *conn) insert(sql string, args ...any) (int64, error) {
	if err := c.exec(sql, args...); err != nil {
		return 0, err
	}
	return c.db.LastInsertRowID(), nil
}

// changed reports whether the last statement touched a row.
func (c *conn) changed() bool { return c.db.Changes() > 0 }
