package storetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func bansParts() []part {
	return []part{
		{"Add", testBanAdd},
		{"Active", testBanActive},
		{"ActiveAgreesWithHits", testBanAgreesWithHits},
		{"Expiry", testBanExpiry},
		{"EditAndLift", testBanEditAndLift},
		{"Refuses", testBanRefuses},
	}
}

var (
	deviceA = strings.Repeat("a1", 32)
	deviceB = strings.Repeat("b2", 32)
)

func (r *rig) ban(t *testing.T, ban voiceapp.Ban) voiceapp.Ban {
	t.Helper()
	made, err := as[Bans](r).AddBan(t.Context(), ban)
	if err != nil {
		t.Fatalf("AddBan(%+v): %v", ban, err)
	}
	return made
}

// activeBan asks with an address in text form, "" for none.
func (r *rig) activeBan(t *testing.T, user voiceapp.UserID, device, addr string) (voiceapp.Ban, bool) {
	t.Helper()
	var parsed netip.Addr
	if addr != "" {
		parsed = netip.MustParseAddr(addr)
	}
	ban, banned, err := as[Bans](r).ActiveBan(t.Context(), user, device, parsed)
	if err != nil {
		t.Fatal(err)
	}
	return ban, banned
}

func testBanAdd(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	var all []voiceapp.Ban
	for _, c := range []struct{ given, address string }{
		{"203.0.113.7", "203.0.113.7/32"},
		{"203.0.113.7/24", "203.0.113.0/24"},
		{"2001:db8::7", "2001:db8::/64"},
		{"", ""},
	} {
		want := voiceapp.Ban{ID: 99, User: anna.ID, Device: deviceA, Address: c.given, Reason: "noise\non purpose", By: 7, Until: until}
		got := r.ban(t, want)
		if got.ID <= 0 || got.ID == 99 || got.Created.IsZero() {
			t.Errorf("AddBan = %+v", got)
		}
		want.ID, want.Address, want.Created = got.ID, c.address, got.Created
		if got != want {
			t.Errorf("AddBan = %+v, want %+v", got, want)
		}
		all = append(all, got)
	}
	first, err := as[Bans](r).Bans(t.Context(), 0, 3)
	if err != nil || len(first) != 3 {
		t.Fatal(first, err)
	}
	rest, err := as[Bans](r).Bans(t.Context(), first[2].ID, 3)
	if err != nil || len(rest) != 1 {
		t.Fatal(rest, err)
	}
	for i, got := range append(first, rest...) {
		if got != all[i] {
			t.Errorf("Bans gives %+v, want %+v", got, all[i])
		}
	}
}

func testBanActive(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	r.ban(t, voiceapp.Ban{User: anna.ID})
	r.ban(t, voiceapp.Ban{Device: deviceA})
	r.ban(t, voiceapp.Ban{Address: "203.0.113.0/24"})
	r.ban(t, voiceapp.Ban{Address: "2001:db8::1"})
	for _, c := range []struct {
		user         voiceapp.UserID
		device, addr string
		want         bool
	}{
		{anna.ID, "", "", true},
		{anna.ID + 1, "", "", false},
		{0, "", "", false},
		{0, deviceA, "", true},
		{0, deviceB, "", false},
		{0, "", "203.0.113.255", true},
		{0, "", "::ffff:203.0.113.1", true},
		{0, "", "203.0.114.0", false},
		{0, "", "2001:db8::ffff:1", true},
		{0, "", "2001:db8::1%eth0", true},
		{0, "", "2001:db8:0:1::1", false},
		{anna.ID + 1, deviceB, "198.51.100.1", false},
		{anna.ID, deviceB, "198.51.100.1", true},
		{-1, "'", "0.0.0.0", false},
	} {
		if ban, banned := r.activeBan(t, c.user, c.device, c.addr); banned != c.want || banned == (ban.ID == 0) {
			t.Errorf("ActiveBan(%d, %.4q, %s) = %+v, %v; want %v", c.user, c.device, c.addr, ban, banned, c.want)
		}
	}
}

// testBanAgreesWithHits compares the lookup with the plain rule, at random.
func testBanAgreesWithHits(t *testing.T, r *rig) {
	random := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr {
		if random.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte{203, 0, byte(random.IntN(64)), byte(random.IntN(4))})
		}
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 5: byte(random.IntN(64)), 7: byte(random.IntN(4)), 15: byte(random.IntN(4))})
	}
	var bans []voiceapp.Ban
	for range 60 {
		from := addr()
		bits := 24 + random.IntN(9)
		if from.Is6() {
			bits = 48 + random.IntN(81)
		}
		network := netip.PrefixFrom(from, bits)
		bans = append(bans, r.ban(t, voiceapp.Ban{Address: network.String()}))
	}
	hits := 0
	for range 300 {
		at := addr()
		want := false
		for _, ban := range bans {
			want = want || ban.Hits(0, "", at)
		}
		if want {
			hits++
		}
		if ban, banned := r.activeBan(t, 0, "", at.String()); banned != want || banned && !ban.Hits(0, "", at) {
			t.Errorf("ActiveBan(%v) = %+v, %v; want %v", at, ban, banned, want)
		}
	}
	if hits == 0 || hits == 300 {
		t.Errorf("%d of 300 addresses were banned: the test shows nothing", hits)
	}
}

