package xinput

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"
)

func TestParseDisplay(t *testing.T) {
	for s, want := range map[string]display{
		":0":                          {number: "0"},
		":1.0":                        {number: "1"},
		"unix:2":                      {number: "2"},
		"localhost:10.0":              {host: "localhost", number: "10"},
		"[::1]:3":                     {host: "[::1]", number: "3"},
		"/tmp/launch-1/org.xquartz:0": {path: "/tmp/launch-1/org.xquartz:0", number: "0"},
	} {
		if got, err := parseDisplay(s); err != nil || got != want {
			t.Errorf("%q is %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", ":", "0", ":x", ":-1", ":99999", "host"} {
		if got, err := parseDisplay(s); err == nil {
			t.Errorf("%q is %+v", s, got)
		}
	}
}

// record is one of an authority file.
func record(family byte, fields ...string) []byte {
	b := []byte{0, family}
	if family == 0 { // the wild one
		b = []byte{0xff, 0xff}
	} else if family == 1 { // the local one
		b = []byte{1, 0}
	}
	for _, f := range fields {
		b = append(b, byte(len(f)>>8), byte(len(f)))
		b = append(b, f...)
	}
	return b
}

func TestFindCookie(t *testing.T) {
	file := bytes.Join([][]byte{
		record(1, "other", "0", cookieName, "of another host"),
		record(1, "here", "1", cookieName, "of another display"),
		record(1, "here", "0", "XDM-AUTHORIZATION-1", "of another kind"),
		record(1, "here", "0", cookieName, "right"),
		record(0, "", "", cookieName, "wild"),
	}, nil)
	for _, test := range []struct{ host, display, want string }{{"here", "0", "right"}, {"here", "7", "wild"}, {"elsewhere", "0", "wild"}} {
		if got := findCookie(file, test.host, test.display); string(got) != test.want {
			t.Errorf("%s:%s has %q, want %q", test.host, test.display, got, test.want)
		}
	}
	if got := findCookie(file[:len(file)-5], "here", "7"); got != nil {
		t.Errorf("from a file that was cut off: %q", got)
	}
}

func TestMappingKeys(t *testing.T) {
	m := Mapping{first: 8, width: 4, symbols: []uint32{
		'1', '!', 0, 0, // 8
		'+', '1', 0, 0, // 9
		'x', 0, '1', 0, // 10: in the second group
		0xff08, '?', 0, 0, // 11
	}}
	for _, test := range []struct {
		symbols []uint32
		want    []byte
	}{{[]uint32{'1'}, []byte{8, 10}}, {[]uint32{'?'}, []byte{11}}, {[]uint32{'x', '+'}, []byte{9, 10}}, {[]uint32{'y'}, nil}, {[]uint32{0}, nil}} {
		var want Keycodes
		for _, code := range test.want {
			want.Set(code, true)
		}
		if got := m.Keys(test.symbols...); got != want {
			t.Errorf("%#x is on %v, want %v", test.symbols, got, want)
		}
	}
}

func TestKeycodes(t *testing.T) {
	var k Keycodes
	for _, code := range []byte{0, 63, 64, 255} {
		k.Set(code, true)
	}
	k.Set(64, false)
	other := Keycodes{}
	other.Set(255, true)
	if k.Len() != 3 || !k.Has(255) || k.Has(64) || k.Has(1) || !k.Meets(&other) {
		t.Errorf("the set is %v", k)
	}
	other.Set(255, false)
	if k.Meets(&other) {
		t.Error("it meets the empty set")
	}
}

// Whatever a server says, it is read to its end or refused, and nothing panics.
func FuzzServer(f *testing.F) {
	f.Fuzz(func(_ *testing.T, first byte, said []byte) {
		c := &Conn{conn: deaf{}, in: bufio.NewReaderSize(bytes.NewReader(said), maxMessage)}
		if c.introduce(nil) != nil {
			c.in.Reset(bytes.NewReader(said))
		}
		c.extension = 131
		_ = c.AskHeld()
		_ = c.later(getKeyboardMapping(first, 10))
		for {
			if _, err := c.Next(time.Time{}); err != nil {
				return
			}
			c.Mapping().Keys('1')
		}
	})
}

// deaf is a connection on which nothing arrives.
type deaf struct{ net.Conn }

func (deaf) Write(b []byte) (int, error)     { return len(b), nil }
func (deaf) Read([]byte) (int, error)        { return 0, io.EOF }
func (deaf) SetReadDeadline(time.Time) error { return nil }
func (deaf) Close() error                    { return nil }

func FuzzFindCookie(f *testing.F) {
	f.Fuzz(func(t *testing.T, file []byte, host, number string) {
		if c := findCookie(file, host, number); len(c) > len(file) {
			t.Fatal("more than there was")
		}
	})
}

func FuzzParseDisplay(f *testing.F) {
	f.Fuzz(func(_ *testing.T, s string) {
		d, err := parseDisplay(s)
		if err != nil || d.host != "" || d.path != "" {
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if conn, err := d.dial(ctx); err == nil {
			conn.Close()
		}
	})
}
