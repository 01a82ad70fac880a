package target

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// template is the copy of a shadow from which branches are made. Nobody can connect to it.
type template struct {
	name   string // the name that it has until the shadow is published
	oid    uint32
	given  string    // the name that it gets when the shadow is published
	before *existing // the template that has this name until then; nil if there is none
	away   string    // the name that the template before gets

	named   bool  // the publishing transaction gave it its name
	problem error // why the publishing transaction gave it no name; nil if it gave it one
}

// renameTemplate limits the time of the statements that rename templates while clients may find no database.
const renameTemplate = 250 * time.Millisecond

// templatePause is the pause between two looks at the locks on a template.
const templatePause = 100 * time.Millisecond

// Template copies the shadow into a template for branches. Publish then gives the template its name. Call Template
// after Provenance. If Template returns an error, it has dropped what it made, and the shadow can still be published.
// But if the error is sides.ErrUnsure, the session that holds the target is lost, and the database may exist.
func (s *Shadow) Template(ctx context.Context) error {
	p := s.target
	t := &template{}
	var err error
	if t.name, err = templateCopyName(p.name, s.spec.Run); err != nil {
		return err
	}
	if t.given, err = provenance.TemplateName(p.name); err != nil {
		return err
	}
	if err := s.templateBefore(ctx, t); err != nil {
		return err
	}
	p.opts.Progress("template", t.given)
	if err := s.carryGrants(ctx); err != nil {
		return err
	}
	s.closeWorkers()
	if err := s.awaitEmpty(ctx); err != nil {
		return err
	}
	if t.oid, err = p.madeDatabase(ctx, "copying the shadow into the template", t.name, p.copyDatabase(ctx, t.name, s.name)); err != nil {
		return err
	}
	s.template = t
	if err := s.recordTemplate(ctx); err != nil {
		return errors.Join(err, s.dropTemplate(ctx))
	}
	return nil
}

