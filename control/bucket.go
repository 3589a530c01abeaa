package control

import (
	"net/netip"
	"sync"
	"time"
)

// bucket is a token bucket: burst at once, rate a second in the long run. It is
// used by one goroutine.
type bucket struct {
	rate, burst float64

	tokens float64
	filled time.Time
}

func newBucket(rate float64, burst int, now time.Time) bucket {
	return bucket{rate: rate, burst: float64(burst), tokens: float64(burst), filled: now}
}

// take reports whether there was a token.
func (b *bucket) take(now time.Time) bool {
	b.tokens = min(b.burst, b.tokens+b.rate*now.Sub(b.filled).Seconds())
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// wait is how long after take has refused there will be a token.
func (b *bucket) wait() time.Duration {
	return time.Duration((1 - b.tokens) / b.rate * float64(time.Second))
}

// shares says which part of the messages of one connection may be of a kind that
// costs the server or the others more than most: one in so many.
var shares = map[string]int{
	methodChat:     4,
	methodSessions: 3,
	methodChannels: 3,
	methodClaim:    12,
	methodRegister: 12,
	methodCreate:   6,
	methodEdit:     6,
	methodMove:     6,
	methodDelete:   6,

	methodHistory:      3,
	methodEditChat:     4,
	methodDeleteChat:   4,
	methodSetPassword:  12,
	methodRename:       12,
	methodRemember:     12,
	methodForget:       12,
	methodNewInvite:    6,
	methodDeleteInvite: 6,

	methodKick:       4,
	methodMute:       4,
	methodDeafen:     4,
	methodMoveUser:   4,
	methodBan:        4,
	methodEditBan:    4,
	methodLiftBan:    4,
	methodBans:       3,
	methodSetRole:    6,
	methodRenameUser: 6,
	methodDeleteUser: 6,
	methodUsers:      3,
	methodAudit:      3,
}

// meter holds back a client that sends too much: of everything, and of each kind in
// [shares]. It is used by one goroutine.
type meter struct {
	all   bucket
	kinds map[string]*bucket

	refused int // in a row
}

func newMeter(l Limits, now time.Time) meter {
	return meter{all: newBucket(float64(l.MessageRate), l.MessageBurst, now)}
}

// take counts a message of a method, or of "" when it is none, and says how long to
// wait: 0 when it is not too much.
func (m *meter) take(method string, now time.Time) time.Duration {
	b := &m.all
	ok := b.take(now)
	if of := m.kind(method, now); ok && of != nil {
		b, ok = of, of.take(now)
	}
	if ok {
		m.refused = 0
		return 0
	}
	m.refused++
	return b.wait()
}

// kind gives the bucket of a method that has a share, or nil.
func (m *meter) kind(method string, now time.Time) *bucket {
	share := shares[method]
	if share == 0 {
		return nil
	}
	if m.kinds == nil {
		m.kinds = make(map[string]*bucket, len(shares))
	}
	if m.kinds[method] == nil {
		b := newBucket(m.all.rate/float64(share), max(1, int(m.all.burst)/share), now)
		m.kinds[method] = &b
	}
	return m.kinds[method]
}

// quotas has a bucket for each source, in a bounded table.
type quotas struct {
	rate  float64
	burst int

	mu      sync.Mutex
	buckets lru[netip.Addr, bucket]
}

// newQuotas lets burst through at once, and then one every so often.
func newQuotas(burst int, every time.Duration) *quotas {
	return &quotas{rate: 1 / every.Seconds(), burst: burst, buckets: lru[netip.Addr, bucket]{limit: throttleEntries}}
}

// take says how long a source has to wait, 0 when it need not. One without an
// address never has to.
func (q *quotas) take(source netip.Addr, now time.Time) time.Duration {
	if !source.IsValid() {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.buckets.put(source)
	if b.filled.IsZero() {
		*b = newBucket(q.rate, q.burst, now)
	}
	if b.take(now) {
		return 0
	}
	return b.wait()
}
