package movement_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/refresh/shadowtest"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/sides"
)

const rawName = "Ada Lovelace"

func people() catalog.Name { return catalog.Name{Schema: "public", Name: "people"} }

// shop is a Source in memory, with one table of people.
type shop struct {
	*snapshottest.Memory
	db *catalog.Database
}

func newShop(t *testing.T, customers int) shop {
	db := sketch.Schema(t, "public.people: id int! pk, name text")
	db.Name, db.SystemID, db.Version = "shop", "memory", 150000
	text := rewritetest.Kept(t, "name", "text", catalog.Text)
	text.Type.Binary = false
	m := snapshottest.MemoryTable{Columns: []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), text}}
	for i := range customers {
		m.Rows = append(m.Rows, [][]byte{[]byte(fmt.Sprint(i)), []byte(rawName)})
	}
	return shop{&snapshottest.Memory{PerExtent: 10, PerBlock: 3, Tables: map[catalog.Name]snapshottest.MemoryTable{people(): m}}, db}
}

// shopOrigin makes the test database "shop" an Origin.
type shopOrigin struct{ shop }

func (o shopOrigin) Identify(context.Context) (sides.Identity, error) {
	return sides.Identity{SystemID: o.db.SystemID, Database: o.db.Name}, nil
}
func (o shopOrigin) Open(context.Context, bool, int) (movement.Source, error) { return o.shop, nil }

func (s shop) Catalog() *catalog.Database { return s.db }
func (s shop) Facts() sides.Snapshot {
	return sides.Snapshot{SnapshotID: "1", SystemID: s.db.SystemID, Database: s.db.Name, SessionUser: "reader"}
}
func (s shop) PGDump() sides.Program { return sides.Program{} }
func (s shop) Provenance(context.Context) (provenance.Claim, error) {
	return provenance.Claim{Database: s.db.Name, SystemID: s.db.SystemID}, nil
}
func (s shop) Writes(context.Context) ([]string, error)          { return nil, nil }
func (s shop) Archive(context.Context) (*archive.Archive, error) { return &archive.Archive{}, nil }
func (s shop) SequenceValues(context.Context) ([]catalog.SequenceValue, error) {
	return nil, nil
}
func (s shop) Unchanged(context.Context) error { return nil }
func (s shop) Watch(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
func (s shop) Close() {}

// listener is a channel that stores the messages that it gets.
type listener struct {
	mu  sync.Mutex
	got []notify.Message
}

func (l *listener) Name() string      { return "test" }
func (l *listener) Wants(string) bool { return true }
func (l *listener) Send(_ context.Context, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, m)
	return nil
}

// world has a shop, a folder as the target, and the Spec of a refresh from the shop to the folder.
type world struct {
	shop
	folder
	told *listener
	spec movement.Spec
}

func newWorld(t *testing.T) *world {
	w := &world{shop: newShop(t, 95), folder: newFolder(t.TempDir(), "staging"), told: &listener{}}
	w.spec = movement.Spec{
		Flow: guard.Flow{
			Name: "nightly", Treats: true,
			From: guard.Environment{Name: "production", Kind: guard.Production},
			To:   guard.Environment{Name: "staging", Kind: guard.Staging},
		},
		From: shopOrigin{w.shop}, To: w.folder,
		Ledger:   movement.Ledger{Dir: filepath.Join(t.TempDir(), "ledger")},
		Key:      movement.Key{Ring: keyring.Random(), PerRun: true},
		Channels: []notify.Channel{w.told},
	}
	w.rules(t, "")
	return w
}

// rules sets the rules of the flow, with further lines.
func (w *world) rules(t *testing.T, more string) {
	t.Helper()
	w.spec.Rules = sketch.Rules(t, sketch.Head+`tables: {public.people: {columns: {id: {keep: "a number"}, name: {treat: fake.full_name}}}}
hooks: {before_publish: [accounts.sql]}
`+more)
}

// run runs a refresh. It fails the test if the refresh does not have the outcome that the argument want names.
func (w *world) run(t *testing.T, want movement.Kind) error {
	t.Helper()
	o, err := movement.Run(t.Context(), w.spec)
	if o.Kind != want {
		t.Fatalf("%s, want %s: %v", o.Kind, want, err)
	}
	if _, err := ledger.Verify(w.spec.Ledger.Dir, w.verifierKey(t)); err != nil {
		t.Errorf("the ledger: %v", err)
	}
	return err
}

