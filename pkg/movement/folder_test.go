package movement_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/wire"
)

// folderSystem is the system identifier of every folder.
const folderSystem = "folder"

// folder is a Destination whose databases are folders below root, with a file of COPY rows for each extent.
type folder struct {
	root, name string
	oids       *atomic.Uint32
}

func newFolder(root, name string) folder { return folder{root, name, new(atomic.Uint32)} }

func (f folder) path(parts ...string) string {
	return filepath.Join(append([]string{f.root}, parts...)...)
}

// about is the content of the file in which a database describes itself.
type about struct {
	OID     uint32
	Comment string
	Steps   []provenance.Step
}

func (f folder) about(database string) (a about, err error) {
	data, err := os.ReadFile(f.path(database, "about.json"))
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(data, &a)
}

func (f folder) say(database string, a about) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return os.WriteFile(f.path(database, "about.json"), data, 0o600)
}

// Executes implements movement.Destination.
func (f folder) Executes(a *archive.Archive, _ sides.Decisions) ([]archive.Entry, error) {
	return a.Entries, nil
}

// Claim implements movement.Destination.
func (f folder) Claim(_ context.Context, database string) (provenance.Claim, error) {
	if database == "" {
		database = f.name
	}
	a, err := f.about(database)
	c := provenance.Claim{Database: database, OID: a.OID, SystemID: folderSystem, Steps: a.Steps}
	if mark, ok := provenance.ParseMark(a.Comment); ok {
		c.Mark = &mark
	}
	return c, err
}

