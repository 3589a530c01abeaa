package main

import (
	"crypto/tls"
	"net/netip"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// adminSettings say who may reach the admin API, from where.
type adminSettings struct {
	Admin          string `name:"admin" value:"ADDR" help:"address and port of the dashboard and the admin API (HTTP; off this machine only with TLS or by trusted-proxies); off: none"`
	AdminCert      string `name:"admin-cert" value:"FILE" help:"certificate of the admin API with those that signed it (PEM); none: off this machine the server's own, which browsers warn of" reload:"yes"`
	AdminKey       string `name:"admin-key" value:"FILE" help:"key of admin-cert (PEM)" reload:"yes"`
	AdminACME      string `name:"admin-acme" value:"HOSTS" help:"names, by commas, to get certificates for from Let's Encrypt, which has to reach the admin API at their port 443" reload:"yes"`
	AdminACMEMail  string `name:"admin-acme-email" value:"EMAIL" help:"where Let's Encrypt may write to" reload:"yes"`
	AdminHosts     string `name:"admin-hosts" value:"HOSTS" help:"names and addresses, by commas, that browsers reach the admin API by, besides those of this machine, of admin-acme and of public-address" reload:"yes"`
	TrustedProxies string `name:"trusted-proxies" value:"ADDRS" help:"addresses and ranges, by commas, of proxies before the admin API: they say who asks, and may connect without TLS" reload:"yes"`
	MetricsFrom    string `name:"metrics-from" value:"ADDRS" help:"addresses and ranges, by commas, that read /metrics without a token; behind a proxy on this machine that trusted-proxies lacks, 127.0.0.1 is everybody"`
	Pprof          bool   `name:"pprof" help:"serve profiles of the program under /debug/pprof/ of the admin API, to this machine alone" reload:"yes"`
}

// adminOff is the address of an admin API that is not served.
const adminOff = "off"

// guardConfig is who may reach the admin API. own is the server's certificate.
func (s *settings) guardConfig(own tls.Certificate) (guard.Config, error) {
	proxies, err := guard.ParsePrefixes(s.TrustedProxies)
	if err != nil {
		return guard.Config{}, voiceapp.WrapError(voiceapp.Invalid, "trusted-proxies", err)
	}
	c := guard.Config{
		CertFile: s.AdminCert, KeyFile: s.AdminKey, Certificate: own,
		Proxies: proxies, Hosts: guard.ParseHosts(s.AdminHosts), Profiles: s.Pprof,
	}
	if s.PublicAddr != "" {
		c.Hosts = append(c.Hosts, guard.ParseHosts(s.PublicAddr)...)
	}
	if hosts := guard.ParseHosts(s.AdminACME); len(hosts) > 0 {
		c.ACME = guard.ACME{Hosts: hosts, Dir: filepath.Join(s.Data, "acme"), Email: s.AdminACMEMail}
	}
	return c, nil
}

// newGuard makes what stands before the admin API.
func (s *settings) newGuard(own tls.Certificate) (*guard.Guard, error) {
	config, err := s.guardConfig(own)
	if err != nil {
		return nil, err
	}
	g, err := guard.New(config)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, "admin", err)
	}
	return g, nil
}

// checkAdmin looks at the settings of the admin API.
func (s *settings) checkAdmin() error {
	if s.Admin == adminOff {
		return nil
	}
	if err := checkAddress("admin", s.Admin); err != nil {
		return err
	}
	if _, err := s.metricsFrom(); err != nil {
		return err
	}
	_, err := s.newGuard(tls.Certificate{})
	return err
}

// metricsFrom is who reads the figures without a token.
func (s *settings) metricsFrom() ([]netip.Prefix, error) {
	from, err := guard.ParsePrefixes(s.MetricsFrom)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, "metrics-from", err)
	}
	return from, nil
}
