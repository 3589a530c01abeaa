package control

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// How long a certificate is good for, and how long before its end another one is
// made of the same key.
const (
	certLife  = 10 * 365 * 24 * time.Hour
	certRenew = 365 * 24 * time.Hour
)

// LoadOrCreateIdentity returns the server's certificate and the fingerprint of its
// key, which clients pin. They are kept in the directory as key.pem and cert.pem
// and made at the first call; a certificate that nears its end is made anew from
// the same key. The error is [voiceapp.Invalid] and says what to do: the directory
// can't be written, a file is damaged, or others than its owner may read the key.
func LoadOrCreateIdentity(dir string) (tls.Certificate, voiceapp.Fingerprint, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, voiceapp.WrapError(voiceapp.Invalid, "the directory of the server's key can't be made", err)
	}
	key, err := loadOrCreateKey(filepath.Join(dir, "key.pem"))
	if err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, err
	}
	der, err := loadOrCreateCert(filepath.Join(dir, "cert.pem"), key)
	if err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, err
	}
	return identity(key, der)
}

// NewIdentity makes a certificate with a new key that is kept nowhere: for tests,
// and for servers that nobody pins.
func NewIdentity() (tls.Certificate, voiceapp.Fingerprint, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, err
	}
	der, err := makeCert(key)
	if err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, err
	}
	return identity(key, der)
}

func identity(key *ecdsa.PrivateKey, der []byte) (tls.Certificate, voiceapp.Fingerprint, error) {
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, voiceapp.Fingerprint{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, voiceapp.FingerprintOf(leaf), nil
}

func loadOrCreateKey(path string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, "the server's key can't be read", err)
	}
	if others := info.Mode().Perm() & 0o077; others != 0 && runtime.GOOS != "windows" {
		return nil, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
			"others than its owner may read the server's key %s (mode %04o): run chmod 600 %s", path, info.Mode().Perm(), path))
	}
	der, err := readPEM(path, "PRIVATE KEY")
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, damagedKey(path), err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, damagedKey(path), err)
	}
	if key, ok := key.(*ecdsa.PrivateKey); ok {
		return key, nil
	}
	return nil, voiceapp.NewError(voiceapp.Invalid, damagedKey(path)+": it is not of ECDSA")
}

func damagedKey(path string) string {
	return "the server's key " + path + " is damaged: bring it back from a backup, or remove it and all clients will have to trust a new one"
}

func createKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, keepPEM(path, "PRIVATE KEY", der)
}

// loadOrCreateCert returns the certificate at path, or a new one in its place when
// it is not there, not of this key, or near its end.
func loadOrCreateCert(path string, key *ecdsa.PrivateKey) ([]byte, error) {
	if der, err := readPEM(path, "CERTIFICATE"); err == nil {
		cert, err := x509.ParseCertificate(der)
		if err == nil && key.PublicKey.Equal(cert.PublicKey) && time.Until(cert.NotAfter) > certRenew {
			return der, nil
		}
	}
	der, err := makeCert(key)
	if err != nil {
		return nil, err
	}
	return der, keepPEM(path, "CERTIFICATE", der)
}

func makeCert(key *ecdsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "voiceapp server"},
		DNSNames:              []string{"voiceapp.invalid"},
		NotBefore:             now.Add(-24 * time.Hour), // for clients whose clock is slow
		NotAfter:              now.Add(certLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

func readPEM(path, kind string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s holds no %s", path, kind)
	}
	return block.Bytes, nil
}

// keepPEM is writePEM with an error that says what of the server can't be kept.
func keepPEM(path, kind string, der []byte) error {
	if err := writePEM(path, kind, der); err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "the server's key and certificate can't be kept in "+filepath.Dir(path), err)
	}
	return nil
}

// writePEM replaces a file in one step, for its owner alone to read.
func writePEM(path, kind string, der []byte) error {
	next, err := os.CreateTemp(filepath.Dir(path), ".new-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = next.Write(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	err = errors.Join(err, next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(next.Name()))
	}
	return err
}