// Open implements movement.Destination.
func (f folder) Open(ctx context.Context, o movement.Opening) (movement.Target, error) {
	t := &folderTarget{folder: f, proof: o.Proof, look: o.Look}
	if !o.Look {
		if err := os.Mkdir(f.path("lock"), 0o700); err != nil {
			return nil, sides.ErrBusy
		}
	}
	if err := t.existing(ctx); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// folderTarget is a Target.
type folderTarget struct {
	folder
	proof     sides.Proof
	look      bool
	old       uint32
	marked    bool
	published string
}

// existing refuses a folder with the target's name, unless it is proven that masker made it.
func (t *folderTarget) existing(ctx context.Context) error {
	d, err := t.database(t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	why, err := t.proof.Made(ctx, d)
	if err != nil {
		return err
	}
	if why != "" {
		return fmt.Errorf("%w: folder %s exists: %s", sides.ErrRefused, t.name, why)
	}
	t.old, t.marked, t.published = d.OID, d.Marked, d.Run
	return nil
}

func (t *folderTarget) database(name string) (sides.Database, error) {
	a, err := t.about(name)
	mark, marked := provenance.ParseMark(a.Comment)
	return sides.Database{SystemID: folderSystem, Target: t.name, Name: name, OID: a.OID, Run: mark.Run, Marked: marked}, err
}

func (t *folderTarget) Name() string        { return t.name }
func (t *folderTarget) SystemID() string    { return folderSystem }
func (t *folderTarget) Role() string        { return "owner" }
func (t *folderTarget) Published() string   { return t.published }
func (t *folderTarget) Marked() bool        { return t.marked }
func (t *folderTarget) Replaces() uint32    { return t.old }
func (t *folderTarget) MaySignal() bool     { return true }
func (t *folderTarget) ReachesServer() bool { return false }

func (t *folderTarget) Check(context.Context, *catalog.Database, sides.Decisions, map[string]string) error {
	return nil
}

func (t *folderTarget) Estimate(context.Context, int64) (string, error) {
	return "enough", nil
}

// Recover implements movement.Target.
func (t *folderTarget) Recover(ctx context.Context) (sides.Cleared, error) {
	return t.clear(ctx, "_shadow_", t.proof.Abandoned)
}

// Prune implements movement.Target.
func (t *folderTarget) Prune(ctx context.Context) (sides.Cleared, error) {
	return t.clear(ctx, "_previous_", t.proof.Replaced)
}

// clear removes the folders beside the target that are proven to belong to it.
func (t *folderTarget) clear(ctx context.Context, kind string, shown func(context.Context, sides.Database) (string, error)) (c sides.Cleared, err error) {
	beside, err := filepath.Glob(t.path(t.name + kind + "*"))
	for _, path := range beside {
		d, err := t.database(filepath.Base(path))
		if err != nil {
			return c, err
		}
		why, err := shown(ctx, d)
		switch {
		case err != nil:
			return c, err
		case why != "":
			c.Left = append(c.Left, d.Name+": "+why)
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return c, err
		}
		c.Dropped = append(c.Dropped, d.Name)
	}
	return c, err
}

// Watch implements movement.Target. The lock of a folder cannot be lost, so Watch only waits for the end of ctx.
func (t *folderTarget) Watch(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (t *folderTarget) Close() {
	if !t.look {
		os.Remove(t.path("lock"))
	}
}

// Create implements movement.Target.
func (t *folderTarget) Create(_ context.Context, s sides.Shadow) (movement.Shadow, error) {
	shadow := &folderShadow{folderTarget: t, run: s.Run, name: t.name + "_shadow_" + s.Run, oid: t.oids.Add(1)}
	if err := os.Mkdir(t.path(shadow.name), 0o700); err != nil {
		return nil, err
	}
	if err := s.Made(shadow.name, shadow.oid); err != nil {
		return nil, errors.Join(err, os.RemoveAll(t.path(shadow.name)))
	}
	return shadow, t.say(shadow.name, about{OID: shadow.oid, Comment: shadow.mark(provenance.Shadow)})
}

// folderShadow is a Shadow.
type folderShadow struct {
	*folderTarget
	run, name string
	oid       uint32
	previous  string
	hooks     []string
}

func (s *folderShadow) mark(state provenance.State) string {
	return provenance.Mark{State: state, Target: s.folderTarget.name, Run: s.run}.Line()
}

// Write implements refresh.Shadow. It renames the file of an extent when the file is complete.
func (s *folderShadow) Write(ctx context.Context, _ int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	file := s.path(s.name, fmt.Sprintf("%s %s %d of %d.copy", e.Table, into, e.Index, e.Of))
	if done, err := os.ReadFile(file); err == nil {
		return countRows(f, len(columns), done)
	}
	var all bytes.Buffer
	for {
		block, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
		all.Write(block)
	}
	n, err := countRows(f, len(columns), all.Bytes())
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(file+".new", all.Bytes(), 0o600); err != nil {
		return 0, err
	}
	return n, os.Rename(file+".new", file)
}

// countRows counts the rows. It returns an error if a row does not have the right number of columns.
func countRows(f wire.Format, columns int, all []byte) (n int64, err error) {
	split, spans := wire.NewSplitter(f, columns, columns), make([]wire.Span, columns)
	for ; len(all) > 0; n++ {
		size, err := split.Split(spans, all)
		if err != nil {
			return 0, err
		}
		all = all[size:]
	}
	return n, nil
}

func (s *folderShadow) Name() string                 { return s.name }
func (s *folderShadow) Finish(context.Context) error { return nil }
func (s *folderShadow) Previous() string             { return s.previous }
func (s *folderShadow) LeftOut() []string            { return nil }
func (s *folderShadow) Notes() []string              { return nil }

// Hooks implements movement.Shadow. It writes the hooks' names into a file.
func (s *folderShadow) Hooks(_ context.Context, hooks []sides.Hook) error {
	for _, h := range hooks {
		s.hooks = append(s.hooks, h.Name)
	}
	return os.WriteFile(s.path(s.name, "hooks"), []byte(strings.Join(s.hooks, "\n")), 0o600)
}

// ReadAll implements movement.Shadow. Folders hide no rows.
func (s *folderShadow) ReadAll(_ context.Context, read func() error) error { return read() }

// Provenance implements movement.Shadow.
func (s *folderShadow) Provenance(_ context.Context, steps []provenance.Step) error {
	return s.say(s.name, about{OID: s.oid, Comment: s.mark(provenance.Shadow), Steps: steps})
}

// Publish implements movement.Shadow. Folders have no transactions, so Publish is not atomic.
func (s *folderShadow) Publish(context.Context) error {
	target := s.folderTarget.name
	a, err := s.about(s.name)
	if err != nil {
		return err
	}
	a.Comment = s.mark(provenance.Published)
	if err := s.say(s.name, a); err != nil {
		return err
	}
	if s.old != 0 {
		was, err := s.about(target)
		if err != nil {
			return err
		}
		was.Comment, s.previous = s.mark(provenance.Previous), target+"_previous_"+s.run
		if err := errors.Join(s.say(target, was), os.Rename(s.path(target), s.path(s.previous))); err != nil {
			return err
		}
	}
	return os.Rename(s.path(s.name), s.path(target))
}

// Keep implements movement.Shadow.
func (s *folderShadow) Keep(context.Context) error { return nil }

// Discard implements movement.Shadow.
func (s *folderShadow) Discard(context.Context) error { return os.RemoveAll(s.path(s.name)) }
