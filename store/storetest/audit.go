package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func testAuditPages(t *testing.T, r *rig) {
	audit := as[Audit](r)
	entries := make([]voiceapp.AuditEntry, 10) // the newest first
	for i := range entries {
		entry := voiceapp.AuditEntry{
			ID: 99, Actor: voiceapp.UserID(i % 2), Name: "Anna\nroot", Action: fmt.Sprint("noun.verb", i%3), Target: fmt.Sprint("channel:", i%4),
			Before: `{"name":"a"}`, After: "", Reason: "because", Result: voiceapp.Forbidden, Address: "203.0.113.7",
		}
		got, err := audit.AppendAudit(t.Context(), entry)
		if err != nil || got.ID <= 0 || got.Time.IsZero() {
			t.Fatal(got, err)
		}
		entry.ID, entry.Time = got.ID, got.Time
		if got != entry {
			t.Errorf("AppendAudit = %+v, want %+v", got, entry)
		}
		entries[len(entries)-1-i] = got
	}
	for _, filter := range []voiceapp.AuditQuery{
		{},
		{Actor: 1},
		{Action: "noun.verb2"},
		{Target: "channel:3"},
		{Actor: 1, Target: "channel:1"},
		{Actor: 1, Action: "noun.verb0", Target: "channel:3"},
		{Action: "noun"},
		{Actor: -1},
		{Target: "%"},
	} {
		want := slices.DeleteFunc(slices.Clone(entries), func(e voiceapp.AuditEntry) bool {
			return filter.Actor != 0 && e.Actor != filter.Actor || filter.Action != "" && e.Action != filter.Action ||
				filter.Target != "" && e.Target != filter.Target
		})
		var got []voiceapp.AuditEntry
		for query := filter; ; query.Before = got[len(got)-1].ID {
			query.Limit = 3
			page, err := audit.AuditLog(t.Context(), query)
			if err != nil || len(page) > 3 {
				t.Fatal(page, err)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the log of %+v is %+v, want %+v", filter, got, want)
		}
	}
}

func testAuditRefuses(t *testing.T, r *rig) {
	audit := as[Audit](r)
	for _, bad := range []voiceapp.AuditEntry{
		{},
		{Action: strings.Repeat("x", 10_000)},
		{Action: "x", Actor: -1},
		{Action: "x", Actor: voiceapp.MaxID + 1},
		{Action: "x", Reason: strings.Repeat("x", voiceapp.MaxReasonLength+1)},
		{Action: "x", Before: strings.Repeat("x", 1<<16+1)},
		{Action: "x", After: "\xff"},
		{Action: "x", Target: "\x1b[2J"},
		{Action: "x", Time: time.Unix(1<<62, 0)},
	} {
		_, err := audit.AppendAudit(t.Context(), bad)
		wantCode(t, "AppendAudit", err, voiceapp.Invalid)
	}
	_, err := audit.AuditLog(t.Context(), voiceapp.AuditQuery{Limit: 501})
	wantCode(t, "AuditLog with a limit of 501", err, voiceapp.Invalid)
	if all, err := audit.AuditLog(t.Context(), voiceapp.AuditQuery{}); err != nil || len(all) != 0 {
		t.Errorf("the log is %+v, %v", all, err)
	}
}
