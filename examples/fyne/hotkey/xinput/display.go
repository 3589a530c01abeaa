package xinput

import (
	"context"
	"net"
	"strconv"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// display is where a server is: [host]:number[.screen], or the path of its socket, as macOS
// has it, with the number at its end.
type display struct {
	host   string // "" for this machine
	path   string // of the socket, where it is said
	number string
}

func parseDisplay(s string) (display, error) {
	bad := voiceapp.NewError(voiceapp.Invalid, "DISPLAY is not of the form :0")
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return display{}, bad
	}
	d := display{host: s[:colon]}
	d.number, _, _ = strings.Cut(s[colon+1:], ".")
	if n, err := strconv.ParseUint(d.number, 10, 15); err != nil || n > 59000 {
		return display{}, bad
	}
	switch {
	case strings.HasPrefix(d.host, "/"):
		d.host, d.path = "", s
	case d.host == "unix":
		d.host = ""
	}
	return d, nil
}

// dial tries the ways to the server one after the other.
func (d display) dial(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	if d.host != "" {
		n, _ := strconv.Atoi(d.number) // it was checked
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort(strings.Trim(d.host, "[]"), strconv.Itoa(6000+n)))
	}
	socket := "/tmp/.X11-unix/X" + d.number
	if d.path != "" {
		socket = d.path
	}
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err == nil || d.path != "" {
		return conn, err
	}
	if abstract, e := dialer.DialContext(ctx, "unix", "@"+socket); e == nil { // from within a container, say
		return abstract, nil
	}
	return nil, err
}
