package guard_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// authority makes certificates as RFC 8555 and RFC 8737 have it, for one account and
// one name. It proves that a name is the applicant's by a real handshake at addr; the
// signatures of requests it takes for good.
type authority struct {
	*httptest.Server
	t    *testing.T
	root tls.Certificate
	made atomic.Int32

	mu         sync.Mutex
	addr       string // where the name's server is
	name       string
	thumbprint string
	proved     bool
	chain      []byte
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, root: newCertificate(t, "authority")}
	mux := http.NewServeMux()
	for path, answer := range map[string]func(w http.ResponseWriter, protected, payload []byte){
		"/account": a.account, "/order": a.order, "/orders/1": a.orderNow, "/proof": a.proof, "/challenge": a.challenge,
		"/finalize": a.finalize, "/certificate": a.certificate,
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			var jws struct{ Protected, Payload string }
			if err := json.NewDecoder(r.Body).Decode(&jws); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			protected, _ := base64.RawURLEncoding.DecodeString(jws.Protected)
			payload, _ := base64.RawURLEncoding.DecodeString(jws.Payload)
			w.Header().Set("Replay-Nonce", rand.Text())
			a.mu.Lock()
			defer a.mu.Unlock()
			answer(w, protected, payload)
		})
	}
	mux.HandleFunc("/directory", func(w http.ResponseWriter, _ *http.Request) {
		a.say(w, http.StatusOK, map[string]string{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"})
	})
	mux.HandleFunc("/nonce", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Replay-Nonce", rand.Text()) })
	a.Server = httptest.NewTLSServer(mux)
	t.Cleanup(a.Close)
	return a
}

// config has a guard ask this authority.
func (a *authority) config(dir string, hosts ...string) guard.ACME {
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	return guard.ACME{Hosts: hosts, Dir: dir, Directory: a.URL + "/directory"}.WithRoots(&tls.Config{RootCAs: roots})
}

func (a *authority) say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (a *authority) account(w http.ResponseWriter, protected, _ []byte) {
	var head struct{ JWK struct{ X, Y string } }
	err := json.Unmarshal(protected, &head)
	x, _ := base64.RawURLEncoding.DecodeString(head.JWK.X)
	y, _ := base64.RawURLEncoding.DecodeString(head.JWK.Y)
	if err == nil {
		var key *ecdsa.PublicKey
		if key, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...)); err == nil {
			a.thumbprint, err = acme.JWKThumbprint(key)
		}
	}
	if err != nil {
		a.t.Errorf("the account's key: %v", err)
	}
	w.Header().Set("Location", a.URL+"/accounts/1")
	a.say(w, http.StatusCreated, map[string]string{"status": "valid"})
}

func (a *authority) order(w http.ResponseWriter, _, payload []byte) {
	var want struct{ Identifiers []struct{ Value string } }
	if err := json.Unmarshal(payload, &want); err != nil || len(want.Identifiers) != 1 {
		a.t.Errorf("the order %s: %v", payload, err)
		return
	}
	a.name, a.proved, a.chain = want.Identifiers[0].Value, false, nil
	a.sayOrder(w, http.StatusCreated)
}

func (a *authority) orderNow(w http.ResponseWriter, _, _ []byte) { a.sayOrder(w, http.StatusOK) }

func (a *authority) sayOrder(w http.ResponseWriter, code int) {
	status := "pending"
	switch {
	case a.chain != nil:
		status = "valid"
	case a.proved:
		status = "ready"
	}
	w.Header().Set("Location", a.URL+"/orders/1")
	a.say(w, code, map[string]any{
		"status": status, "identifiers": []any{map[string]string{"type": "dns", "value": a.name}},
		"authorizations": []string{a.URL + "/proof"}, "finalize": a.URL + "/finalize", "certificate": a.URL + "/certificate",
	})
}

