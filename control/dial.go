package control

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
)

// withPort gives an address with a port: 7788 where it has none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), DefaultPort)
}

func dialTCP(ctx context.Context, addr string, dial func(context.Context, string, string) (net.Conn, error)) (net.Conn, error) {
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
	var key voiceapp.Fingerprint
	conn := tls.Client(raw, &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The key alone counts, and TLS proves that the server has it.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			key = voiceapp.FingerprintOf(state.PeerCertificates[0])
			return checkPin(addr, config.Fingerprint, key)
		},
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		if errors.Is(err, voiceapp.KeyChanged) {
			return nil, key, err
		}
		return nil, key, unreachable(ctx, addr, err)
	}
	if !config.Fingerprint.IsZero() {
		return conn, key, nil
	}
	if config.Trust == nil {
		return nil, key, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
			"the server at %s is not known: its key is %s; ask its owner whether that is right, and name it as the fingerprint", addr, key))
	}
	return conn, key, config.Trust(addr, key)
}

func checkPin(addr string, pinned, shown voiceapp.Fingerprint) error {
	if pinned.IsZero() || pinned == shown {
		return nil
	}
	return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
		"the server at %s is not the one that you trust: its key should be %s and is %s. "+
			"Somebody may be listening in; nothing was sent to it", addr, pinned, shown))
}

func unreachable(ctx context.Context, addr string, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return voiceapp.WrapError(voiceapp.Unavailable, "the server at "+addr+" can't be reached", err)
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
