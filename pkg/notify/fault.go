package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"syscall"
)

// fault says why an attempt failed. It never quotes an address or an answer.
type fault struct {
	why   string
	final bool // do not try again, because another attempt would fail in the same way
	after int  // seconds that the receiver asks to wait, or 0
}

func (f fault) Error() string { return f.why }

// describe describes an error without quoting it, because errors of HTTP, mail and DNS quote addresses and answers.
func describe(err error) string {
	var (
		f       fault
		dns     *net.DNSError
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	switch {
	case errors.As(err, &f):
		return f.why
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "masker was interrupted"
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		return "its certificate is not trusted here (SSL_CERT_FILE names authorities of your own)"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS on this port"
	case errors.As(err, &dns):
		return "its host name cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "it cannot be reached over the network"
	}
	return "the connection failed"
}
