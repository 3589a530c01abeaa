package xinput

import (
	"encoding/binary"
	"os"
	"path/filepath"
)

// The families of addresses in an authority file.
const (
	familyLocal = 256
	familyWild  = 65535
)

const cookieName = "MIT-MAGIC-COOKIE-1"

// cookie returns the secret for a display of this machine, or nil where there is none: a server
// that wants one says so.
func cookie(display string) []byte {
	path := os.Getenv("XAUTHORITY")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		path = filepath.Join(home, ".Xauthority")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	host, _ := os.Hostname() // "" matches no record but the wild one
	return findCookie(b, host, display)
}

// findCookie reads an authority file: records of a family (2 bytes, big endian), and of address,
// display, name and data, each with its length before it. The result is a part of b.
func findCookie(b []byte, host, display string) []byte {
	for len(b) >= 2 {
		family := binary.BigEndian.Uint16(b)
		rest := b[2:]
		var fields [4][]byte
		for i := range fields {
			var ok bool
			if fields[i], rest, ok = counted(rest); !ok {
				return nil
			}
		}
		b = rest
		here := family == familyWild || family == familyLocal && string(fields[0]) == host
		if here && (len(fields[1]) == 0 || string(fields[1]) == display) && string(fields[2]) == cookieName {
			return fields[3]
		}
	}
	return nil
}

func counted(b []byte) (field, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b) < 2+n {
		return nil, nil, false
	}
	return b[2 : 2+n], b[2+n:], true
}
