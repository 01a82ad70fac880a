package escrow

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "not-to-be-seen-anywhere"
)

// kept is a place with what the tests look at it and break it by, behind masker's back.
type kept struct {
	Place
	names  func() []string
	remove func(name string)
	set    func(name string, data []byte)
	away   Place // one of the same kind that is not there
}

// places are both kinds, each new and empty; the object store is a real server on loopback.
func places(t *testing.T) map[string]func(t *testing.T) kept {
	t.Helper()
	return map[string]func(t *testing.T) kept{"file": newTestFolder, "s3": newTestBucket}
}

func newTestFolder(t *testing.T) kept {
	dir := t.TempDir()
	return kept{
		Place: mustNew(t, Spec{File: dir}),
		names: func() []string {
			var names []string
			entries, err := os.ReadDir(dir)
			check(t, err)
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return names
		},
		remove: func(name string) { check(t, os.Remove(filepath.Join(dir, name))) },
		set:    func(name string, data []byte) { check(t, os.WriteFile(filepath.Join(dir, name), data, 0o600)) },
		away:   mustNew(t, Spec{File: filepath.Join(dir, "not-mounted")}),
	}
}

func newTestBucket(t *testing.T) kept {
	backend := s3mem.New()
	check(t, backend.CreateBucket("ledgers"))
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	s := S3{Endpoint: server.Listener.Addr().String(), Bucket: "ledgers", Prefix: "/masker/shop/", Region: "eu-central-1", Insecure: true}
	p := mustNew(t, Spec{S3: &s})
	client := p.(bucket).client
	s.Bucket = "nobody-made-it"
	return kept{
		Place: p,
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
		remove: func(name string) {
			check(t, client.RemoveObject(t.Context(), "ledgers", "masker/shop/"+name, minio.RemoveObjectOptions{}))
		},
		set: func(name string, data []byte) {
			_, err := backend.PutObject("ledgers", "masker/shop/"+name, map[string]string{"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT"}, bytes.NewReader(data), int64(len(data)), nil)
			check(t, err)
		},
		away: mustNew(t, Spec{S3: &s}),
	}
}

func mustNew(t *testing.T, s Spec) Place {
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

// A6: each checkpoint also goes to a second place, and stays there.
func TestA6EveryPlaceKeepsAllCheckpointsAndKnowsTheLatest(t *testing.T) {
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			latestIs(t, p, "")
			for _, note := range []string{"one\n", "two\n", "two\n", "three\n"} {
				check(t, p.Put(t.Context(), "20260102-030405-1f2e", []byte(note)))
				latestIs(t, p, note)
			}
			if names := p.names(); len(names) != 4 || !slices.Contains(names, latest) {
				t.Errorf("kept %q, want three checkpoints and the latest", names)
			}
		})
	}
}

// A6: that the latest is gone or unreadable is never taken for an empty place.
func TestA6APlaceThatWasTamperedWithIsNoEmptyPlace(t *testing.T) {
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			check(t, p.Put(t.Context(), "run", []byte("one\n")))
			p.remove(latest)
			refused(t, p, "is gone")
			p.set(latest, nil)
			refused(t, p, "empty or too long")
			p.set(latest, make([]byte, maxNote+1))
			refused(t, p, "empty or too long")
			check(t, p.Put(t.Context(), "run", []byte("two\n")))
			latestIs(t, p, "two\n")
		})
	}
}

func TestA6APlaceThatIsNotThereIsNoEmptyPlace(t *testing.T) {
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			why := map[string]string{"file": "mount the disk", "s3": "no such bucket"}[kind]
			if note, err := p.away.Latest(t.Context()); note != nil || err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("Latest: %q, %v", note, err)
			}
			if err := p.away.Put(t.Context(), "run", []byte("one\n")); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("Put: %v", err)
			}
		})
	}
}

func TestOnlyCheckpointsUnderPlainNamesAreKept(t *testing.T) {
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			for _, name := range []string{"", ".", "..", ".hidden", "../up", "a/b", `a\b`, "a b", "ä", "a\n", strings.Repeat("a", 129)} {
				if err := p.Put(t.Context(), name, []byte("one\n")); err == nil {
					t.Errorf("kept under %q", name)
				}
			}
			for _, note := range [][]byte{nil, make([]byte, maxNote+1)} {
				if err := p.Put(t.Context(), "run", note); err == nil {
					t.Errorf("kept a note of %d bytes", len(note))
				}
			}
			if names := p.names(); len(names) != 0 {
				t.Errorf("kept %q", names)
			}
		})
	}
}

func TestAnInterruptedPutSaysSo(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			if err := p.Put(ended, "run", []byte("one\n")); err == nil || !strings.Contains(err.Error(), "interrupted") {
				t.Errorf("%v", err)
			}
			latestIs(t, p, "")
		})
	}
}

func TestWhatIsPutIsTheLatest(t *testing.T) {
	for kind, open := range places(t) {
		t.Run(kind, func(t *testing.T) {
			p := open(t)
			rapid.Check(t, func(rt *rapid.T) {
				name := rapid.StringMatching(`[a-z0-9][a-zA-Z0-9._-]{0,20}`).Draw(rt, "name")
				note := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(rt, "note")
				check(t, p.Put(t.Context(), name, note))
				latestIs(t, p, string(note))
			})
		})
	}
}

func latestIs(t *testing.T, p Place, want string) {
	t.Helper()
	got, err := p.Latest(t.Context())
	if err != nil || string(got) != want {
		t.Fatalf("latest is %q (%v), want %q", got, err, want)
	}
	if want == "" && got != nil {
		t.Fatal("an empty place has a note")
	}
}

func refused(t *testing.T, p Place, why string) {
	t.Helper()
	if note, err := p.Latest(t.Context()); note != nil || err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("latest is %q, %v; want an error that says %q", note, err, why)
	}
}
