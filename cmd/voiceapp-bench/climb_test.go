package main

import (
	"fmt"
	"testing"
)

// The most that a server sustains is found to a tenth, from below and from above.
func TestAscent(t *testing.T) {
	for _, c := range []struct {
		users, first, sustained int
		want                    string
	}{
		{100, 4, 37, "[4 8 16 32 64 48 40 36 38] 36"},
		{100, 50, 3, "[50 25 12 6 3 4] 3"},
		{100, 8, 100, "[8 16 32 64 100] 100"},
		{10, 5, 0, "[5 2 1] 0"},
	} {
		a, tried := ascent{users: c.users}, []int{}
		for speakers := c.first; speakers > 0; speakers = a.next() {
			tried = append(tried, speakers)
			a.tried(speakers, speakers <= c.sustained)
		}
		if got := fmt.Sprint(tried, a.good); got != c.want {
			t.Errorf("%d of %d: tried %s, want %s", c.sustained, c.users, got, c.want)
		}
	}
}