// recordTemplate lets the caller record the new template, and then marks the template.
func (s *Shadow) recordTemplate(ctx context.Context) error {
	s.target.opts.Fault("template-copied")
	t := s.template
	if s.spec.MadeTemplate != nil {
		if err := s.spec.MadeTemplate(t.name, t.oid); err != nil {
			return err
		}
	}
	m := provenance.Mark{State: provenance.Template, Target: s.target.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
	db := catalog.Quote(t.name)
	err := s.target.exec(ctx, strings.Join([]string{ // statements in one message run in one transaction
		"REVOKE ALL ON DATABASE " + db + " FROM PUBLIC",
		"COMMENT ON DATABASE " + db + " IS " + catalog.Literal(m.Line()),
	}, "; "))
	if err != nil {
		return fmt.Errorf("marking the template %s: %w", t.name, err)
	}
	s.target.opts.Fault("template-marked")
	return nil
}

// templateBefore looks for the database that has the template's name. If this database is not proven to be a template
// of this target, it keeps the name, and templateBefore returns an error.
func (s *Shadow) templateBefore(ctx context.Context, t *template) error {
	p := s.target
	d, err := p.database(ctx, t.given)
	if err != nil || d == nil {
		return err
	}
	claim, ok := p.claimOf(*d, provenance.Template, templateInfix)
	why := "it is not a template of masker's"
	if ok {
		if why, err = p.notTemplate(ctx, *d, claim); err != nil {
			return err
		}
	}
	switch {
	case why != "":
		return fmt.Errorf("database %s has the name of the template: %s; rename or drop the database", t.given, why)
	case d.connLimit == invalidLimit: // an interrupted DROP left it
		return p.drop(ctx, *d)
	}
	t.before = d
	t.away, err = templateCopyName(p.name, claim.Run)
	return err
}

// copyDatabase makes a database as a copy of another one. Nobody can connect to the copy. The server copies files,
// because STRATEGY wal_log would write the whole database into the write-ahead log. Both databases share their blocks
// if the server and its file system can do this.
func (p *Postgres) copyDatabase(ctx context.Context, name, from string) error {
	create := "CREATE DATABASE " + catalog.Quote(name) + " TEMPLATE " + catalog.Quote(from) + " ALLOW_CONNECTIONS false"
	if p.server.version >= 150000 { // older servers have no other strategy
		create += " STRATEGY file_copy"
	}
	if p.server.version >= 180000 && p.exec(ctx, "SET file_copy_method = clone") == nil {
		err := p.exec(ctx, create)
		if code := pgsession.Code(err); code != "XX000" && code != "58030" { // these say that the file system cannot share blocks
			return err
		}
		if err := p.exec(ctx, "SET file_copy_method = copy"); err != nil {
			return err
		}
	}
	return p.exec(ctx, create)
}

// Templated returns the name of the template after Publish. If there is none, the error says why. Both are empty if
// Template was not called, or has failed.
func (s *Shadow) Templated() (name string, err error) {
	t := s.template
	switch {
	case t == nil:
		return "", nil
	case t.named:
		return t.given, nil
	}
	return "", t.problem
}

// awaitTemplate waits until no session has a lock on the template of the old target. A session that copies a branch
// from this template has such a lock. After Options.Patience, awaitTemplate returns although a session has a lock. The
// rename of the template then fails, unless the lock ends in time.
func (s *Shadow) awaitTemplate(ctx context.Context) error {
	if s.template == nil || s.template.before == nil {
		return nil
	}
	p, end := s.target, time.Now().Add(s.target.opts.Patience)
	for noted := false; time.Now().Before(end); noted = true {
		who, err := p.lockOn(ctx, *s.template.before)
		if err != nil || who == "" {
			return err
		}
		if !noted {
			s.waitsFor(who)
		}
		if err := pgsession.Pause(ctx, templatePause); err != nil {
			return err
		}
	}
	return nil
}

// lockOn describes a session that has a lock on a database, such as a session that copies it. It returns "" if there is
// no such session.
func (p *Postgres) lockOn(ctx context.Context, d existing) (who string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.conn.QueryRow(ctx, `SELECT COALESCE((SELECT format('process %s, which has a lock on database %s', l.pid, quote_ident($2)) FROM pg_locks l
		WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.objid = $1 AND l.granted AND l.pid <> pg_backend_pid() ORDER BY l.pid LIMIT 1), '')`,
		d.oid, d.name).Scan(&who)
	if err != nil {
		return "", fmt.Errorf("looking for locks on the template: %w", pgsession.Safe(err))
	}
	return who, nil
}

// nameTemplate gives the template its name, within the publishing transaction. The template that had the name before
// gets the name of an unpublished template, and Prune drops it. If the template cannot be renamed, the transaction goes
// on without it. The error is only about the transaction itself.
func (s *Shadow) nameTemplate(ctx context.Context) error {
	t, p := s.template, s.target
	if t == nil {
		return nil
	}
	t.named, t.problem = false, nil
	if err := p.exec(ctx, "SAVEPOINT template"); err != nil {
		return err
	}
	if err := s.renameTemplates(ctx); err != nil {
		t.problem = fmt.Errorf("naming the template %s: %w", t.given, err)
		return p.exec(ctx, "ROLLBACK TO SAVEPOINT template")
	}
	t.named = true
	return nil
}

// renameTemplates renames both templates, and checks that the renamed databases are the right ones.
func (s *Shadow) renameTemplates(ctx context.Context) error {
	t, p := s.template, s.target
	sql := []string{fmt.Sprintf("SET LOCAL statement_timeout = %d", renameTemplate.Milliseconds())}
	if t.before != nil {
		sql = append(sql, "ALTER DATABASE "+catalog.Quote(t.given)+" RENAME TO "+catalog.Quote(t.away))
	}
	sql = append(sql, "ALTER DATABASE "+catalog.Quote(t.name)+" RENAME TO "+catalog.Quote(t.given),
		fmt.Sprintf("SET LOCAL statement_timeout = %d", publishAttempt.Milliseconds()))
	for _, statement := range sql {
		if err := p.exec(ctx, statement); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.before != nil {
		if err := checkSame(ctx, p.conn, t.away, t.before.oid); err != nil {
			return err
		}
	}
	return checkSame(ctx, p.conn, t.given, t.oid)
}

// settleTemplate is called after publishing. It drops a template that did not get its name.
func (s *Shadow) settleTemplate(ctx context.Context) {
	t := s.template
	if t == nil {
		return
	}
	if t.named {
		s.target.template = t.oid
		return
	}
	if err := s.target.drop(ctx, existing{name: t.name, oid: t.oid}); err != nil {
		t.problem = errors.Join(t.problem, fmt.Errorf("dropping the template %s: %w; the next run tries again", t.name, err))
	}
}

// dropTemplate drops the template of a shadow that is not published, even if ctx has ended.
func (s *Shadow) dropTemplate(ctx context.Context) error {
	t := s.template
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardPatience)
	defer cancel()
	if err := s.target.dropAnyway(ctx, existing{name: t.name, oid: t.oid}); err != nil {
		return fmt.Errorf("dropping the template %s: %w; the next run tries again", t.name, err)
	}
	s.template = nil
	return nil
}

const templateInfix = "_template_"

// templateCopyName returns the name that a template has while it is not the template of the published target.
func templateCopyName(target, run string) (string, error) {
	return derivedName(target, templateInfix, run)
}

// isGiven reports whether a name is the name of the template of a published target.
func isGiven(target, name string) bool {
	given, err := provenance.TemplateName(target)
	return err == nil && given == name
}

// notTemplate returns why it is not proven that a database is a template of this target. It returns "" if it is proven.
func (p *Postgres) notTemplate(ctx context.Context, d existing, claim sides.Database) (why string, err error) {
	unpublished, err := templateCopyName(p.name, claim.Run)
	switch {
	case err != nil || d.name != unpublished && !isGiven(p.name, d.name):
		return fmt.Sprintf("run %s gave its template another name", claim.Run), nil
	case !d.canOwn:
		return "role " + p.server.role + " may not drop it", nil
	case p.opts.Proof == nil:
		return noLedger, nil
	}
	return p.opts.Proof.Template(ctx, claim)
}

// findTemplates returns the databases that are proven to be templates of this target, except the one that this run has
// made. If the database with the template's name claims to be a template without proof, findTemplates adds this
// database to c. Recover reports the others.
func (p *Postgres) findTemplates(ctx context.Context, c *sides.Cleared) ([]existing, error) {
	all, err := p.databases(ctx, "WHERE datname <> $1 ORDER BY datname", p.name)
	if err != nil {
		return nil, err
	}
	var found []existing
	for _, d := range all {
		claim, ok := p.claimOf(d, provenance.Template, templateInfix)
		if !ok || !claim.Marked || d.oid == p.template { // Recover handles the databases without a mark
			continue
		}
		why, err := p.notTemplate(ctx, d, claim)
		switch {
		case err != nil:
			return nil, err
		case why != "" && isGiven(p.name, d.name):
			leave(c, d.name, why)
		case why == "":
			found = append(found, d)
		}
	}
	return found, nil
}

// Templates returns the databases that are proven to be templates of this target.
func (p *Postgres) Templates(ctx context.Context) (list []sides.Database, c sides.Cleared, err error) {
	found, err := p.findTemplates(ctx, &c)
	for _, d := range found {
		claim, _ := p.claimOf(d, provenance.Template, templateInfix)
		list = append(list, claim)
	}
	return list, c, err
}

// pruneTemplates drops the templates that are not the template of the published target.
func (p *Postgres) pruneTemplates(ctx context.Context, c *sides.Cleared) error {
	found, err := p.findTemplates(ctx, c)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		if err := p.exec(ctx, fmt.Sprintf("SET lock_timeout = %d", p.opts.Patience.Milliseconds())); err != nil { // a branch may be copied from it
			return err
		}
		defer func() { _ = p.exec(ctx, "SET lock_timeout = 0") }() // it fails only on a broken session
	}
	for _, d := range found {
		if err := p.drop(ctx, d); err != nil {
			return fmt.Errorf("dropping the template %s: %w; the next run tries again", d.name, err)
		}
		c.Dropped = append(c.Dropped, d.name)
	}
	return nil
}

