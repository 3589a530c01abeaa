package voice

import (
	"sync"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// How many datagrams the estimate of the loss looks back on: a rise is to be
// answered soon, and one second without loss is not the end of it.
const (
	lossRise = 100.0
	lossFall = 500.0
)

// lossMeter makes a share of lost datagrams of the reports of who receives them.
// The zero value knows of none. It is safe for concurrent use, as reports may come
// by UDP and by the tunnel.
type lossMeter struct {
	mu    sync.Mutex
	last  packet.Report
	share float64
}

// add takes a report and returns the share that is lost lately, from 0 to 1. One
// that counts less than the one before is of a new key, or was overtaken.
func (m *lossMeter) add(r packet.Report) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.last
	m.last = r
	if r.Highest <= last.Highest || r.Received < last.Received {
		return m.share
	}
	sent := float64(r.Highest - last.Highest)
	now := max(0, 1-float64(r.Received-last.Received)/sent)
	window := lossFall
	if now > m.share {
		window = lossRise
	}
	m.share += (now - m.share) * min(1, sent/window)
	return m.share
}
