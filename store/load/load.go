package load

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Target is a database under load. Its methods are called from many goroutines.
type Target interface {
	// Read reads a channel and the role of a user, as joining a channel does; n
	// says which.
	Read(ctx context.Context, n int) error

	// Write makes one change durable before it returns.
	Write(ctx context.Context, n int) error

	// Locked reports whether an error says that the database is locked.
	Locked(err error) bool
}

// Config says how much load there is. The zero value of each field stands for its
// default.
type Config struct {
	Duration time.Duration // of the first phase, the others take a third of it; 30 s
	Readers  int           // 50
	Writers  int           // 10
	Checks   int           // permission checks a second; 1,000
}

func (c Config) withDefaults() Config {
	return Config{
		Duration: cmp.Or(max(0, c.Duration), 30*time.Second),
		Readers:  cmp.Or(max(0, c.Readers), 50),
		Writers:  cmp.Or(max(0, c.Writers), 10),
		Checks:   cmp.Or(max(0, c.Checks), 1000),
	}
}

// Result is what was measured.
type Result struct {
	Reads     float64 // a second, beside the writers
	Writes    float64 // acknowledged a second, beside the readers
	Ungrouped float64 // acknowledged a second by one writer, beside the readers
	Locked    uint64  // calls that failed because the database was locked
	Errors    uint64  // calls that failed otherwise

	CheckP50, CheckP99 time.Duration // of a permission check beside the writers
}

// String gives the result as a line of figures.
func (r Result) String() string {
	ratio := 0.0
	if r.Ungrouped > 0 {
		ratio = r.Writes / r.Ungrouped
	}
	return fmt.Sprintf("reads_s=%.0f writes_s=%.0f locked=%d errors=%d check_p50_us=%d check_p99_us=%d ungrouped_writes_s=%.0f ratio=%.1f",
		r.Reads, r.Writes, r.Locked, r.Errors, r.CheckP50.Microseconds(), r.CheckP99.Microseconds(), r.Ungrouped, ratio)
}

// Run measures a target. The error is ctx's.
func Run(ctx context.Context, target Target, c Config) (Result, error) {
	c = c.withDefaults()
	r := run{target: target}
	var result Result
	result.Reads, result.Writes = r.crowd(ctx, c.Duration, c.Readers, c.Writers, nil)
	_, result.Ungrouped = r.crowd(ctx, c.Duration/3, c.Readers, 1, nil)
	var took []time.Duration
	r.crowd(ctx, c.Duration/3, 0, c.Writers, func(ctx context.Context) { took = r.checks(ctx, c.Checks) })
	result.CheckP50, result.CheckP99 = quantile(took, 0.50), quantile(took, 0.99)
	result.Locked, result.Errors = r.locked.Load(), r.failed.Load()
	return result, ctx.Err()
}

// run counts what happens in all phases.
type run struct {
	target         Target
	turn           atomic.Int64 // which read or write is next
	locked, failed atomic.Uint64
}

// crowd lets readers and writers at the target for so long, and does something
// else beside, if there is anything; it gives what they did in a second.
func (r *run) crowd(ctx context.Context, d time.Duration, readers, writers int, beside func(context.Context)) (reads, writes float64) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var read, written atomic.Uint64
	var all sync.WaitGroup
	for range readers {
		all.Go(func() { r.repeat(ctx, r.target.Read, &read) })
	}
	for range writers {
		all.Go(func() { r.repeat(ctx, r.target.Write, &written) })
	}
	began := time.Now()
	if beside != nil {
		beside(ctx)
	}
	all.Wait()
	took := time.Since(began).Seconds()
	return float64(read.Load()) / took, float64(written.Load()) / took
}

// repeat does something until ctx ends, and counts how often that succeeded.
func (r *run) repeat(ctx context.Context, do func(context.Context, int) error, done *atomic.Uint64) {
	for ctx.Err() == nil {
		if err := do(ctx, int(r.turn.Add(1))); r.count(ctx, err) {
			done.Add(1)
		}
	}
}

// count notes how a call ended. One that the end of the phase cut off is none.
func (r *run) count(ctx context.Context, err error) (ok bool) {
	switch {
	case err == nil:
		return true
	case r.target.Locked(err):
		r.locked.Add(1)
	case ctx.Err() == nil:
		r.failed.Add(1)
	}
	return false
}

// checks reads at a rate, and gives how long each took: from when it was due, where
// the one before was not done by then.
func (r *run) checks(ctx context.Context, rate int) (took []time.Duration) {
	began, every, done := time.Now(), time.Second/time.Duration(rate), time.Time{}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		due := began.Add(time.Duration(n) * every)
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return took
		}
		begun := time.Now()
		if done.After(due) {
			begun = due
		}
		err := r.target.Read(ctx, n)
		if done = time.Now(); r.count(ctx, err) {
			took = append(took, done.Sub(begun))
		}
	}
}

// quantile gives the value below which a share of all lies; 0 when there are none.
func quantile(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(share*float64(len(all))), len(all)-1)]
}
