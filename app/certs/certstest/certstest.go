// Package certstest makes certificates for tests: an authority of one's own and pairs that it signs, good and bad ones.
package certstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is an authority that only a test trusts.
type CA struct {
	t    testing.TB
	cert *x509.Certificate
	key  crypto.Signer
	File string // its certificate, PEM
}

// Pair is a certificate with its chain, and its key, PEM files both.
type Pair struct{ Cert, Key string }

// Life is when a certificate holds.
type Life struct{ From, To time.Time }

// Year is a certificate that holds now.
func Year() Life { return Life{time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0)} }

// NewCA makes an authority.
func NewCA(t testing.TB) *CA {
	t.Helper()
	ca := &CA{t: t, key: newKey(t), File: filepath.Join(t.TempDir(), "ca.pem")}
	der := ca.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Huiyin test CA", Organization: []string{"Huiyin tests"}}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(2, 0, 0),
	}, ca.key.Public())
	var err error
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	write(t, ca.File, "CERTIFICATE", der)
	return ca
}

// Issue writes a pair for hosts, names or addresses, into a folder as cert.pem and key.pem; what lay there is replaced.
func (ca *CA) Issue(dir string, life Life, hosts ...string) Pair {
	ca.t.Helper()
	key := newKey(ca.t)
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: hosts[0]}, NotBefore: life.From, NotAfter: life.To,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	p := Pair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	write(ca.t, p.Cert, "CERTIFICATE", ca.sign(c, key.Public()), ca.cert.Raw)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		ca.t.Fatal(err)
	}
	write(ca.t, p.Key, "PRIVATE KEY", der)
	return p
}

// Pool trusts the authority alone.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// SPKI is the fingerprint of the authority's key as Chromium's --ignore-certificate-errors-spki-list wants it.
func (ca *CA) SPKI() string {
	sum := sha256.Sum256(ca.cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (ca *CA) sign(c *x509.Certificate, public crypto.PublicKey) []byte {
	ca.t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		ca.t.Fatal(err)
	}
	c.SerialNumber = serial
	parent := ca.cert
	if parent == nil {
		parent = c // of itself
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, ca.key)
	if err != nil {
		ca.t.Fatal(err)
	}
	return der
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func write(t testing.TB, file, kind string, blocks ...[]byte) {
	t.Helper()
	var out []byte
	for _, der := range blocks {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
}
