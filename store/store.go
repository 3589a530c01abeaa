package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Store is an open database. It is made by [Open], its methods may be called
// from any goroutine, and it satisfies control.Directory.
type Store struct {
	path    string // absolute; immutable, like options
	options Options
	life    context.Context // ends when Close begins
	end     context.CancelFunc
	writer  *writer
	readers *readers
	backups chan struct{} // one token: its holder may make a backup
	uses    keyUses
	meter   meter

	closeOnce sync.Once
	closeErr  error
}

// Stats is a snapshot of what a Store has done since it was opened.
type Stats struct {
	Reads   uint64 // reads begun
	Writes  uint64 // changes made durable
	Commits uint64 // transactions that held them: Writes/Commits is the mean group
	Readers int    // connections open for reading
}

// Stats returns the present counts.
func (s *Store) Stats() Stats {
	return Stats{
		Reads:   s.readers.reads.Load(),
		Writes:  s.writer.writes.Load(),
		Commits: s.writer.commits.Load(),
		Readers: int(s.readers.conns.Load()),
	}
}

// Close refuses further calls, waits for the reads and writes that run, ends a
// backup that runs, and closes the file. Calls that wait for their turn end with
// Unavailable. It may be called more than once.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.end()
		s.uses.close()
		<-s.backups
		<-s.writer.turn
		err := errors.Join(s.readers.close(), s.writer.conn.close())
		s.closeErr = fault(context.Background(), err)
	})
	return s.closeErr
}

// read runs a read, ended early when ctx is.
func (s *Store) read(ctx context.Context, read func(*conn) error) error {
	begun := time.Now()
	err := fault(ctx, s.readers.do(ctx, read))
	s.meter.called(&s.meter.reads, begun, err)
	return err
}

// write makes a change durable.
func (s *Store) write(ctx context.Context, change func(*conn) error) error {
	begun := time.Now()
	err := fault(ctx, withSystemError(s.path, s.writer.do(ctx, change)))
	s.meter.called(&s.meter.writes, begun, err)
	return err
}

// now is the time as the database keeps it, to the millisecond.
func (s *Store) now() time.Time { return fromMillis(s.options.Now().UnixMilli()) }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
