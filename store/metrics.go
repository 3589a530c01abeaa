package store

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// meter counts how long the calls of a Store take, and why they fail where that is
// not what was asked for.
type meter struct {
	reads, writes histogram.Histogram

	busy, unavailable, internal atomic.Uint64
}

// called counts a call that began then.
func (m *meter) called(in *histogram.Histogram, begun time.Time, err error) {
	in.Observe(time.Since(begun))
	if err == nil {
		return
	}
	switch voiceapp.AsError(err).Code {
	case voiceapp.Busy:
		m.busy.Add(1)
	case voiceapp.Unavailable:
		m.unavailable.Add(1)
	case voiceapp.Internal:
		m.internal.Add(1)
	default: // as it should be: there is none, the name is taken
	}
}

// Metrics gives the figures at the moment, in the terms of package admin. Any
// goroutine may call it.
func (s *Store) Metrics(yield func(voiceapp.Metric)) {
	yield(s.meter.reads.Metric("voiceapp_store_read_seconds", "How long reads took, with their wait for a connection"))
	yield(s.meter.writes.Metric("voiceapp_store_write_seconds", "How long writes took until they were on the disk, with their wait for the ones before"))
	yield(s.writer.syncs.Metric("voiceapp_store_sync_seconds", "How long a transaction took to come onto the disk"))
	stats := s.Stats()
	counter := func(name, help string, value uint64, labels ...voiceapp.Label) {
		yield(voiceapp.Metric{Name: name, Help: help, Kind: voiceapp.Counter, Value: float64(value), Labels: labels})
	}
	counter("voiceapp_store_writes_total", "Changes that are on the disk", stats.Writes)
	counter("voiceapp_store_commits_total", "Transactions that held them: writes by commits is the mean group", stats.Commits)
	const errors = "Reads and writes that failed: busy is a full disk or another program, unavailable a call that ended first or a file that can't be written, internal a fault"
	counter("voiceapp_store_errors_total", errors, s.meter.busy.Load(), voiceapp.Label{Name: "code", Value: string(voiceapp.Busy)})
	counter("voiceapp_store_errors_total", errors, s.meter.unavailable.Load(), voiceapp.Label{Name: "code", Value: string(voiceapp.Unavailable)})
	counter("voiceapp_store_errors_total", errors, s.meter.internal.Load(), voiceapp.Label{Name: "code", Value: string(voiceapp.Internal)})
	gauge := func(name, help string, value int64, labels ...voiceapp.Label) {
		yield(voiceapp.Metric{Name: name, Help: help, Kind: voiceapp.Gauge, Value: float64(value), Labels: labels})
	}
	gauge("voiceapp_store_queue", "Writes that wait for their turn", int64(s.writer.queued()))
	gauge("voiceapp_store_readers", "Connections that are open for reading", int64(stats.Readers))
	const bytes = "Sizes of the files of the database; wal is its write-ahead log"
	gauge("voiceapp_store_file_bytes", bytes, sizeOf(s.path), voiceapp.Label{Name: "file", Value: "database"})
	gauge("voiceapp_store_file_bytes", bytes, sizeOf(s.path+"-wal"), voiceapp.Label{Name: "file", Value: "wal"})
}

// sizeOf is 0 for a file that is not there.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
