package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

const secret = "4111-1111-1111-1111"

// panicWriter panics with the text that it should write. It stands for a bug that panics with a row of a database.
type panicWriter struct{}

func (panicWriter) Write(p []byte) (int, error) { panic(secret + string(p)) }

func TestAPanicShowsItsPositionAndNotItsValue(t *testing.T) {
	var errs bytes.Buffer
	if code := run(context.Background(), []string{"version"}, nil, stdio{strings.NewReader(""), panicWriter{}, &errs}); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if text := errs.String(); strings.Contains(text, secret) || !strings.Contains(text, "app_test.go:") || !strings.Contains(text, "internal error") {
		t.Errorf("%s", text)
	}
}

func TestTheWorstErrorDecidesTheExitCode(t *testing.T) {
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
