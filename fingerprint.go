package voiceapp

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
)

// Fingerprint is the identity of a server: SHA-256 of the
// SubjectPublicKeyInfo of its TLS key. The zero value is none.
type Fingerprint [sha256.Size]byte

// FingerprintOf returns the fingerprint of a certificate's key. Names, dates and
// signatures in the certificate play no part, so it outlives renewals.
func FingerprintOf(cert *x509.Certificate) Fingerprint {
	return sha256.Sum256(cert.RawSubjectPublicKeyInfo)
}

// ParseFingerprint reads 64 hexadecimal digits, in either case, with or without
// colons between the bytes. The error is [Invalid].
func ParseFingerprint(s string) (Fingerprint, error) {
	var f Fingerprint
	raw, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(s), ":", ""))
	if err != nil || len(raw) != len(f) {
		return f, NewError(Invalid, "a fingerprint has 64 hexadecimal digits, as the server prints them at start").With(BadFingerprint)
	}
	copy(f[:], raw)
	return f, nil
}

// String gives 64 lower-case hexadecimal digits.
func (f Fingerprint) String() string { return hex.EncodeToString(f[:]) }

// IsZero reports whether f is no fingerprint.
func (f Fingerprint) IsZero() bool { return f == Fingerprint{} }

// MarshalText gives the same as String.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what [ParseFingerprint] reads.
func (f *Fingerprint) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFingerprint(string(text))
	return err
}
