package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const secret = "4111-1111-1111-1111"

// leaky panics with what it is given to write, as a bug that holds a row might.
type leaky struct{}

func (leaky) Write(p []byte) (int, error) { panic(secret + string(p)) }

func TestAPanicTellsItsPlaceAndNotItsValue(t *testing.T) {
	var errs bytes.Buffer
	if code := run(context.Background(), []string{"version"}, nil, stdio{strings.NewReader(""), leaky{}, &errs}); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	err := guarded(func() error { panic(secret) })()
	if err == nil {
		t.Fatal("a panic of a goroutine is lost")
	}
	for _, text := range []string{errs.String(), err.Error()} {
		if strings.Contains(text, secret) || !strings.Contains(text, "app_test.go:") || !strings.Contains(text, "internal error") {
			t.Errorf("%s", text)
		}
	}
}

func TestTheWorstFindingDecidesTheCode(t *testing.T) {
	for _, c := range []struct{ a, b, want int }{
		{exitDone, exitFailed, exitFailed},
		{exitFailed, exitRefused, exitRefused},
		{exitRefused, exitUsage, exitUsage},
		{exitDone, exitDone, exitDone},
	} {
		if got := worse(c.a, c.b); got != c.want {
			t.Errorf("worse(%d, %d) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{"": 0, "7": 7, "7B": 7, "64MB": 64 << 20, "1 gb": 1 << 30, "2kB": 2048} {
		if got, err := parseSize(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"0", "-1MB", "lots", "1.5GB", "9999999999GB", "MB"} {
		if got, err := parseSize(in); err == nil {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestExpandNamesWhatIsMissingAndNeverAValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		c := &config{env: map[string]string{"SET": value}}
		if got, err := c.expand("url", "a${SET}b"); err != nil || got != "a"+value+"b" {
			t.Fatalf("%q, %v", got, err)
		}
	})
	c := &config{env: map[string]string{"SET": secret}}
	_, err := c.expand("url", "${SET} ${MISSING} ${ALSO}")
	if err == nil || !strings.Contains(err.Error(), "MISSING and ALSO") || strings.Contains(err.Error(), secret) || exitCode(err) != exitUsage {
		t.Errorf("%v", err)
	}
}

func TestThePsqlLineHoldsNoPassword(t *testing.T) {
	for raw, want := range map[string]string{
		"postgres://u:" + secret + "@h:5432/d?sslmode=disable": "psql 'postgres://u@h:5432/d?sslmode=disable'",
		"postgres://h/d?password=" + secret:                    "psql 'postgres://h/d'",
		"host=h password=" + secret + " dbname=d":              "psql d",
	} {
		if got := psql(raw, "d"); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}

func TestAWatcherThatIsToldToStopHasNotFailed(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	boom := errors.New("boom")
	watch := func(context.Context) error { return boom }
	if err := until(ctx, "source", watch); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := until(ctx, "source", watch); err != nil {
		t.Errorf("got %v", err)
	}
}
