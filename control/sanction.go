package control

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// mark is one of the things by which somebody who comes back is known: an account,
// a device, or, of a guest who shows no device, an address.
type mark struct {
	user   voiceapp.UserID
	device string
	source netip.Addr
}

// marksOf returns all marks of somebody; none of a guest without a device whose
// address is not known.
func marksOf(user voiceapp.UserID, device string, source netip.Addr) (marks []mark) {
	if user != 0 {
		marks = append(marks, mark{user: user})
	}
	if device != "" {
		marks = append(marks, mark{device: device})
	}
	if len(marks) == 0 && source.IsValid() {
		marks = append(marks, mark{source: source})
	}
	return marks
}

func (s *session) marks() []mark { return marksOf(s.user, s.conn.device, s.conn.source) }

// maxSanctioned bounds the marks that are remembered of those who were kicked, and
// of those who were silenced. Then any of them is forgotten for a new one.
const maxSanctioned = 10_000

// sanctions is what the server remembers of those who were kicked or silenced, so
// that coming back changes nothing. It belongs to the loop, and ends with the
// server.
type sanctions struct {
	kicked   map[mark]*voiceapp.Error
	silenced map[mark]*silence
}

// silence keeps somebody from being heard, or from hearing, by whatever mark he
// comes back.
type silence struct {
	marks       []mark
	role        voiceapp.Role // the highest that he had when he was silenced
	muted, deaf bool
}

func newSanctions() sanctions {
	return sanctions{kicked: make(map[mark]*voiceapp.Error), silenced: make(map[mark]*silence)}
}

// kick refuses marks until the error's Until.
func (c *sanctions) kick(marks []mark, refusal *voiceapp.Error) {
	now := time.Now()
	for m, e := range c.kicked {
		if !now.Before(e.Until) {
			delete(c.kicked, m)
		}
	}
	for _, m := range marks {
		makeRoom(c.kicked)
		c.kicked[m] = refusal
	}
}

func makeRoom[V any](table map[mark]V) {
	for m := range table {
		if len(table) < maxSanctioned {
			return
		}
		delete(table, m)
	}
}

// refusal returns, as [voiceapp.Kicked], why someone with these marks may not come
// back yet.
func (c *sanctions) refusal(marks []mark) error {
	for _, m := range marks {
		if e := c.kicked[m]; e != nil && time.Now().Before(e.Until) {
			return e
		}
	}
	return nil
}

// silence alters how someone with these marks and that role is silenced. What was said of any of
// his marks before, for another mark too, is one with it from then on: who may
// speak again under one name may under all.
func (c *sanctions) silence(marks []mark, role voiceapp.Role, alter func(muted, deaf *bool)) {
	all := &silence{marks: slices.Clone(marks), role: max(role, c.silencedRole(marks))}
	for _, m := range marks {
		before := c.silenced[m]
		if before == nil {
			continue
		}
		all.muted, all.deaf = all.muted || before.muted, all.deaf || before.deaf
		for _, m := range before.marks {
			delete(c.silenced, m)
			if !slices.Contains(all.marks, m) {
				all.marks = append(all.marks, m)
			}
		}
	}
	if alter(&all.muted, &all.deaf); !all.muted && !all.deaf {
		return
	}
	for _, m := range all.marks {
		makeRoom(c.silenced)
		c.silenced[m] = all
	}
}

// silencedRole returns the highest role that someone with these marks had when he was
// silenced: who may act on that one only may take it back. Otherwise he could let
// himself speak again, as a moderator, by the session of a guest on his own device.
func (c *sanctions) silencedRole(marks []mark) (role voiceapp.Role) {
	for _, m := range marks {
		if s := c.silenced[m]; s != nil {
			role = max(role, s.role)
		}
	}
	return role
}

// silencing says how someone with these marks is silenced.
func (c *sanctions) silencing(marks []mark) (muted, deaf bool) {
	for _, m := range marks {
		if s := c.silenced[m]; s != nil {
			muted, deaf = muted || s.muted, deaf || s.deaf
		}
	}
	return muted, deaf
}

// checkDevice reports what checkAccount does, as far as it can be said before it is
// known who it is.
func (c *call) checkDevice(ctx context.Context) error {
	return c.server.checkBanned(ctx, 0, c.device, c.source, marksOf(0, c.device, netip.Addr{}))
}

// checkAccount reports, as [voiceapp.Banned] or [voiceapp.Kicked], that an account,
// or a guest for 0, is kept out at present.
func (c *call) checkAccount(ctx context.Context, user voiceapp.UserID, role voiceapp.Role) error {
	return c.server.checkBan(ctx, user, role, c.device, c.source)
}

// checkBan reports it of somebody by all that he is known by. An owner, who is known to be
// one by now, is held by nothing but his account: others could keep him out by where he is.
func (s *Server) checkBan(ctx context.Context, user voiceapp.UserID, role voiceapp.Role, device string, source netip.Addr) error {
	if role == voiceapp.RoleOwner {
		device, source = "", netip.Addr{}
	}
	return s.checkBanned(ctx, user, device, source, marksOf(user, device, source))
}

// checkSource reports, before anything is hashed, what checkBan does of an address, which
// is not that of a guest alone.
func (s *Server) checkSource(ctx context.Context, source netip.Addr) error {
	return s.checkBanned(ctx, 0, "", source, nil)
}

// isOwner reports whether a name is an owner's: who comes under it from a banned address
// may show that he is.
func (s *Server) isOwner(ctx context.Context, name string) bool {
	user, _, err := s.Directory.Credential(ctx, name)
	return err == nil && user.Role == voiceapp.RoleOwner
}

func (s *Server) checkBanned(ctx context.Context, user voiceapp.UserID, device string, source netip.Addr, marks []mark) error {
	err := s.roster.do(func(r *roster) error { return r.sanctions.refusal(marks) })
	bans, ok := s.Directory.(Bans)
	if err != nil || !ok {
		return err
	}
	ban, banned, err := bans.ActiveBan(ctx, user, device, source)
	if err == nil && banned {
		err = errBanned(ban)
	}
	return err
}

func errBanned(ban voiceapp.Ban) *voiceapp.Error {
	return &voiceapp.Error{Code: voiceapp.Banned, Message: "you are banned from this server " + untilText(ban.Until), Until: ban.Until, Reason: ban.Reason}
}

func untilText(until time.Time) string {
	if until.IsZero() {
		return "for good"
	}
	return "until " + until.UTC().Format(time.RFC3339)
}
