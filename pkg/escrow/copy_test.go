package escrow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"go.uber.org/goleak"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "not-to-be-seen-anywhere"
)

// testCopy is a Copy and the functions with which tests look at its files and change them.
type testCopy struct {
	Copy
	names   func() []string
	set     func(name string, data []byte)
	missing Copy // a Copy of the same kind whose folder or bucket does not exist
}

// copies makes an empty Copy of each kind. The object store is a real server on the loopback interface.
func copies(t *testing.T) map[string]func(t *testing.T) testCopy {
	t.Helper()
	return map[string]func(t *testing.T) testCopy{"file": newTestFolder, "s3": newTestBucket}
}

func newTestFolder(t *testing.T) testCopy {
	dir := t.TempDir()
	return testCopy{
		Copy: mustNew(t, Spec{File: dir}),
		names: func() []string {
			var names []string
			entries, err := os.ReadDir(dir)
			check(t, err)
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return names
		},
		set:     func(name string, data []byte) { check(t, os.WriteFile(filepath.Join(dir, name), data, 0o600)) },
		missing: mustNew(t, Spec{File: filepath.Join(dir, "not-mounted")}),
	}
}

func newTestBucket(t *testing.T) testCopy {
	backend := s3mem.New()
	check(t, backend.CreateBucket("ledgers"))
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	s := S3{Endpoint: server.Listener.Addr().String(), Bucket: "ledgers", Prefix: "/masker/shop/", Region: "eu-central-1", Insecure: true}
	p := mustNew(t, Spec{S3: &s})
	client := p.(checkpoints).store.(bucket).client
	s.Bucket = "nobody-made-it"
	return testCopy{
		Copy: p,
		names: func() []string {
			var names []string
			for o := range client.ListObjects(t.Context(), "ledgers", minio.ListObjectsOptions{Recursive: true}) {
				check(t, o.Err)
				name, under := strings.CutPrefix(o.Key, "masker/shop/")
				if !under {
					t.Errorf("object %q is not under the prefix", o.Key)
				}
				names = append(names, name)
			}
			return names
		},
		set: func(name string, data []byte) {
			_, err := backend.PutObject("ledgers", "masker/shop/"+name, map[string]string{"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT"}, bytes.NewReader(data), int64(len(data)), nil)
			check(t, err)
		},
		missing: mustNew(t, Spec{S3: &s}),
	}
}

