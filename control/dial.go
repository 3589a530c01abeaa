package control

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The details of errors that a client finds by itself, all of [voiceapp.Unavailable] but
// for the last ones, which are of [voiceapp.Invalid].
const (
	Unreachable      voiceapp.Detail = "unreachable"        // About: the address; the cause says why
	ConnectionLost   voiceapp.Detail = "connection_lost"    // or closed by the server without a word
	NoAnswer         voiceapp.Detail = "no_answer"          // of a server that was there
	DeviceKeyDamaged voiceapp.Detail = "device_key_damaged" // About: its file
	DeviceKeyUnkept  voiceapp.Detail = "device_key_unkept"  // it can't be written; the cause says why
)

// connectTimeout bounds TCP's part of a connection and TLS's, each, whatever the
// caller's context says.
const connectTimeout = 15 * time.Second

// withPort gives an address with a port: 7788 where it has none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), DefaultPort)
}

func dialTCP(ctx context.Context, addr string, dial func(context.Context, string, string) (net.Conn, error)) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	raw, err := dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := watchPeer(raw); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return raw, nil
}

// handshake does TLS and finds out whose key it is. Nothing but the handshake has
// been sent when it returns.
func handshake(ctx context.Context, raw net.Conn, addr string, config ClientConfig) (*tls.Conn, voiceapp.Fingerprint, error) {
	// Names, dates and signatures play no part: the key alone counts, and TLS proves
	// that the server has it.
	conn := tls.Client(raw, &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true})
	limited, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := conn.HandshakeContext(limited); err != nil {
		return nil, voiceapp.Fingerprint{}, unreachable(ctx, addr, err)
	}
	key := voiceapp.FingerprintOf(conn.ConnectionState().PeerCertificates[0])
	return conn, key, config.check(addr, key)
}

// check says whether a server's key is the right one.
func (config *ClientConfig) check(addr string, shown voiceapp.Fingerprint) error {
	switch {
	case shown == config.Fingerprint:
		return nil
	case !config.Fingerprint.IsZero():
		return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
			"the server at %s is not the one that you trust: its key should be %s and is %s. "+
				"Somebody may be listening in; nothing was sent to it", addr, config.Fingerprint, shown))
	case config.Trust == nil:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
			"the server at %s is not known: its key is %s; ask its owner whether that is right, and name it as the fingerprint", addr, shown))
	default:
		return config.Trust(addr, shown)
	}
}

func unreachable(ctx context.Context, addr string, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return voiceapp.WrapError(voiceapp.Unavailable, "the server at "+addr+" can't be reached", err).With(Unreachable).Of(addr)
}

// addrPortOf gives the address that TCP reached, to which voice goes too; zero
// when it is none of TCP.
func addrPortOf(raw net.Conn) netip.AddrPort {
	tcp, ok := raw.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := tcp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
