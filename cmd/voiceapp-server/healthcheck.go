package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// healthTime is how long a server that is well may take to say so.
const healthTime = 5 * time.Second

const healthHelp = `Asks the server on this machine whether it can serve, by the same settings: the admin API's /readyz, or where that is off,
control. The exit code is 0 when it can. For container engines and scripts.`

// checkHealth reports why the server of the settings can't serve.
func checkHealth(ctx context.Context, s *settings) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	if s.Admin == adminOff {
		return checkControl(ctx, s)
	}
	scheme := "http"
	if s.adminSpeaksTLS() {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+fromHere(s.Admin)+"/readyz", nil)
	if err != nil {
		return err
	}
	// Nothing is sent that anybody could want, and the answer is a status: whose
	// certificate it is does not matter.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return unwell(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("the server can't serve at present: %s", answer.Status))
	}
	return nil
}

// checkControl opens a connection to control, and looks whether it is this server.
func checkControl(ctx context.Context, s *settings) error {
	_, fingerprint, err := control.LoadOrCreateIdentity(filepath.Join(s.Data, "tls"))
	if err != nil {
		return err
	}
	dialer := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}} // the key is compared
	c, err := dialer.DialContext(ctx, "tcp", fromHere(s.Listen))
	if err != nil {
		return unwell(err)
	}
	defer c.Close()
	if shown := c.(*tls.Conn).ConnectionState().PeerCertificates; voiceapp.FingerprintOf(shown[0]) != fingerprint {
		return voiceapp.NewError(voiceapp.KeyChanged, "another server is at "+s.Listen)
	}
	return nil
}

func unwell(cause error) error {
	return voiceapp.WrapError(voiceapp.Unavailable, "the server does not answer", cause)
}

// fromHere is how this machine reaches what listens at an address.
func fromHere(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip, err := netip.ParseAddr(cmp.Or(host, "::")); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// adminSpeaksTLS says what a guard decides for the address.
func (s *settings) adminSpeaksTLS() bool {
	host, _, _ := net.SplitHostPort(s.Admin)
	ip, err := netip.ParseAddr(host)
	local := host == "localhost" || err == nil && ip.IsLoopback()
	return s.AdminCert != "" || s.AdminACME != "" || !local && s.TrustedProxies == ""
}
