package movement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/definition"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/sides"
)

// resolve makes the plan from the rules, the source's schema and the source's definitions. It returns an error if a
// column is undecided. pg_dump reads the definitions while masker makes the plan.
func (r *run) resolve(ctx context.Context) (err error) {
	dumping, stop := context.WithCancel(ctx)
	defer stop()
	type dump struct {
		ddl *archive.Archive
		err error
	}
	dumped := make(chan dump, 1)
	go func() {
		ddl, err := r.source.Archive(dumping)
		dumped <- dump{ddl, err}
	}()
	if r.plan, err = makePlan(r.Spec, r.source.Catalog()); err == nil {
		err = r.askSource(ctx)
	}
	if err != nil {
		stop()
		<-dumped
		return err
	}
	d := <-dumped
	if d.err != nil {
		return r.wrapSource(d.err)
	}
	r.ddl = d.ddl
	return r.define()
}

// define adds to the plan the definitions that the target will execute. It computes the class and the digest of a
// definition from the same bytes that the target executes.
func (r *run) define() error {
	db := r.source.Catalog()
	var err error
	if r.entries, err = r.To.Executes(r.ddl, decisions(r.plan, db)); err != nil {
		return r.wrapSource(err)
	}
	var settings []definition.Setting
	if db.Path != "" {
		settings = append(settings, definition.Setting{Name: "search_path", Value: db.Path})
	}
	r.executed = definition.Read(r.entries, settings)
	if len(r.plan.Hooks) > 0 {
		r.executed = definition.UnderHooks(r.executed)
	}
	if err := r.plan.Define(r.executed); err != nil {
		return r.wrapSource(err)
	}
	return nil
}

// definitionsDigest returns the digest of all definitions that the target executes.
func (r *run) definitionsDigest() string {
	h := sha256.New()
	for _, d := range r.executed {
		fmt.Fprintln(h, d.Digest)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// silentFile returns the name of the file that lists the silent definitions of the last run of this plan. No approval
// depends on silent definitions, so the digest of the plan does not cover them.
func (r *run) silentFile() string {
	return filepath.Join(r.plansDir(), r.digest+".silent.json")
}

// silent returns the digests of the silent definitions by kind and name. If several definitions have the same kind and
// name, the later ones get a number.
func (r *run) silent() map[string]string {
	all := map[string]string{}
	for _, d := range r.executed {
		if d.Class != definition.Silent {
			continue
		}
		name := strings.ToLower(d.Kind) + " " + d.Name
		for n := 2; all[name] != ""; n++ {
			name = fmt.Sprintf("%s %s (%d)", strings.ToLower(d.Kind), d.Name, n)
		}
		all[name] = d.Digest
	}
	return all
}

// keepSilent writes the digests of the silent definitions to a file, so that the next run can say what changed.
func (r *run) keepSilent() error {
	data, err := json.Marshal(r.silent())
	if err == nil {
		err = atomicfile.Write(r.silentFile(), data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot write the names of the definitions into the ledger's folder: %w", err)
	}
	return nil
}

// noteSilent adds a note that names the silent definitions that changed since the last run of this plan. The approval
// stays valid.
func (r *run) noteSilent() {
	data, err := os.ReadFile(r.silentFile())
	var before map[string]string
	if err != nil || json.Unmarshal(data, &before) != nil {
		return // the plan is new, so the approver has seen its changes
	}
	if text := review.SilentChanges(before, r.silent()); text != "" {
		r.Note(review.AboutDefinitions, text)
	}
}

// superuserRuns lists the code of the source that may read or change more than the values that it gets, and that would
// run while the shadow is built. If the target's role cannot reach the server's machine, the list is empty.
func (r *run) superuserRuns() []string {
	reaches := func(d definition.Definition) bool { return d.Class&definition.Reaching != 0 }
	if !r.target.ReachesServer() || len(r.plan.Hooks) == 0 && !slices.ContainsFunc(r.executed, reaches) {
		return nil // without reaching definitions and hooks, Runs returns nothing
	}
	db := r.source.Catalog()
	var scripts []definition.Script
	for _, h := range r.plan.Hooks {
		scripts = append(scripts, definition.Script{Name: h.File, SQL: h.SQL})
	}
	var list []string
	for _, d := range definition.Runs(r.entries, scripts, idle(db, decisions(r.plan, db))) {
		list = append(list, fmt.Sprintf("%s %s (%s)", strings.ToLower(d.Kind), d.Name, strings.Join(d.Why, "; ")))
	}
	return list
}

// idle returns the names of objects whose code does not run: materialized views that are not filled, and CHECK
// constraints that are left out.
func idle(db *catalog.Database, decided sides.Decisions) (names []string) {
	for _, v := range db.MatViews {
		if v.Outside != "" || !v.Populated {
			names = append(names, v.Name.Schema+"."+v.Name.Name)
		}
	}
	for _, o := range decided.LeaveOut {
		if o.Kind == catalog.KindCheck || o.Kind == catalog.KindDomainCheck {
			names = append(names, o.Table.Schema+"."+o.Table.Name+"."+o.Own)
		}
	}
	return names
}
