package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"github.com/voiceapp-sdk/voiceapp"
)

// The cost of a new hash, as OWASP recommends, and the most that a stored hash
// may ask for.
const (
	hashMemory  = 19 << 10 // KiB
	hashTime    = 2
	hashThreads = 1
	saltSize    = 16
	sumSize     = 32

	maxHashMemory  = 256 << 10 // KiB
	maxHashTime    = 16
	maxHashThreads = 16
)

// noAccountHash costs what a new hash costs and fits no password, so that a name
// that nobody has takes as long as a wrong password.
const noAccountHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// HashPassword returns the argon2id hash of a password in PHC string form, for
// Directory.CreateUser. It takes about 30 ms and 19 MiB. The error is
// [voiceapp.Invalid] for a password of less than 8 or more than 1024 bytes.
func HashPassword(password string) (string, error) {
	if n := len(password); n < MinPassword || n > MaxPassword {
		wrong := voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("a password has %d to %d bytes", MinPassword, MaxPassword))
		wrong.Detail, wrong.Limit = voiceapp.PasswordTooShort, MinPassword
		if n > MaxPassword {
			wrong.Detail, wrong.Limit = voiceapp.PasswordTooLong, MaxPassword
		}
		return "", wrong
	}
	p := phc{memory: hashMemory, time: hashTime, threads: hashThreads, salt: make([]byte, saltSize)}
	_, _ = rand.Read(p.salt) // never fails
	p.sum = p.derive(password, sumSize)
	return p.String(), nil
}

// hashToken gives the hash of a token as a person may have pasted it.
func hashToken(token string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.TrimSpace(token)))
}

// verifyPassword reports whether a password is the one of a hash. A hash that it
// can't read, or that asks for too much, is an error.
func verifyPassword(hash, password string) (bool, error) {
	p, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	sum := p.derive(password, uint32(len(p.sum)))
	return subtle.ConstantTimeCompare(sum, p.sum) == 1, nil
}

// upgradeHash replaces a hash that costs less than a new one does. The login goes
// on whether or not that works.
func (s *Server) upgradeHash(ctx context.Context, user voiceapp.User, hash, password string) {
	upgrader, ok := s.Directory.(HashUpgrader)
	if p, err := parsePHC(hash); !ok || err != nil || !p.isWeak() {
		return
	}
	at, _ := PeerAddress(ctx)
	better, err := s.hasher.hash(ctx, at, password)
	if err == nil {
		err = upgrader.UpgradeHash(ctx, user.ID, hash, better)
	}
	if err != nil {
		s.log.Warn("the hash of a password could not be made better", "user", user.ID, "error", err)
	}
}

// phc is an argon2id hash with its parameters.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, sum    []byte
}

func (p phc) derive(password string, size uint32) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.threads, size)
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$"+costFormat+"$%s$%s", argon2.Version,
		p.memory, p.time, p.threads, b64.EncodeToString(p.salt), b64.EncodeToString(p.sum))
}

const costFormat = "m=%d,t=%d,p=%d"

var errBadHash = errors.New("the stored password hash is not one of argon2id within bounds")

func parsePHC(s string) (phc, error) {
	var p phc
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errBadHash
	}
	_, err := fmt.Sscanf(parts[3], costFormat, &p.memory, &p.time, &p.threads)
	if err != nil || parts[3] != fmt.Sprintf(costFormat, p.memory, p.time, p.threads) {
		return p, errBadHash
	}
	var saltErr, sumErr error
	p.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	p.sum, sumErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || !p.withinBounds() {
		return p, errBadHash
	}
	return p, nil
}

// isWeak reports whether guessing costs less than with a new hash.
func (p phc) isWeak() bool {
	return p.memory < hashMemory || p.memory == hashMemory && p.time < hashTime || len(p.salt) < saltSize || len(p.sum) < sumSize
}

func (p phc) withinBounds() bool {
	return p.threads >= 1 && p.threads <= maxHashThreads &&
		p.time >= 1 && p.time <= maxHashTime &&
		p.memory >= 8*uint32(p.threads) && p.memory <= maxHashMemory &&
		len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.sum) >= 16 && len(p.sum) <= 64
}

// hasher lets only a few passwords be hashed at a time, since each takes 19 MiB
// and a processor, and lets only a few wait for it: a quarter of them from one
// source, so that nobody alone keeps all others from logging in.
type hasher struct {
	slots chan struct{}
	most  int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int
}

func newHasher(slots, queue int) *hasher {
	return &hasher{slots: make(chan struct{}, slots), most: slots + queue, from: make(map[netip.Addr]int)}
}

// load is how many are hashed, or wait for it.
func (h *hasher) load() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all
}

// enter counts one of a source, unless there are too many.
func (h *hasher) enter(source netip.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all >= h.most || source.IsValid() && h.from[source] >= max(1, h.most/4) {
		return false
	}
	h.all++
	h.from[source]++
	return true
}

func (h *hasher) leave(source netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all--
	if h.from[source]--; h.from[source] == 0 {
		delete(h.from, source)
	}
}

// run does the work for somebody at an address, or at the zero address, when its turn
// comes. The error is [voiceapp.Busy] when too many wait, ctx's when it ends first,
// and else the work's own.
func (h *hasher) run(ctx context.Context, at netip.Addr, work func() error) error {
	source := sourceOf(at)
	if !h.enter(source) {
		return voiceapp.NewError(voiceapp.Busy, "too many are logging in at once; try again in a moment")
	}
	defer h.leave(source)
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hash is HashPassword in turn.
func (h *hasher) hash(ctx context.Context, at netip.Addr, password string) (hash string, err error) {
	if n := len(password); n < MinPassword || n > MaxPassword {
		return HashPassword(password)
	}
	err = h.run(ctx, at, func() (err error) {
		hash, err = HashPassword(password)
		return err
	})
	return hash, err
}

// verify is verifyPassword in turn.
func (h *hasher) verify(ctx context.Context, at netip.Addr, hash, password string) (ok bool, err error) {
	err = h.run(ctx, at, func() (err error) {
		ok, err = verifyPassword(hash, password)
		return err
	})
	return ok, err
}
