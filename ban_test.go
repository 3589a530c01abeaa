package voiceapp_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestParseAddressRange(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7":             "203.0.113.7/32",
		" 203.0.113.7/24 ":        "203.0.113.0/24",
		"10.0.0.0/8":              "10.0.0.0/8",
		"::ffff:203.0.113.7":      "203.0.113.7/32",
		"::ffff:203.0.113.7/120":  "203.0.113.0/24",
		"2001:db8::1":             "2001:db8::/64",
		"2001:DB8:0:0:ffff::1":    "2001:db8::/64",
		"2001:db8::1%eth0":        "2001:db8::/64",
		"2001:db8::/128":          "2001:db8::/64",
		"2001:db8:ffff:ffff::/48": "2001:db8:ffff::/48",
		"2001::/16":               "2001::/16",
	} {
		got, err := voiceapp.ParseAddressRange(in)
		if err != nil || got.String() != want {
			t.Errorf("ParseAddressRange(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "/", "/24", "203.0.113", "203.0.113.256", "203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/", "203.0.113.0/024",
		"0.0.0.0/0", "10.0.0.0/7", "::/0", "2000::/15", "2001:db8::/129", "fe80::1%eth0/64", "localhost",
		"203.0.113.7, 203.0.113.8", "1/2/3", "\x00",
	} {
		if got, err := voiceapp.ParseAddressRange(in); !errors.Is(err, voiceapp.Invalid) || got.IsValid() {
			t.Errorf("ParseAddressRange(%q) = %v, %v; want invalid", in, got, err)
		}
	}
}

func FuzzParseAddressRange(f *testing.F) {
	for _, seed := range []string{"203.0.113.7/24", "2001:db8::1", "::ffff:1.2.3.4/97", "::/0", "1/2/3", "fe80::1%eth0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		network, err := voiceapp.ParseAddressRange(s)
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		again, err := voiceapp.ParseAddressRange(network.String())
		if err != nil || again != network {
			t.Errorf("%q is %v, which is %v, %v", s, network, again, err)
		}
		if network.Addr().Is6() && network.Bits() > voiceapp.MaxIPv6Prefix {
			t.Errorf("%q is %v, less than a /64", s, network)
		}
		if !(voiceapp.Ban{Address: network.String()}).Hits(0, "", network.Addr()) {
			t.Errorf("a ban of %v does not hit its first address", network)
		}
	})
}

func TestBanHits(t *testing.T) {
	anyone := netip.MustParseAddr("198.51.100.1")
	for _, c := range []struct {
		what   string
		ban    voiceapp.Ban
		user   voiceapp.UserID
		device string
		addr   string
		want   bool
	}{
		{"the account", voiceapp.Ban{User: 7}, 7, "", "", true},
		{"another account", voiceapp.Ban{User: 7}, 8, "", "", false},
		{"a guest", voiceapp.Ban{Device: "aa"}, 0, "", "", false},
		{"the device", voiceapp.Ban{Device: "aa"}, 8, "aa", "", true},
		{"another device, the account", voiceapp.Ban{User: 7, Device: "aa"}, 7, "bb", "", true},
		{"the network", voiceapp.Ban{Address: "203.0.113.0/24"}, 0, "", "203.0.113.9", true},
		{"the network, as IPv6", voiceapp.Ban{Address: "203.0.113.0/24"}, 0, "", "::ffff:203.0.113.9", true},
		{"the network, with a zone", voiceapp.Ban{Address: "fe80::/64"}, 0, "", "fe80::1%eth0", true},
		{"another network", voiceapp.Ban{Address: "203.0.113.0/24"}, 0, "", "203.0.114.9", false},
		{"nothing", voiceapp.Ban{}, 0, "", "", false},
	} {
		addr := anyone
		if c.addr != "" {
			addr = netip.MustParseAddr(c.addr)
		}
		if got := c.ban.Hits(c.user, c.device, addr); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
	if (voiceapp.Ban{Address: "203.0.113.0/24"}).Hits(0, "", netip.Addr{}) {
		t.Error("an unknown address is hit")
	}
}
