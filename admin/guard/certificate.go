package guard

import (
	"crypto/tls"
	"net/http"
	"os"
	"slices"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/voiceapp-sdk/voiceapp"
)

// certify finds the certificate: from files, from ACME, or the one that is given.
func (s *state) certify() error {
	switch {
	case s.CertFile != "":
		certificate, err := loadCertificate(s.CertFile, s.KeyFile)
		if err != nil {
			return err
		}
		s.tls = serverTLS()
		s.tls.Certificates = []tls.Certificate{certificate}
	case len(s.ACME.Hosts) > 0:
		if s.manager == nil {
			s.manager = s.ACME.newManager()
		}
		s.tls = serverTLS(acme.ALPNProto)
		s.tls.GetCertificate = s.byName
	case len(s.Certificate.Certificate) > 0:
		s.tls = serverTLS()
		s.tls.Certificates = []tls.Certificate{s.Certificate}
	}
	return nil
}

// byName gives the certificate that ACME has for a name. Who asks for another name,
// as this machine does by its address, gets the one that was given, if there is one.
func (s *state) byName(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if len(s.Certificate.Certificate) > 0 && !s.hosts[hostOf(hello.ServerName)] {
		return &s.Certificate, nil
	}
	return s.manager.GetCertificate(hello)
}

func serverTLS(protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: append([]string{"h2", "http/1.1"}, protocols...)}
}

// loadCertificate reads a certificate and its key.
func loadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	chain, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, voiceapp.WrapError(voiceapp.Invalid, "the certificate can't be read", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, voiceapp.WrapError(voiceapp.Invalid, "the certificate's key can't be read", err)
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return tls.Certificate{}, voiceapp.WrapError(voiceapp.Invalid, certFile+" and "+keyFile+" are no certificate (the server's own first, then those that signed it) with its key, both as PEM", err)
	}
	return certificate, nil
}

func sameACME(a, b ACME) bool {
	return slices.Equal(a.Hosts, b.Hosts) && a.Dir == b.Dir && a.Email == b.Email && a.Directory == b.Directory && a.roots == b.roots
}

func (a *ACME) newManager() *autocert.Manager {
	client := &acme.Client{DirectoryURL: a.Directory}
	if a.Directory == "" {
		client.DirectoryURL = autocert.DefaultACMEDirectory
	}
	if a.roots != nil {
		client.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: a.roots}}
	}
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(a.Dir),
		HostPolicy: autocert.HostWhitelist(a.Hosts...),
		Email:      a.Email,
		Client:     client,
	}
}
