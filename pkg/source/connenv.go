package source

import (
	"errors"
	"net/url"
	"strings"
)

// libpqEnv is the environment variable that stands for a parameter of a connection URL which
// the address and the role do not cover, "" where there is none or it must not be passed on.
func libpqEnv(param string) string {
	switch param {
	case "connect_timeout":
		return "PGCONNECT_TIMEOUT"
	case "ssl_min_protocol_version":
		return "PGSSLMINPROTOCOLVERSION"
	case "ssl_max_protocol_version":
		return "PGSSLMAXPROTOCOLVERSION"
	case "require_auth":
		return "PGREQUIREAUTH"
	case "channel_binding":
		return "PGCHANNELBINDING"
	case "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslsni", "sslnegotiation", "passfile", "krbsrvname", "gssencmode":
		return "PG" + strings.ToUpper(param)
	}
	return ""
}

// errURL never shows the URL, which may hold a password.
var errURL = errors.New("the source's connection URL cannot be read")

// urlParams reads the parameters of a URL or of a keyword=value list, both of which pgx has accepted before.
func urlParams(s string) (map[string]string, error) {
	if !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
		return keywordParams(s)
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errURL
	}
	params := map[string]string{}
	for name, values := range u.Query() {
		params[name] = values[len(values)-1]
	}
	return params, nil
}

// keywordParams reads libpq's other form: host=h user='two words'.
func keywordParams(s string) (map[string]string, error) {
	params := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			return nil, errURL
		}
		var value string
		if value, s, ok = keywordValue(strings.TrimLeft(rest, " \t\n")); !ok {
			return nil, errURL
		}
		params[strings.TrimSpace(name)] = value
	}
	return params, nil
}

// keywordValue takes one value off the front: in quotes, or up to a blank; a backslash takes the next byte as it is.
func keywordValue(s string) (value, rest string, ok bool) {
	quoted := strings.HasPrefix(s, "'")
	if quoted {
		s = s[1:]
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quoted && c == '\'':
			return b.String(), s[i+1:], true
		case !quoted && (c == ' ' || c == '\t' || c == '\n'):
			return b.String(), s[i:], true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", !quoted
}
