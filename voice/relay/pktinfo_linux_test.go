//go:build linux && !nobatch

package relay

import (
	"net/netip"
	"testing"
)

// Clients have connected sockets: what comes from another address than they
// asked never reaches them.
func TestAnswersFromTheAddressThatWasAsked(t *testing.T) {
	for network, address := range map[string]string{"udp4": "0.0.0.0:0", "udp": "[::]:0"} {
		t.Run(network, func(t *testing.T) {
			s := serve(t, network, address, 1)
			at := func(ip string) server {
				return server{s.Relay, netip.AddrPortFrom(netip.MustParseAddr(ip), s.addr.Port())}
			}
			anna, ben := at("127.0.0.2").join(t, 1, lobby), at("127.0.0.1").join(t, 2, lobby)
			cleo := at("127.0.0.3").join(t, 3, lobby)
			anna.say("to all")
			for _, c := range []*client{ben, cleo} {
				if heard := settle(anna, c); len(heard) != 1 {
					t.Errorf("session %d heard %q", c.grant.Session, payloads(heard))
				}
			}
			// The same client asks another address of the host from now on.
			cleo.conn = dial(t, at("127.0.0.4").addr)
			cleo.sync()
			anna.say("moved")
			if heard := settle(anna, cleo); len(heard) != 1 {
				t.Errorf("after its move session 3 heard %q", payloads(heard))
			}
			if refused := s.Stats().Dropped.Refused; refused != 0 {
				t.Errorf("%d datagrams were refused", refused)
			}
		})
	}
}
