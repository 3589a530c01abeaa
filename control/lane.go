package control

import (
	"encoding/base64"
	"sync"
	"time"
)

const (
	laneTime  = 200 * time.Millisecond // how old a datagram gets before it is dropped
	laneBytes = 256 << 10              // of lines that wait, whatever their age
	laneWrite = 8 << 10                // of lines that are written at once, before control is looked at again
)

// lane holds the datagrams of voice that wait beside the lines of control, which
// go first. It is never waited for: what is too old or too much is dropped, the
// oldest first. The zero value is empty.
type lane struct {
	mu      sync.Mutex
	waiting []datagramLine
	bytes   int
}

type datagramLine struct {
	since time.Time
	line  []byte
}

// push adds a line.
func (l *lane) push(line []byte, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, datagramLine{now, line})
	l.bytes += len(line)
	for now.Sub(l.waiting[0].since) > laneTime || l.bytes > laneBytes {
		l.shift()
	}
}

// take appends the oldest lines that are still of use to b, and reports whether
// there are more.
func (l *lane) take(b []byte, now time.Time) (lines []byte, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for size := len(b); len(l.waiting) > 0; {
		first := l.waiting[0]
		if len(b)-size+len(first.line) > laneWrite {
			return b, true
		}
		if now.Sub(first.since) <= laneTime {
			b = append(b, first.line...)
		}
		l.shift()
	}
	return b, false
}

// shift forgets the oldest.
func (l *lane) shift() {
	l.bytes -= len(l.waiting[0].line)
	l.waiting[0] = datagramLine{}
	if l.waiting = l.waiting[1:]; len(l.waiting) == 0 {
		l.waiting = nil
	}
}

const (
	datagramBegin = `{"jsonrpc":"2.0","method":"` + eventDatagram + `","params":{"data":"`
	datagramEnd   = `"}}` + "\n"
)

// encodeDatagram gives voice.datagram as a line.
func encodeDatagram(datagram []byte) []byte {
	line := make([]byte, 0, len(datagramBegin)+base64.StdEncoding.EncodedLen(len(datagram))+len(datagramEnd))
	line = append(line, datagramBegin...)
	line = base64.StdEncoding.AppendEncode(line, datagram)
	return append(line, datagramEnd...)
}
