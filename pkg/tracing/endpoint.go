package tracing

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// collector says where spans are sent, and how.
type collector struct {
	url      string
	headers  []pair
	gzip     bool
	tls      *tls.Config // nil for the machine's default
	resource []pair      // attributes of this process that the operator has set
}

// pair is one entry of an environment variable that holds a list of names and values.
type pair struct{ name, value string }

// settings reads the standard environment variables of OpenTelemetry. It returns nil if they ask for no traces.
//
// Errors name the variable. They never quote its value, because headers can hold secrets.
func settings(env map[string]string) (*collector, error) {
	if strings.EqualFold(env["OTEL_SDK_DISABLED"], "true") || env["OTEL_TRACES_EXPORTER"] == "none" {
		return nil, nil
	}
	to, err := address(env)
	if to == "" || err != nil {
		return nil, err
	}
	if name, p := ofTraces(env, "PROTOCOL"); p != "" && p != "http/protobuf" {
		return nil, fmt.Errorf("traces: %s: masker speaks http/protobuf only", name)
	}
	if name, ms := ofTraces(env, "TIMEOUT"); ms != "" {
		if _, err := strconv.ParseUint(ms, 10, 31); err != nil {
			return nil, fmt.Errorf("traces: %s: want milliseconds", name)
		}
	}
	c := &collector{url: to}
	name, text := ofTraces(env, "HEADERS")
	var ok bool
	if c.headers, ok = pairs(text); !ok || !areHeaders(c.headers) {
		return nil, malformed(name)
	}
	if c.resource, ok = pairs(strings.TrimSpace(env["OTEL_RESOURCE_ATTRIBUTES"])); !ok {
		return nil, malformed("OTEL_RESOURCE_ATTRIBUTES")
	}
	_, compression := ofTraces(env, "COMPRESSION")
	c.gzip = compression == "gzip"
	c.tls, err = certificates(env)
	if err == nil && c.tls != nil && strings.HasPrefix(to, "http://") {
		err = errors.New("traces: certificates are for an address that begins with https://")
	}
	return c, err
}

func malformed(name string) error {
	return fmt.Errorf("traces: %s: want name=value, several with commas between, special characters as %%XX", name)
}

// ofTraces returns the name and the value of an exporter's variable. The variable for traces has priority over the
// variable for all signals.
func ofTraces(env map[string]string, what string) (name, value string) {
	for _, name = range []string{"OTEL_EXPORTER_OTLP_TRACES_" + what, "OTEL_EXPORTER_OTLP_" + what} {
		if value = strings.TrimSpace(env[name]); value != "" {
			break
		}
	}
	return name, value
}

// address returns the URL to which spans are posted. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used unchanged.
// OTEL_EXPORTER_OTLP_ENDPOINT is for all signals, so address appends the standard path for traces to it.
func address(env map[string]string) (string, error) {
	name, text := ofTraces(env, "ENDPOINT")
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return "", errors.New("traces: " + name + ": want http://HOST:PORT or https://HOST:PORT, a password goes into OTEL_EXPORTER_OTLP_HEADERS")
	}
	if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		u = u.JoinPath("v1/traces")
	}
	return u.String(), nil
}

// pairs reads names and values in the form of W3C's baggage. For any other form, the result ok is false.
func pairs(text string) (list []pair, ok bool) {
	if text == "" {
		return nil, true
	}
	for item := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || err != nil || name == "" {
			return nil, false
		}
		list = append(list, pair{name, value})
	}
	return list, true
}

// areHeaders reports whether all names and values are allowed in HTTP headers.
func areHeaders(list []pair) bool {
	const marks = "!#$%&'*+-.^_`|~"
	for _, h := range list {
		if strings.ContainsFunc(h.value, unicode.IsControl) || strings.ContainsFunc(h.name, func(r rune) bool {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
			return !letter && !strings.ContainsRune(marks, r)
		}) {
			return false
		}
	}
	return true
}

// certificates reads the authorities that masker trusts instead of the machine's authorities, and the certificate
// that masker shows to the collector.
func certificates(env map[string]string) (*tls.Config, error) {
	authorities, ca := ofTraces(env, "CERTIFICATE")
	certificate, cert := ofTraces(env, "CLIENT_CERTIFICATE")
	_, key := ofTraces(env, "CLIENT_KEY")
	if ca == "" && (cert == "" || key == "") {
		return nil, nil
	}
	config := &tls.Config{}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if config.RootCAs = x509.NewCertPool(); err != nil || !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("traces: %s: want a readable file with certificates as PEM", authorities)
		}
	}
	if cert != "" && key != "" {
		own, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("traces: %s: want readable files with a certificate and its key as PEM", certificate)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}
