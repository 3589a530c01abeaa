package control

import (
	"context"
	"net"
	"net/netip"
)

// peerKey is that of a client's address in a context.
type peerKey struct{}

// withPeer adds where a client is.
func withPeer(ctx context.Context, raw net.Conn) context.Context {
	return withPeerAddress(ctx, addrPortOf(raw).Addr())
}

func withPeerAddress(ctx context.Context, addr netip.Addr) context.Context {
	return context.WithValue(ctx, peerKey{}, addr)
}

// PeerAddress returns the address of the client that logs in, from the context of
// [Authenticator]; ok is false where it is not known.
func PeerAddress(ctx context.Context) (addr netip.Addr, ok bool) {
	addr, _ = ctx.Value(peerKey{}).(netip.Addr)
	return addr, addr.IsValid()
}
