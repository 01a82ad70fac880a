package escrow

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoSpecIsNoCopy(t *testing.T) {
	p, err := New(Spec{}, nil)
	if p != nil || err != nil {
		t.Errorf("%v, %v", p, err)
	}
}

func TestSpecsThatCannotWorkAreRefused(t *testing.T) {
	env := map[string]string{"AWS_ACCESS_KEY_ID": keyID, "AWS_SECRET_ACCESS_KEY": secret}
	for name, c := range map[string]struct {
		spec Spec
		env  map[string]string
		why  string
	}{
		"both":           {Spec{File: "x", S3: &S3{Endpoint: "s3.example.com", Bucket: "b"}}, env, "not both"},
		"no endpoint":    {Spec{S3: &S3{Bucket: "b"}}, env, "needed"},
		"no bucket":      {Spec{S3: &S3{Endpoint: "s3.example.com"}}, env, "needed"},
		"no credentials": {Spec{S3: &S3{Endpoint: "s3.example.com", Bucket: "b"}}, nil, "AWS_SECRET_ACCESS_KEY"},
		"a URL":          {Spec{S3: &S3{Endpoint: "https://s3.example.com", Bucket: "b"}}, env, "host:port"},
		"a user in it":   {Spec{S3: &S3{Endpoint: "me@s3.example.com", Bucket: "b"}}, env, "host:port"},
		"no host":        {Spec{S3: &S3{Endpoint: "a b", Bucket: "b"}}, env, "host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := New(c.spec, c.env)
			if p != nil || err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%v, %v", p, err)
			}
		})
	}
}

func TestFilesAreWholeReadableAndAlone(t *testing.T) {
	dir := t.TempDir()
	check(t, mustNew(t, Spec{File: dir}).Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")))
	entries, err := os.ReadDir(dir)
	check(t, err)
	if len(entries) != 1 {
		t.Errorf("the folder holds %v", entries)
	}
	for _, e := range entries {
		info, err := e.Info()
		check(t, err)
		if info.Mode() != 0o644 {
			t.Errorf("%s: mode %v", e.Name(), info.Mode())
		}
	}
}

func TestAFailedWriteLeavesNothingHalfWritten(t *testing.T) {
	dir := t.TempDir()
	note := checkpoint("shop", 5, "AAAA")
	check(t, os.MkdirAll(filepath.Join(dir, storedName("run", 5, note), "in the way"), 0o700))
	if err := (folder{dir}).write(t.Context(), storedName("run", 5, note), note); err == nil {
		t.Error("no error")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("files remain: %v, %v", entries, err)
	}
}

// TestErrorsRepeatNoAnswerAndNoSecret checks that errors quote neither a store's answer nor a credential.
func TestErrorsRepeatNoAnswerAndNoSecret(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`<Error><Code>AccessDenied</Code><Message>` + keyID + secret + "\x1b[2J" + `</Message></Error>`))
	}))
	defer server.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	check(t, closed.Close())
	for name, c := range map[string]struct{ endpoint, why string }{
		"refused": {server.Listener.Addr().String(), "the store answers 403"},
		"away":    {closed.Addr().String(), "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			p := mustNew(t, Spec{S3: &S3{Endpoint: c.endpoint, Bucket: "ledgers", Region: "eu-central-1", Insecure: true}})
			_, err := p.Latest(t.Context())
			for _, err := range []error{err, p.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA"))} {
				if err == nil || !strings.Contains(err.Error(), c.why) {
					t.Fatalf("%v, want %q", err, c.why)
				}
				for _, word := range []string{keyID, secret, "\x1b", c.endpoint} {
					if strings.Contains(err.Error(), word) {
						t.Errorf("%q is in %v", word, err)
					}
				}
			}
		})
	}
}
