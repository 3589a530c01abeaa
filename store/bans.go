package store

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const banColumns = "id, user_id, device, address, reason, by_id, created, until"

func scanBan(stmt *sqlite3.Stmt) voiceapp.Ban {
	return voiceapp.Ban{
		ID:      voiceapp.BanID(stmt.ColumnInt64(0)),
		User:    voiceapp.UserID(stmt.ColumnInt64(1)), // NULL reads as 0 and ""
		Device:  stmt.ColumnText(2),
		Address: stmt.ColumnText(3),
		Reason:  stmt.ColumnText(4),
		By:      voiceapp.UserID(stmt.ColumnInt64(5)),
		Created: fromMillis(stmt.ColumnInt64(6)),
		Until:   scanTime(stmt, 7),
	}
}

// Bans returns a page of all bans, those that are over too, in the order of their
// ids, from the first after that id on. limit is as for [Store.Users].
func (s *Store) Bans(ctx context.Context, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error) {
	return page(ctx, s, limit, "SELECT "+banColumns+" FROM bans WHERE id > ?2 ORDER BY id LIMIT ?1", scanBan, int64(after))
}

// AddBan makes a ban and returns it as it is: with an ID, the time, and Address
// as [voiceapp.ParseAddressRange] gives it. The ID and Created that are given play
// no part.
//
// NotFound when there is no such User, Invalid when nothing is named, when Device
// or Address is none, the reason is too long, or Until is over.
func (s *Store) AddBan(ctx context.Context, ban voiceapp.Ban) (voiceapp.Ban, error) {
	ban, err := checkBan(ban, s.now())
	if err != nil {
		return voiceapp.Ban{}, err
	}
	err = s.write(ctx, func(c *conn) error {
		if ban.User != 0 {
			if _, err := c.userRow("SELECT "+userColumns+" FROM users WHERE id = ?", int64(ban.User)); err != nil {
				return err
			}
		}
		id, err := c.insert("INSERT INTO bans (user_id, device, address, reason, by_id, created, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
			orNull(int64(ban.User)), orNull(ban.Device), orNull(ban.Address), ban.Reason, int64(ban.By), ban.Created.UnixMilli(), millisOrNull(ban.Until))
		ban.ID = voiceapp.BanID(id)
		return err
	})
	if err != nil {
		return voiceapp.Ban{}, err
	}
	return ban, nil
}

// checkBan gives a ban in the form in which it is kept.
func checkBan(ban voiceapp.Ban, now time.Time) (voiceapp.Ban, error) {
	if err := ban.Check(now); err != nil {
		return ban, err
	}
	if ban.Address != "" {
		network, err := voiceapp.ParseAddressRange(ban.Address)
		if err != nil {
			return ban, err
		}
		ban.Address = network.String()
	}
	ban.Created, ban.Until = now, toMillis(ban.Until)
	return ban, nil
}

// EditBan gives a ban another reason and another end (the zero time: for good)
// and returns it as it is. NotFound when there is none, Invalid as for
// [Store.AddBan].
func (s *Store) EditBan(ctx context.Context, id voiceapp.BanID, reason string, until time.Time) (ban voiceapp.Ban, err error) {
	terms := voiceapp.Ban{User: 1, Reason: reason, Until: until} // of anybody
	if err := terms.Check(s.now()); err != nil {
		return voiceapp.Ban{}, err
	}
	err = s.write(ctx, func(c *conn) error {
		found, err := c.row("UPDATE bans SET reason = ?, until = ? WHERE id = ? RETURNING "+banColumns,
			[]any{reason, millisOrNull(until), int64(id)}, func(stmt *sqlite3.Stmt) { ban = scanBan(stmt) })
		if err == nil && !found {
			err = noBan()
		}
		return err
	})
	if err != nil {
		return voiceapp.Ban{}, err
	}
	return ban, nil
}

// LiftBan removes a ban. NotFound when there is none.
func (s *Store) LiftBan(ctx context.Context, id voiceapp.BanID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM bans WHERE id = ?", int64(id))
		if err == nil && !c.changed() {
			err = noBan()
		}
		return err
	})
}

func noBan() error { return voiceapp.NewError(voiceapp.NotFound, "there is no such ban") }

// activeBan looks each way up by its index. ?3 is a JSON list of the ranges that
// an address is in.
const activeBan = `
SELECT ` + banColumns + ` FROM bans WHERE (until IS NULL OR until > ?4) AND id IN (
    SELECT id FROM bans WHERE user_id = ?1
    UNION SELECT id FROM bans WHERE device = ?2
    UNION SELECT bans.id FROM json_each(?3) AS range CROSS JOIN bans ON bans.address = range.value)
ORDER BY until IS NOT NULL, until DESC, id LIMIT 1`

// ActiveBan reports whether someone is kept out at present, and by which ban: of
// several, the one that lasts longest. All three are looked up in one read; 0, ""
// and the zero address are none.
func (s *Store) ActiveBan(ctx context.Context, user voiceapp.UserID, device string, addr netip.Addr) (ban voiceapp.Ban, banned bool, err error) {
	ranges, err := rangesWith(addr)
	if err != nil {
		return voiceapp.Ban{}, false, err
	}
	now := s.now()
	err = s.read(ctx, func(c *conn) (err error) {
		banned, err = c.row(activeBan, []any{orNull(int64(user)), orNull(device), ranges, now.UnixMilli()},
			func(stmt *sqlite3.Stmt) { ban = scanBan(stmt) })
		return err
	})
	if err != nil {
		return voiceapp.Ban{}, false, err
	}
	return ban, banned, nil
}

// rangesWith lists, as JSON, all ranges that can be banned and hold an address.
func rangesWith(addr netip.Addr) (string, error) {
	addr = addr.Unmap().WithZone("")
	least, most := voiceapp.MinIPv4Prefix, addr.BitLen()
	if addr.Is6() {
		least, most = voiceapp.MinIPv6Prefix, voiceapp.MaxIPv6Prefix
	}
	ranges := []netip.Prefix{}
	for bits := least; bits <= most; bits++ {
		network, err := addr.Prefix(bits)
		if err != nil {
			return "", err
		}
		ranges = append(ranges, network)
	}
	list, err := json.Marshal(ranges)
	return string(list), err
}