func testBanExpiry(t *testing.T, r *rig) {
	now := time.Now()
	short := r.ban(t, voiceapp.Ban{Address: "203.0.113.7", Until: now.Add(time.Hour)})
	long := r.ban(t, voiceapp.Ban{Address: "203.0.113.0/24", Until: now.Add(48 * time.Hour)})
	if got, _ := r.activeBan(t, 0, "", "203.0.113.7"); got != long {
		t.Errorf("of two bans %+v is given, want that which lasts longer", got)
	}
	if err := as[Bans](r).LiftBan(t.Context(), long.ID); err != nil {
		t.Fatal(err)
	}
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		by   time.Duration
		want bool
	}{{0, true}, {-year, true}, {2 * year, false}, {-year, true}, {2 * time.Hour, false}} {
		r.advance(t, c.by)
		if got, banned := r.activeBan(t, 0, "", "203.0.113.7"); banned != c.want || banned && got != short {
			t.Errorf("after the clock went by %v: %+v, %v; want %v", c.by, got, banned, c.want)
		}
	}
	forGood := r.ban(t, voiceapp.Ban{Address: "203.0.0.0/16"})
	r.advance(t, 100*year)
	if got, banned := r.activeBan(t, 0, "", "203.0.113.7"); !banned || got != forGood {
		t.Errorf("a ban for good is %+v, %v after 100 years", got, banned)
	}
	if all, err := as[Bans](r).Bans(t.Context(), 0, 0); err != nil || len(all) != 2 {
		t.Errorf("a ban that is over is not listed: %+v, %v", all, err)
	}
}

func testBanEditAndLift(t *testing.T, r *rig) {
	bans := as[Bans](r)
	want := r.ban(t, voiceapp.Ban{Device: deviceA, Reason: "one", Until: time.Now().Add(time.Hour)})
	want.Reason, want.Until = "two", time.Time{}
	got, err := bans.EditBan(t.Context(), want.ID, want.Reason, want.Until)
	if err != nil || got != want {
		t.Errorf("EditBan = %+v, %v; want %+v", got, err, want)
	}
	if got, banned := r.activeBan(t, 0, deviceA, ""); !banned || got != want {
		t.Errorf("ActiveBan = %+v, %v; want %+v", got, banned, want)
	}
	if err := bans.LiftBan(t.Context(), want.ID); err != nil {
		t.Error(err)
	}
	if got, banned := r.activeBan(t, 0, deviceA, ""); banned {
		t.Errorf("after it was lifted there is %+v", got)
	}
	wantCode(t, "LiftBan again", bans.LiftBan(t.Context(), want.ID), voiceapp.NotFound)
}

func testBanRefuses(t *testing.T, r *rig) {
	bans := as[Bans](r)
	kept := r.ban(t, voiceapp.Ban{Device: deviceA})
	for _, bad := range []voiceapp.Ban{
		{},
		{Reason: "nobody"},
		{Device: "a1"},
		{Device: strings.ToUpper(deviceA)},
		{Device: strings.Repeat("x", 64)},
		{Address: "nonsense"},
		{Address: "203.0.113.0/33"},
		{Address: "0.0.0.0/0"},
		{Address: "::/0"},
		{Address: "203.0.113.0/-1"},
		{Address: strings.Repeat("1", 10_000)},
		{Device: deviceB, Reason: strings.Repeat("x", voiceapp.MaxReasonLength+1)},
		{Device: deviceB, Reason: "\x1b[2J"},
		{Device: deviceB, By: -1},
		{Device: deviceB, By: voiceapp.MaxID + 1},
		{Device: deviceB, Until: time.Now().Add(-365 * 24 * time.Hour)},
		{Device: deviceB, Until: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Device: deviceB, Until: time.Unix(1<<62, 0)},
		{Device: deviceB, Until: time.Unix(-1<<62, 0)},
	} {
		got, err := bans.AddBan(t.Context(), bad)
		wantCode(t, fmt.Sprintf("AddBan(%.100q)", fmt.Sprint(bad)), err, voiceapp.Invalid)
		if got != (voiceapp.Ban{}) {
			t.Errorf("a ban came with the error: %+v", got)
		}
	}
	_, err := bans.EditBan(t.Context(), kept.ID, "", time.Now().Add(-time.Hour))
	wantCode(t, "EditBan to an end that is over", err, voiceapp.Invalid)
	for _, id := range badIDs {
		if id != 0 {
			_, err := bans.AddBan(t.Context(), voiceapp.Ban{User: voiceapp.UserID(id)})
			wantCode(t, fmt.Sprint("AddBan of the account ", id), err, voiceapp.NotFound)
		}
		_, err := bans.EditBan(t.Context(), voiceapp.BanID(id), "", time.Time{})
		wantCode(t, fmt.Sprint("EditBan of ", id), err, voiceapp.NotFound)
		wantCode(t, fmt.Sprint("LiftBan of ", id), bans.LiftBan(t.Context(), voiceapp.BanID(id)), voiceapp.NotFound)
	}
	if all, err := bans.Bans(t.Context(), 0, 0); err != nil || len(all) != 1 || all[0] != kept {
		t.Errorf("the bans became %+v, %v", all, err)
	}
}
