package control

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// memoryBans is what a Memory keeps of bans.
type memoryBans struct {
	all  []voiceapp.Ban // by rising ids
	last voiceapp.BanID
}

// Bans implements [Bans].
func (m *Memory) Bans(_ context.Context, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error) {
	limit, err := memoryPage(limit)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.Ban
	for _, ban := range m.bans.all {
		if ban.ID > after && len(page) < limit {
			page = append(page, ban)
		}
	}
	return page, nil
}

// AddBan implements [Bans].
func (m *Memory) AddBan(_ context.Context, ban voiceapp.Ban) (voiceapp.Ban, error) {
	now := time.Now().UTC().Round(0)
	if err := ban.Check(now); err != nil {
		return voiceapp.Ban{}, err
	}
	if ban.Address != "" {
		network, err := voiceapp.ParseAddressRange(ban.Address)
		if err != nil {
			return voiceapp.Ban{}, err
		}
		ban.Address = network.String()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if ban.User != 0 && m.account(ban.User) == nil {
		return voiceapp.Ban{}, errNoAccount()
	}
	m.bans.last++
	ban.ID, ban.Created = m.bans.last, now
	m.bans.all = append(m.bans.all, ban)
	return ban, nil
}

// EditBan implements [Bans].
func (m *Memory) EditBan(_ context.Context, id voiceapp.BanID, reason string, until time.Time) (voiceapp.Ban, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.bans.find(id)
	if err != nil {
		return voiceapp.Ban{}, err
	}
	ban := m.bans.all[at]
	ban.Reason, ban.Until = reason, until
	if err := ban.Check(time.Now()); err != nil {
		return voiceapp.Ban{}, err
	}
	m.bans.all[at] = ban
	return ban, nil
}

// LiftBan implements [Bans].
func (m *Memory) LiftBan(_ context.Context, id voiceapp.BanID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.bans.find(id)
	if err == nil {
		m.bans.all = slices.Delete(m.bans.all, at, at+1)
	}
	return err
}

// ActiveBan implements [Bans].
func (m *Memory) ActiveBan(_ context.Context, user voiceapp.UserID, device string, addr netip.Addr) (ban voiceapp.Ban, banned bool, err error) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.bans.all {
		if b.Active(now) && b.Hits(user, device, addr) && (!banned || outlasts(b, ban)) {
			ban, banned = b, true
		}
	}
	return ban, banned, nil
}

// keepsOut reports whether an account is banned at a time.
func (b *memoryBans) keepsOut(user voiceapp.UserID, now time.Time) bool {
	return slices.ContainsFunc(b.all, func(ban voiceapp.Ban) bool { return ban.User == user && ban.Active(now) })
}

// outlasts reports whether a ban lasts longer than another.
func outlasts(ban, other voiceapp.Ban) bool {
	return !other.Until.IsZero() && (ban.Until.IsZero() || ban.Until.After(other.Until))
}

// find returns the place of a ban. The error is [voiceapp.NotFound].
func (b *memoryBans) find(id voiceapp.BanID) (int, error) {
	at, found := slices.BinarySearchFunc(b.all, id, func(ban voiceapp.Ban, id voiceapp.BanID) int { return cmp.Compare(ban.ID, id) })
	if !found {
		return 0, errNoBan()
	}
	return at, nil
}

func errNoBan() error { return voiceapp.NewError(voiceapp.NotFound, "there is no such ban") }