func (a *authority) proof(w http.ResponseWriter, _, _ []byte) {
	status := map[bool]string{false: "pending", true: "valid"}[a.proved]
	a.say(w, http.StatusOK, map[string]any{
		"status": status, "identifier": map[string]string{"type": "dns", "value": a.name},
		"challenges": []any{map[string]string{"type": "tls-alpn-01", "url": a.URL + "/challenge", "token": "token", "status": status}},
	})
}

// challenge looks at the certificate that the name's server shows.
func (a *authority) challenge(w http.ResponseWriter, _, _ []byte) {
	c, err := tls.Dial("tcp", a.addr, &tls.Config{InsecureSkipVerify: true, ServerName: a.name, NextProtos: []string{acme.ALPNProto}})
	if err != nil {
		a.t.Errorf("the handshake of the proof: %v", err)
		return
	}
	defer c.Close()
	want := sha256.Sum256([]byte("token." + a.thumbprint))
	for _, e := range c.ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}) && bytes.HasSuffix(e.Value, want[:]) && e.Critical {
			a.proved = true
		}
	}
	a.say(w, http.StatusOK, map[string]string{"type": "tls-alpn-01", "url": a.URL + "/challenge", "token": "token", "status": "processing"})
}

func (a *authority) finalize(w http.ResponseWriter, _, payload []byte) {
	var want struct{ CSR string }
	err := json.Unmarshal(payload, &want)
	raw, _ := base64.RawURLEncoding.DecodeString(want.CSR)
	request, csrErr := x509.ParseCertificateRequest(raw)
	if err != nil || csrErr != nil || !a.proved {
		a.t.Errorf("the request for a certificate: %v, %v, proved %v", err, csrErr, a.proved)
		return
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(a.made.Add(1))), DNSNames: request.DNSNames,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root.Leaf, request.PublicKey, a.root.PrivateKey)
	if err != nil {
		a.t.Errorf("the certificate: %v", err)
		return
	}
	a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.sayOrder(w, http.StatusOK)
}

func (a *authority) certificate(w http.ResponseWriter, _, _ []byte) {
	w.Header().Set("Content-Type", "application/pem-certificate-chain")
	_, _ = w.Write(a.chain)
}

// at sets where the name's server is.
func (a *authority) at(addr string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.addr = addr
}

func TestCertificatesByACME(t *testing.T) {
	const name = "voice.example.org"
	a, dir := newAuthority(t), t.TempDir()
	own := newCertificate(t, "127.0.0.1")
	config := guard.Config{ACME: a.config(dir, name), Certificate: own}
	ask := func(addr string) {
		t.Helper()
		client := newClient(t, a.root.Leaf)
		client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		}
		if answer, body := do(t, client, "GET", "https://"+name, nil); answer.StatusCode != 200 || answer.ProtoMajor != 2 {
			t.Errorf("%s %d %s", answer.Proto, answer.StatusCode, body)
		}
	}
	g := newGuard(t, config)
	addr := serve(t, g, "127.0.0.1:0", whoAsks)
	a.at(addr)
	ask(addr)
	if err := g.Reload(config); err != nil {
		t.Fatal(err)
	}
	ask(addr)
	do(t, newClient(t, own.Leaf), "GET", "https://"+addr, nil) // who asks by address gets the server's own
	if c, err := tls.Dial("tcp", addr, &tls.Config{ServerName: "other.example.org", InsecureSkipVerify: true}); err != nil {
		t.Error(err)
	} else {
		if !c.ConnectionState().PeerCertificates[0].Equal(own.Leaf) {
			t.Error("another name gets a certificate of its own")
		}
		c.Close()
	}

	config.Certificate = tls.Certificate{}
	again := serve(t, newGuard(t, config), "127.0.0.1:0", whoAsks) // as after a restart
	ask(again)
	if c, err := tls.Dial("tcp", again, &tls.Config{ServerName: "other.example.org", InsecureSkipVerify: true}); err == nil {
		c.Close()
		t.Error("a certificate is shown for a name that is not listed")
	}
	if n := a.made.Load(); n != 1 {
		t.Errorf("%d certificates were made; want 1, which is kept", n)
	}
}
