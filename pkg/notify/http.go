package notify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// poster posts JSON to one address.
type poster struct {
	address string
	client  *http.Client
}

// newPoster checks an address. Its errors do not quote the address, because the path of a webhook is a secret.
func newPoster(kind, address string) (poster, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return poster{}, fmt.Errorf("notify: %s: not an https:// address; is its variable set?", kind)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return poster{}, fmt.Errorf("notify: %s: http:// sends address and message unencrypted; use https:// (http:// is for this machine only)", kind)
	}
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		DisableKeepAlives: true, // messages are rare
	}
	return poster{address, &http.Client{
		Transport: transport,
		// A redirect would send the message to an address that nobody configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (p poster) post(ctx context.Context, body []byte, header http.Header) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
	if err != nil {
		return fault{why: "its address is not valid", final: true}
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "masker")
	resp, err := p.client.Do(req)
	if err != nil {
		return fault{why: describe(err)}
	}
	defer func() { _ = resp.Body.Close() }() // the body is not used
	_, _ = io.CopyN(io.Discard, resp.Body, 4096)
	return answer(resp)
}

// answer returns nil for a success. Otherwise the fault says whether another attempt can succeed.
func answer(resp *http.Response) error {
	code := resp.StatusCode
	why := fmt.Sprintf("it answers %d", code)
	switch {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400:
		return fault{why: why + ", a redirect, which is not followed: configure the address that it leads to", final: true}
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound, code == http.StatusGone:
		return fault{why: why + ": address or secret are not valid, or not valid any more", final: true}
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return fault{why: why, after: retryAfter(resp.Header.Get("Retry-After"))}
	}
	return fault{why: why, final: true}
}

// retryAfter reads the seconds in a Retry-After header, but ignores more than an hour. The header can also hold a date.
// retryAfter ignores a date, because a date is useful only if both clocks agree.
func retryAfter(header string) int {
	n, err := strconv.Atoi(header)
	if err != nil || n < 0 || n > 3600 {
		return 0
	}
	return n
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
