package pgsession

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SameCredentials reports whether two URLs log in with the same user and the same secret. The secret is the password,
// which may come from any source that pgx reads. If there is no password, the secret is the client certificate. Two
// URLs with the same user and no secret also have the same credentials.
func SameCredentials(a, b string) (bool, error) {
	first, err := config(a, Options{})
	if err != nil {
		return false, err
	}
	second, err := config(b, Options{})
	if err != nil {
		return false, err
	}
	if first.User != second.User || first.Password != second.Password {
		return false, nil
	}
	return first.Password != "" || bytes.Equal(certificateOf(first), certificateOf(second)), nil
}

// certificateOf returns the client certificate that the server gets, or nil if there is none.
func certificateOf(cfg *pgx.ConnConfig) []byte {
	for _, c := range certificates(cfg) {
		if len(c.Certificate) > 0 {
			return c.Certificate[0]
		}
	}
	return nil
}

// certificates returns the client certificates for the first address that pgx tries with TLS.
func certificates(cfg *pgx.ConnConfig) []tls.Certificate {
	if cfg.TLSConfig != nil {
		return cfg.TLSConfig.Certificates
	}
	for _, f := range cfg.Fallbacks {
		if f.TLSConfig != nil {
			return f.TLSConfig.Certificates
		}
	}
	return nil
}

// User returns the role that a URL logs in as.
func User(url string) (string, error) {
	cfg, err := config(url, Options{})
	if err != nil {
		return "", err
	}
	return cfg.User, nil
}

// Accepts tries once to log in to the database of url. It takes the user, the password and the client certificate from
// the URL credentials. It reports whether the database accepts them. If the answer is neither yes nor no, it returns an
// error.
func Accepts(ctx context.Context, url, credentials string) (bool, error) {
	cfg, err := config(url, Options{Name: "rights", ReadOnly: true})
	if err != nil {
		return false, err
	}
	other, err := config(credentials, Options{})
	if err != nil {
		return false, err
	}
	cfg.User, cfg.Password = other.User, other.Password
	show := certificates(other)
	if cfg.TLSConfig != nil {
		cfg.TLSConfig.Certificates = show
	}
	for _, f := range cfg.Fallbacks {
		if f.TLSConfig != nil {
			f.TLSConfig.Certificates = show
		}
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err == nil {
		closeNow(conn)
		return true, nil
	}
	safe := safeConnect(ctx, err, cfg.Host, cfg.Port)
	switch Code(safe) {
	case "28000", "28P01", "42501": // pg_hba.conf refuses the role, wrong password, no CONNECT privilege
		return false, nil
	}
	return false, fmt.Errorf("as %s: %w", cfg.User, safe)
}
