package store

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// reportQuantiles reports p50 and p99 of how long calls took.
func reportQuantiles(b *testing.B, took []time.Duration) {
	b.Helper()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))]) / float64(time.Microsecond) }
	b.ReportMetric(at(0.50), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
}

func BenchmarkAccess(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	channel, anna := lobby(b, s), member(b, s, "Anna")
	took := make([]time.Duration, 0, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, _, err := s.Access(b.Context(), anna.ID, channel.ID); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	reportQuantiles(b, took)
}

// BenchmarkAccessBesideWriters asks 1,000 times a second, on a schedule that
// does not wait for slow answers, while ten goroutines write.
func BenchmarkAccessBesideWriters(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	channel, anna := lobby(b, s), member(b, s, "Anna")
	stop := writeBeside(b, s, 10)
	took := make([]time.Duration, 0, 1<<16)
	due := time.Now()
	for b.Loop() {
		due = due.Add(time.Millisecond)
		time.Sleep(time.Until(due))
		start := time.Now()
		if _, _, err := s.Access(b.Context(), anna.ID, channel.ID); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	writes := stop()
	reportQuantiles(b, took)
	b.ReportMetric(float64(writes)/b.Elapsed().Seconds(), "writes/s")
}

// writeBeside writes from n goroutines until the function it returns is called,
// which gives the number of writes.
func writeBeside(b *testing.B, s *Store, n int) (stop func() int64) {
	var (
		all     sync.WaitGroup
		stopped atomic.Bool
		writes  atomic.Int64
	)
	for w := range n {
		all.Go(func() {
			for i := 0; !stopped.Load(); i++ {
				if _, err := s.CreateUser(b.Context(), fmt.Sprintf("user-%d-%d", w, i), someHash, voiceapp.RoleMember); err != nil {
					b.Error(err)
					return
				}
				writes.Add(1)
			}
		})
	}
	return func() int64 {
		stopped.Store(true)
		all.Wait()
		return writes.Load()
	}
}

// BenchmarkCreateUser makes accounts from one goroutine and from many, which
// share the syncs of the disk.
func BenchmarkCreateUser(b *testing.B) {
	for _, writers := range []int{1, 10, 50} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openTest(b, newPath(b), quiet)
			before := s.Stats()
			var (
				all  sync.WaitGroup
				next atomic.Int64
			)
			b.ResetTimer()
			for range writers {
				all.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if _, err := s.CreateUser(b.Context(), fmt.Sprint("user-", n), someHash, voiceapp.RoleMember); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			after := s.Stats()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
			b.ReportMetric(float64(after.Writes-before.Writes)/float64(after.Commits-before.Commits), "writes/commit")
		})
	}
}

// BenchmarkReadersAndWriters is 50 goroutines that ask for permission beside 10
// that write.
func BenchmarkReadersAndWriters(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	channel, anna := lobby(b, s), member(b, s, "Anna")
	stop := writeBeside(b, s, 10)
	var (
		all  sync.WaitGroup
		next atomic.Int64
	)
	b.ResetTimer()
	for range 50 {
		all.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if _, _, err := s.Access(b.Context(), anna.ID, channel.ID); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	elapsed := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N)/elapsed, "reads/s")
	b.ReportMetric(float64(stop())/elapsed, "writes/s")
}