// TemplateProblem says what is wrong with the template of the target. It returns "" if nothing is wrong. It changes
// nothing.
func (p *Postgres) TemplateProblem(ctx context.Context) (string, error) {
	given, err := provenance.TemplateName(p.name)
	if err != nil || p.old == nil {
		return "", nil //nolint:nilerr // Check refuses a target with such a name
	}
	d, err := p.database(ctx, given)
	switch {
	case err != nil:
		return "", err
	case d == nil && p.opts.Template:
		return fmt.Sprintf("there is no template %s for branches; the next run makes it", given), nil
	case d == nil:
		return "", nil
	}
	claim, ok := p.claimOf(*d, provenance.Template, templateInfix)
	why := "it is not a template of masker's"
	if ok {
		if why, err = p.notTemplate(ctx, *d, claim); err != nil {
			return "", err
		}
	}
	switch {
	case why != "" && (ok || p.opts.Template):
		return fmt.Sprintf("database %s has the name of the template: %s; rename or drop the database, or the next run makes no template", given, why), nil
	case why != "":
		return "", nil
	case !p.opts.Template:
		return fmt.Sprintf("the flow asks for no template, and the next run drops %s", given), nil
	case claim.Run != p.published:
		return fmt.Sprintf("the template %s is of run %s, and not of the run that made the target; the next run replaces the template", given, claim.Run), nil
	}
	return "", nil
}
