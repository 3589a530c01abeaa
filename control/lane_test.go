package control

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLane(t *testing.T) {
	var l lane
	at := func(ms int) time.Time { return time.Unix(0, 0).Add(time.Duration(ms) * time.Millisecond) }
	take := func(ms int) string {
		b, more := l.take(nil, at(ms))
		return fmt.Sprintf("%s %v", b, more)
	}
	l.push([]byte("a"), at(0))
	l.push([]byte("b"), at(100))
	if got := take(200); got != "ab false" {
		t.Errorf("200 ms old is not too old: %s", got)
	}
	l.push([]byte("a"), at(0))
	l.push([]byte("b"), at(100))
	l.push([]byte("c"), at(201))
	if got := take(250); got != "bc false" {
		t.Errorf("201 ms old is: %s", got)
	}
	l.push([]byte("d"), at(300))
	if got := take(501); got != " false" {
		t.Errorf("what got old while nobody wrote: %s", got)
	}
	line := bytes.Repeat([]byte("x"), 1000)
	for range 1000 {
		l.push(line, at(600))
	}
	if l.bytes > laneBytes || len(l.waiting) != laneBytes/1000 {
		t.Errorf("%d lines of %d bytes wait", len(l.waiting), l.bytes)
	}
	if b, more := l.take([]byte("control"), at(600)); !more || len(b) > len("control")+laneWrite || !strings.HasPrefix(string(b), "controlx") {
		t.Errorf("%d bytes at once, more: %v", len(b), more)
	}
}

// A queue gives its lines first, and nothing beside them after the last.
func TestQueueGoesFirst(t *testing.T) {
	q := queue{limit: 100, wake: make(chan struct{}, 1)}
	q.beside.push([]byte("voice"), time.Now())
	q.push([]byte("chat "))
	if b, more := q.take(nil); string(b) != "chat voice" || !more {
		t.Errorf("%q, %v", b, more)
	}
	q.beside.push([]byte("voice"), time.Now())
	q.close([]byte("bye"))
	if b, more := q.take(nil); string(b) != "bye" || more {
		t.Errorf("%q, %v", b, more)
	}
}