// verifierKey returns the ledger's public key.
func (w *world) verifierKey(t *testing.T) string {
	t.Helper()
	l, err := ledger.Open(w.spec.Ledger.Dir, w.spec.Ledger.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.VerifierKey()
}

// beside returns the names in the folder that holds the target's databases.
func (w *world) beside(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(w.root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// rows returns the published rows.
func (w *world) rows(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(w.path("staging", "*.copy"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, slices.Collect(strings.Lines(string(data)))...)
	}
	return lines
}

func TestAnotherSourceAndTargetRunThroughTheRecipe(t *testing.T) {
	w := newWorld(t)
	if err := movement.Check(t.Context(), w.spec, nil); err != nil {
		t.Fatal(err)
	}
	if len(w.beside(t)) > 0 {
		t.Errorf("check has written %q", w.beside(t))
	}
	for night := range 2 {
		w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
		rows := w.rows(t)
		if len(rows) != 95 || slices.ContainsFunc(rows, func(r string) bool { return strings.Contains(r, rawName) }) {
			t.Errorf("night %d: %d rows, or a raw one among them", night, len(rows))
		}
		if got := w.beside(t); !slices.Equal(got, []string{"staging"}) {
			t.Errorf("night %d: these files remain: %q", night, got)
		}
	}
	if hooks, err := os.ReadFile(w.path("staging", "hooks")); err != nil || string(hooks) != "accounts.sql" {
		t.Errorf("hooks %q, %v", hooks, err)
	}
	claim, err := w.Claim(t.Context(), "staging")
	if err != nil {
		t.Fatal(err)
	}
	if o := provenance.Judge(claim, []string{w.verifierKey(t)}); !o.Verified {
		t.Errorf("its provenance is not proven: %s", o.Why)
	}
}

func TestAReaderThatDiesLeavesAFolderAsItWas(t *testing.T) {
	w := newWorld(t)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	before := w.rows(t)
	w.Broken = func(catalog.Extent) error { return errors.New("the source broke") }
	if err := w.run(t, movement.Failed); !strings.Contains(err.Error(), "the source broke") {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(before, w.rows(t)) || !slices.Equal(w.beside(t), []string{"staging"}) {
		t.Errorf("the target changed, or something is left: %q", w.beside(t))
	}
}

func TestAFolderOfOthersIsRefused(t *testing.T) {
	w := newWorld(t)
	if err := os.Mkdir(w.path("staging"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := w.say("staging", about{OID: 7}); err != nil {
		t.Fatal(err)
	}
	w.run(t, movement.Refused) //nolint:errcheck // run has checked the outcome
	if err := os.RemoveAll(w.path("staging")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.path("lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.run(t, movement.Busy) //nolint:errcheck // run has checked the outcome
}

func TestAFolderIsAShadow(t *testing.T) {
	runs := 0
	shadowtest.Run(t, func(t *testing.T) shadowtest.Subject {
		f := newFolder(t.TempDir(), "conformance")
		runs++
		shadow, err := (&folderTarget{folder: f}).Create(t.Context(), sides.Shadow{Run: fmt.Sprintf("run%d", runs), Made: func(string, uint32) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		return shadowtest.Subject{Shadow: shadow, Rows: func(t *testing.T, table catalog.Name) (all []byte) {
			files, err := filepath.Glob(f.path(shadow.Name(), table.String()+" *.copy"))
			for _, file := range files {
				data, failed := os.ReadFile(file)
				err, all = errors.Join(err, failed), append(all, data...)
			}
			if err != nil {
				t.Error(err)
			}
			return all
		}}
	})
}

// slow is a channel that puts its clock forward by an hour for each message.
type slow struct {
	listener
	now time.Time
}

func (s *slow) clock() time.Time { return s.now }

func (s *slow) Send(ctx context.Context, m notify.Message) error {
	s.now = s.now.Add(time.Hour)
	return s.listener.Send(ctx, m)
}

// The time that notifications take counts as a phase of its own. It does not count as publishing or planning.
func TestNotificationsHaveAPhaseOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	s := &slow{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.spec.Channels, w.spec.Now = []notify.Channel{s}, s.clock
	w.spec.Report = report.New(report.Discard(), s.clock)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	const hour = 3600
	announced := 0.0
	for _, p := range w.spec.Report.Done(report.Summary{}).Phases {
		if p.Name == "announce" {
			announced += p.Seconds
		} else if p.Seconds >= hour {
			t.Errorf("phase %s took %v s", p.Name, p.Seconds)
		}
	}
	if announced != 2*hour {
		t.Errorf("the notifications took %v s, want those of the start and of the end", announced)
	}
}