func mustNew(t *testing.T, s Spec) Copy {
	t.Helper()
	p, err := New(s, map[string]string{"AWS_ACCESS_KEY_ID": keyID, "AWS_SECRET_ACCESS_KEY": secret})
	check(t, err)
	return p
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checkpoint returns a checkpoint of a ledger over size records. Different roots stand for different histories.
func checkpoint(origin string, size int64, root string) []byte {
	return fmt.Appendf(nil, "%s\n%d\n%s\nactive 1 %d\n\n— %s c2lnbmF0dXJl\n", origin, size, root, size*100, origin)
}

// promise tests something that every Copy promises.
type promise func(*testing.T, testCopy)

// keeping returns tests with valid checkpoints, which a Copy must store.
func keeping() map[string]promise {
	return map[string]promise{
		"an empty copy has none": func(t *testing.T, p testCopy) {
			latestIs(t, p, "")
		},
		"a smaller checkpoint is kept and never the latest": func(t *testing.T, p testCopy) {
			for _, n := range []int64{9, 10, 100, 11} {
				check(t, p.Put(t.Context(), "run", checkpoint("shop", n, "AAAA")))
			}
			latestIs(t, p, string(checkpoint("shop", 100, "AAAA")))
			if n := len(p.names()); n != 4 {
				t.Errorf("%d checkpoints are stored", n)
			}
		},
		"putting twice is accepted": func(t *testing.T, p testCopy) {
			for _, name := range []string{"run", "run", "other"} {
				check(t, p.Put(t.Context(), name, checkpoint("shop", 5, "AAAA")))
			}
			latestIs(t, p, string(checkpoint("shop", 5, "AAAA")))
		},
		"files of others are ignored": func(t *testing.T, p testCopy) {
			for _, name := range []string{"README", "9-x.checkpoint", "-run.checkpoint", ".pending-1"} {
				p.set(name, []byte("x"))
			}
			check(t, p.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")))
			latestIs(t, p, string(checkpoint("shop", 5, "AAAA")))
		},
		"many at once lose nothing": func(t *testing.T, p testCopy) {
			var all sync.WaitGroup
			for n := range int64(16) {
				all.Go(func() {
					if err := p.Put(t.Context(), fmt.Sprintf("run-%d", n), checkpoint("shop", n/2, "AAAA")); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			latestIs(t, p, string(checkpoint("shop", 7, "AAAA")))
			if n := len(p.names()); n != 16 {
				t.Errorf("%d checkpoints are stored", n)
			}
		},
	}
}

// refusing returns tests in which Put or Latest must fail.
func refusing() map[string]promise {
	return map[string]promise{
		"a copy that does not exist is not an empty copy": func(t *testing.T, p testCopy) {
			if note, err := p.missing.Latest(t.Context()); note != nil || err == nil {
				t.Errorf("Latest: %q, %v", note, err)
			}
			if err := p.missing.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")); err == nil {
				t.Error("Put succeeded although the copy does not exist")
			}
		},
		"another root over the same number of records is a conflict, and is kept": func(t *testing.T, p testCopy) {
			check(t, p.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")))
			conflict(t, p.Put(t.Context(), "run", checkpoint("shop", 5, "CCCC")), "rewritten")
			_, err := p.Latest(t.Context())
			conflict(t, err, "rewritten")
			if n := len(p.names()); n != 2 {
				t.Errorf("%d checkpoints are stored", n)
			}
		},
		"a copy belongs to one ledger": func(t *testing.T, p testCopy) {
			check(t, p.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")))
			conflict(t, p.Put(t.Context(), "run", checkpoint("mall", 6, "AAAA")), "another ledger")
			latestIs(t, p, string(checkpoint("shop", 5, "AAAA")))
		},
		"a changed file is an error": func(t *testing.T, p testCopy) {
			check(t, p.Put(t.Context(), "run", checkpoint("shop", 5, "AAAA")))
			name := p.names()[0]
			for _, bad := range []string{"", "shop\n5\n", string(checkpoint("shop", 4, "AAAA")), string(checkpoint("shop", 5, "BBBB")), strings.Repeat("x", maxNote+5)} {
				p.set(name, []byte(bad))
				_, err := p.Latest(t.Context())
				conflict(t, err, "changed or cut off")
				conflict(t, p.Put(t.Context(), "next", checkpoint("shop", 6, "AAAA")), "changed or cut off")
			}
		},
		"only checkpoints with plain names are kept": func(t *testing.T, p testCopy) {
			for _, bad := range []string{"", "x", "shop\n-1\nAAAA\n\n— s", "shop\n05\nAAAA\n\n— s", "\n5\nAAAA\n\n— s"} {
				if p.Put(t.Context(), "run", []byte(bad)) == nil {
					t.Errorf("%q was kept", bad)
				}
			}
			for _, bad := range []string{"", ".", "..", "../up", "a/b", `a\b`, "a b", "ä", "a\n", strings.Repeat("a", 129)} {
				if p.Put(t.Context(), bad, checkpoint("shop", 5, "AAAA")) == nil {
					t.Errorf("the name %q was accepted", bad)
				}
			}
			latestIs(t, p, "")
		},
		"an interrupted Put says so": func(t *testing.T, p testCopy) {
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := p.Put(ended, "run", checkpoint("shop", 5, "AAAA")); err == nil || !strings.Contains(err.Error(), "interrupted") {
				t.Errorf("%v", err)
			}
			latestIs(t, p, "")
		},
	}
}

// A6: each checkpoint is also copied, and stays in the copy.
func TestA6EveryCopyKeepsAllCheckpointsAndKnowsTheLatest(t *testing.T) {
	for _, promises := range []map[string]promise{keeping(), refusing()} {
		for name, test := range promises {
			t.Run(name, func(t *testing.T) {
				for kind, open := range copies(t) {
					t.Run(kind, func(t *testing.T) { test(t, open(t)) })
				}
			})
		}
	}
}

func latestIs(t *testing.T, p Copy, want string) {
	t.Helper()
	got, err := p.Latest(t.Context())
	if err != nil || string(got) != want {
		t.Fatalf("latest is %q (%v), want %q", got, err, want)
	}
	if want == "" && got != nil {
		t.Fatal("an empty copy returns a checkpoint")
	}
}

func conflict(t *testing.T, err error, want string) {
	t.Helper()
	var c *Conflict
	if !errors.As(err, &c) || !strings.Contains(err.Error(), want) {
		t.Errorf("want a conflict (%s), got %v", want, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(checkpoint("shop", 5, "AAAA"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, note []byte) {
		h, err := parse(note)
		if err != nil {
			return
		}
		name := storedName("run", h.size, note)
		if n, ours := sizeOf(name); h.origin == "" || !ours || n != h.size {
			t.Errorf("%q: %+v is kept as %s", note, h, name)
		}
	})
}
