package pgsession

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SameCredentials says whether two URLs lead to a server with the same user and the same proof of being it:
// the password, wherever pgx takes it from, or a client certificate. A user without either is trusted by its name alone.
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

// certificateOf is the certificate a configuration shows to the server, nil for none.
func certificateOf(cfg *pgx.ConnConfig) []byte {
	for _, c := range certificates(cfg) {
		if len(c.Certificate) > 0 {
			return c.Certificate[0]
		}
	}
	return nil
}

// certificates are those of the first address that TLS is tried with.
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

// User is the role a URL logs in as.
func User(url string) (string, error) {
	cfg, err := config(url, Options{})
	if err != nil {
		return "", err
	}
	return cfg.User, nil
}

// Accepts tries, once, whether the database of one URL lets in whoever the other URL says: its user, password and
// client certificate. Where the server's answer is neither yes nor no, that is an error.
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
	case "28000", "28P01", "42501": // no such way in, wrong password, no CONNECT
		return false, nil
	}
	return false, fmt.Errorf("as %s: %w", cfg.User, safe)
}
