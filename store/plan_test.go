package store

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// What is asked often, or of tables that grow, is looked up by an index.
func TestQueriesUseIndexes(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	for name, sql := range map[string]string{
		"access":     channelAccess,
		"credential": userByName,
		"ban":        activeBan,
		"resume":     resumable,
		"device":     deviceTokenUser,
		"forget":     forgetDevice,
		"external":   userByExternal,
		"epoch":      userEpoch,
		"key":        apiKeyUser,
		"channel":    historySQL(inChannel),
		"pair":       historySQL(betweenTwo),
		"server":     historySQL(toTheServer),
		"any":        historySQL(toMoreThanOne),
		"in channel": searchSQL(inChannel),
		"in pair":    searchSQL(betweenTwo),
		"in server":  searchSQL(toTheServer),
		"in any":     searchSQL(toMoreThanOne),
		"delivery":   nextDelivery,
		"bound":      oldDeliveries,
		"prune":      "SELECT id FROM messages WHERE sent < ? ORDER BY sent LIMIT ?",
		"sessions":   "DELETE FROM resumptions WHERE user_id = ? OR device = ?",
		"actor":      "SELECT id FROM audit WHERE id < ?2 AND actor = ?3 ORDER BY id DESC LIMIT ?1",
		"target":     "SELECT id FROM audit WHERE id < ?2 AND target = ?3 ORDER BY id DESC LIMIT ?1",
	} {
		var plan []string
		if err := s.read(t.Context(), func(c *conn) error {
			return c.rows("EXPLAIN QUERY PLAN "+sql, nil, func(stmt *sqlite3.Stmt) { plan = append(plan, stmt.ColumnText(3)) })
		}); err != nil {
			t.Fatal(err)
		}
		searches := 0
		for _, step := range plan {
			isScan := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "range VIRTUAL TABLE")
			if isScan || strings.HasPrefix(step, "USE TEMP B-TREE FOR ORDER BY") && name != "ban" {
				t.Errorf("%s: %s", name, strings.Join(plan, "; "))
				break
			}
			if strings.HasPrefix(step, "SEARCH ") {
				searches++
			}
		}
		if searches == 0 {
			t.Errorf("%s searches nothing: %s", name, strings.Join(plan, "; "))
		}
	}
}

func BenchmarkPermissions(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	channel, anna := lobby(b, s), member(b, s, "Anna")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Permissions(b.Context(), anna.ID, channel.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkActiveBan asks about someone who is not banned, beside 1,000 bans.
func BenchmarkActiveBan(b *testing.B) {
	s := openTest(b, newPath(b), quiet)
	for i := range 1000 {
		addr := netip.AddrFrom4([4]byte{203, 0, byte(i / 256), byte(i)})
		if _, err := s.AddBan(b.Context(), voiceapp.Ban{Address: addr.String()}); err != nil {
			b.Fatal(err)
		}
	}
	device := strings.Repeat("a1", 32)
	for name, addr := range map[string]string{"IPv4": "198.51.100.1", "IPv6": "2001:db8::1"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, banned, err := s.ActiveBan(b.Context(), 7, device, netip.MustParseAddr(addr)); err != nil || banned {
					b.Fatal(banned, err)
				}
			}
		})
	}
}

func BenchmarkFoldName(b *testing.B) {
	for name, text := range map[string]string{"ASCII": "Anna", "other": "Jörg Żółć ﬃ"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				naming.Fold(text)
			}
		})
	}
}
