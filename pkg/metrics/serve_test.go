package metrics_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/metrics"
	"github.com/masker-project/masker/pkg/report"
)

// get makes a request like a scraper.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if typ := resp.Header.Get("Content-Type"); resp.StatusCode == http.StatusOK && typ != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("the answer is %s", typ)
	}
	return resp.StatusCode, string(data)
}

func TestFiguresAreServedWhileARunGoesOn(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(context.Background())
	l, err := metrics.Listen(ctx, ":0")
	if err != nil {
		t.Fatal(err)
	}
	if host := l.Addr().String(); !strings.HasPrefix(host, "127.0.0.1:") {
		t.Errorf("without a host it listens on %s", host)
	}
	m := metrics.New("nightly", "v1")
	served := make(chan error)
	go func() { served <- m.Serve(ctx, l) }()
	base := "http://" + l.Addr().String()

	clock := time.Unix(1_700_000_000, 0)
	r := report.New(m, func() time.Time { return clock })
	m.Begin(clock, time.Time{})
	r.TableStart("t", 10, 100)
	clock = clock.Add(m.Every())
	r.Rows("t", 7, 70)
	status, body := get(t, base+"/metrics")
	for _, want := range []string{`masker_refresh_running{flow="nightly"} 1`, `masker_refresh_rows{flow="nightly"} 7`} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, no %s in\n%s", status, want, body)
		}
	}
	moved := make(chan struct{})
	go func() {
		defer close(moved)
		for range 1000 {
			r.Phase("rows")
			r.Undelivered("who", "why")
			m.End(report.Failed, clock, clock)
		}
	}()
	for range 20 {
		get(t, base+"/metrics")
	}
	<-moved
	for _, other := range []string{"/", "/debug/pprof/heap", "/metrics/x"} {
		if status, _ := get(t, base+other); status != http.StatusNotFound {
			t.Errorf("%s is answered with %d", other, status)
		}
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestListenSaysWhatIsWrong(t *testing.T) {
	taken, err := metrics.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for addr, want := range map[string]string{
		"9187":                  "want HOST:PORT",
		taken.Addr().String():   "address already in use",
		"no-such-host.invalid:": "cannot listen on no-such-host.invalid:",
	} {
		if l, err := metrics.Listen(t.Context(), addr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", addr, l, err)
		}
	}
}
