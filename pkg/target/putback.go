package target

import (
	"context"
	"fmt"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// Previous returns the databases that are proven to be previous databases of this target, the newest first. It leaves
// out databases whose DROP was interrupted. The result c has the databases that claim to be previous databases without
// proof.
func (p *Postgres) Previous(ctx context.Context) (list []sides.Database, c sides.Cleared, err error) {
	found, err := p.findPrevious(ctx, &c)
	for _, d := range found {
		if d.connLimit != invalidLimit {
			list = append(list, p.claims(d.existing, d.run, true))
		}
	}
	return list, c, err
}

// PreviousName returns the name that a database gets when a run or a rollback replaces it.
func (p *Postgres) PreviousName(id string) (string, error) { return previousName(p.name, id) }

// PutBack swaps the names of the target and of its previous database d, in one transaction like Publish. The database d
// keeps its own privileges and settings. The argument made is the run that made d, and id is the identifier of the
// rollback. If PutBack returns an error other than sides.ErrUnknown, both databases are unchanged.
func (p *Postgres) PutBack(ctx context.Context, d sides.Database, made, id, ledger string) error {
	if p.old == nil {
		return fmt.Errorf("%w: there is no database %s", sides.ErrRefused, p.name)
	}
	if err := p.unchanged(ctx); err != nil {
		return err
	}
	back, err := p.database(ctx, d.Name)
	switch {
	case err != nil:
		return err
	case back == nil || back.oid != d.OID:
		return fmt.Errorf("%w: somebody renamed, dropped or replaced database %s", sides.ErrRefused, d.Name)
	}
	s := &Shadow{target: p, spec: sides.Shadow{Run: id, Ledger: ledger}, name: d.Name, oid: d.OID}
	if s.previous, err = previousName(p.name, id); err != nil {
		return err
	}
	if err := s.awaitEmpty(ctx); err != nil {
		return err
	}
	p.opts.Fault("before-publish")
	if err := ctx.Err(); err != nil {
		return err
	}
	m := provenance.Mark{State: provenance.Published, Target: p.name, Run: made, Ledger: ledger, At: time.Now().UTC()}
	comment := "COMMENT ON DATABASE " + catalog.Quote(p.name) + " IS " + catalog.Literal(m.In(back.comment))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishPatience)
	defer cancel()
	return s.swap(ctx, []string{comment})
}

// Retire drops the databases in the order of the list. It returns the databases that it has dropped, even if it returns
// an error. If the name of a database now belongs to another database, Retire drops neither of the two.
func (p *Postgres) Retire(ctx context.Context, list []sides.Database) (dropped []sides.Database, err error) {
	for _, d := range list {
		if err := p.checkSweepableIn(ctx, d); err != nil {
			return nil, err
		}
	}
	for _, d := range list {
		if err := p.drop(ctx, existing{name: d.Name, oid: d.OID}); err != nil {
			return dropped, fmt.Errorf("dropping database %s: %w", d.Name, err)
		}
		dropped = append(dropped, d)
	}
	return dropped, nil
}

// checkSweepableIn refuses a database that has a session which the role may not end, or a prepared transaction. Such a
// database cannot be dropped. Retire calls checkSweepableIn for all databases before it drops the first.
func (p *Postgres) checkSweepableIn(ctx context.Context, d sides.Database) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var why string
	err := p.conn.QueryRow(ctx, `SELECT coalesce(
		(SELECT format('process %s of superuser %s is in it; close its session', a.pid, a.usename) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
			WHERE a.datid = $1 AND r.rolsuper AND NOT $2 ORDER BY a.pid LIMIT 1),
		(SELECT format('it has the prepared transaction %s; COMMIT PREPARED or ROLLBACK PREPARED it there', quote_literal(gid)) FROM pg_prepared_xacts
			WHERE database = $3 ORDER BY prepared LIMIT 1), '')`, d.OID, p.server.superuser, d.Name).Scan(&why)
	switch {
	case err != nil:
		return fmt.Errorf("looking at the sessions of %s: %w", d.Name, pgsession.Safe(err))
	case why != "":
		return fmt.Errorf("%w: database %s cannot be dropped: %s", sides.ErrRefused, d.Name, why)
	}
	return nil
}
