package guard_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

func TestMain(m *testing.M) {
	// net/http keeps a connection for half a second after it has answered one that it ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

// newGuard makes a guard that has to be possible.
func newGuard(t testing.TB, config guard.Config) *guard.Guard {
	t.Helper()
	g, err := guard.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// serve serves a handler behind a guard until the test is over, and returns its
// address.
func serve(t testing.TB, g *guard.Guard, address string, handler http.Handler) string {
	t.Helper()
	l, err := g.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, g, l, handler)
	return l.Addr().String()
}

func serveOn(t testing.TB, g *guard.Guard, l net.Listener, handler http.Handler) {
	s := &http.Server{Handler: g.Handler(handler), ReadHeaderTimeout: guard.HeaderTime, ReadTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve ended with %v", err)
		}
	})
}

// whoAsks answers with the address that a handler sees.
var whoAsks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, at.Addr())
})

// echo answers with the body.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
})

// newClient returns a client without proxies that trusts a certificate.
func newClient(t testing.TB, trusted ...*x509.Certificate) *http.Client {
	roots := x509.NewCertPool()
	for _, c := range trusted {
		roots.AddCert(c)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// do sends a request and returns the answer with its body.
func do(t testing.TB, client *http.Client, method, url string, body io.Reader, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// header gives a request a header.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

// codeOf reads the code of a problem document.
func codeOf(t testing.TB, answer *http.Response, body string) voiceapp.Code {
	t.Helper()
	var p struct {
		Status int
		Detail string
		Code   voiceapp.Code
	}
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.Status != answer.StatusCode || p.Detail == "" ||
		answer.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %q is no problem document", answer.StatusCode, body)
	}
	return p.Code
}

// outside is an address of this machine that is not loopback.
func outside(t testing.TB) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if at, ok := a.(*net.IPNet); ok && at.IP.To4() != nil && !at.IP.IsLoopback() && !at.IP.IsLinkLocalUnicast() {
			return at.IP.String()
		}
	}
	t.Skip("this machine has no address but loopback")
	return ""
}

// newCertificate makes a certificate that signs itself, for names and addresses.
func newCertificate(t testing.TB, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// keep writes a certificate and its key to files.
func keep(t testing.TB, dir string, c tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: c.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(&block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// prefixes reads addresses and ranges that have to be right.
func prefixes(t testing.TB, text string) []netip.Prefix {
	t.Helper()
	p, err := guard.ParsePrefixes(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// jsonBody is a body of JSON with n bytes.
func jsonBody(n int) io.Reader {
	return bytes.NewReader(append(append([]byte{'"'}, bytes.Repeat([]byte("a"), n-2)...), '"'))
}
