package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
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
	if text := errs.String(); strings.Contains(text, secret) || !strings.Contains(text, "app_test.go:") || !strings.Contains(text, "internal error") {
		t.Errorf("%s", text)
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
