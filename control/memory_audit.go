package control

import (
	"context"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// MemoryAudit is how many entries of the audit log a [Memory] keeps; then the
// oldest go.
const MemoryAudit = 10_000

// memoryAudit is what a Memory keeps of who did what.
type memoryAudit struct {
	kept []voiceapp.AuditEntry // by rising ids
	last voiceapp.AuditID
}

// AppendAudit implements [Audit].
func (m *Memory) AppendAudit(_ context.Context, entry voiceapp.AuditEntry) (voiceapp.AuditEntry, error) {
	if entry.Time.IsZero() {
		entry.Time = time.Now()
	}
	if err := entry.Check(); err != nil {
		return voiceapp.AuditEntry{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	log := &m.audit
	log.last++
	entry.ID, entry.Time = log.last, entry.Time.UTC().Round(0)
	if len(log.kept) == MemoryAudit {
		log.kept[0] = voiceapp.AuditEntry{} // append copies the rest now and then
		log.kept = log.kept[1:]
	}
	log.kept = append(log.kept, entry)
	return entry, nil
}

// AuditLog implements [Audit].
func (m *Memory) AuditLog(_ context.Context, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error) {
	limit, err := memoryPage(query.Limit)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.AuditEntry
	for _, entry := range slices.Backward(m.audit.kept) {
		if len(page) < limit && inAudit(query, entry) {
			page = append(page, entry)
		}
	}
	return page, nil
}

// inAudit reports whether an entry is among those that a query asks for.
func inAudit(query voiceapp.AuditQuery, entry voiceapp.AuditEntry) bool {
	return (query.Before == 0 || entry.ID < query.Before) &&
		(query.Actor == 0 || entry.Actor == query.Actor) &&
		(query.Action == "" || entry.Action == query.Action) &&
		(query.Target == "" || entry.Target == query.Target)
}
