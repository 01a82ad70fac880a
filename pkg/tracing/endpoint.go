package tracing

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// endpoint is where the standard variables want traces sent, "" where they do not.
//
// Every variable that the exporter reads by itself is held against its form first: the exporter would print a
// malformed one, and a header's value is a secret.
func endpoint(env map[string]string) (string, error) {
	if strings.EqualFold(env["OTEL_SDK_DISABLED"], "true") || env["OTEL_TRACES_EXPORTER"] == "none" {
		return "", nil
	}
	to, err := address(env)
	if to == "" || err != nil {
		return "", err
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if p := env[name]; p != "" && p != "http/protobuf" {
			return "", fmt.Errorf("traces: %s: masker speaks http/protobuf only", name)
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		if !wellFormed(env[name]) {
			return "", fmt.Errorf("traces: %s: want name=value, several with commas between, special characters as %%XX", name)
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"} {
		if _, err := strconv.ParseUint(env[name], 10, 31); env[name] != "" && err != nil {
			return "", fmt.Errorf("traces: %s: want milliseconds", name)
		}
	}
	return to, nil
}

// address is the URL to post to: that of traces as it stands, or the common one and the standard path.
func address(env map[string]string) (string, error) {
	var to string
	for _, v := range []struct{ name, path string }{{"OTEL_EXPORTER_OTLP_ENDPOINT", "v1/traces"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""}} {
		text := strings.TrimSpace(env[v.name])
		if text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
			return "", errors.New("traces: " + v.name + ": want http://HOST:PORT or https://HOST:PORT, a password goes into OTEL_EXPORTER_OTLP_HEADERS")
		}
		to = u.JoinPath(v.path).String()
	}
	return to, nil
}

func wellFormed(headers string) bool {
	if headers == "" {
		return true
	}
	for pair := range strings.SplitSeq(headers, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if _, err := url.PathUnescape(value); !ok || err != nil || !isToken(strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}

// isToken is true of what HTTP takes for a header's name.
func isToken(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(marks, r)
	})
}
