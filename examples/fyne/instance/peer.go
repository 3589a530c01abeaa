//go:build linux || darwin

package instance

import (
	"net"
	"os"

	"github.com/voiceapp-sdk/voiceapp"
)

// sameUser returns nil if a program of this user, or of root, is at the other end.
func sameUser(conn net.Conn) error {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return voiceapp.NewError(voiceapp.Forbidden, "that is no Unix socket")
	}
	uid, err := peerUID(u)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Forbidden, "it can't be found out whose program is at the other end", err)
	}
	if uid != os.Getuid() && uid != 0 {
		return voiceapp.NewError(voiceapp.Forbidden, "another user's program is at the other end")
	}
	return nil
}
