package pgsession

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// clientCertificate writes a certificate and its key, and returns a URL that uses them.
func clientCertificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, &about, &about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"sslmode": {"require"}}
	for name, block := range map[string]*pem.Block{
		"sslcert": {Type: "CERTIFICATE", Bytes: certificate}, "sslkey": {Type: "PRIVATE KEY", Bytes: private},
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		query.Set(name, file)
	}
	return "postgres://reader@127.0.0.1/shop?" + query.Encode()
}

// L7: a client certificate is a credential.
func TestL7TwoCertificatesAreTwoCredentials(t *testing.T) {
	a, b := clientCertificate(t), clientCertificate(t)
	for _, c := range []struct {
		first, second string
		same          bool
	}{{a, a, true}, {a, b, false}} {
		if same, err := SameCredentials(c.first, c.second); err != nil || same != c.same {
			t.Errorf("same credentials: %v, %v; want %v", same, err, c.same)
		}
	}
}
