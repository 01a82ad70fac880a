package target

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// checkObjects refuses objects that the role may not make, unless a decision leaves them out: objects that only a
// superuser can make, and functions with settings that the role may not change.
func (p *Postgres) checkObjects(ctx context.Context, source *catalog.Database, d sides.Decisions) error {
	if p.server.superuser {
		return nil
	}
	left := map[string]bool{}
	for _, o := range d.LeaveOut {
		left[o.Label()] = true
	}
	var super, setting []catalog.Object
	for _, o := range source.Objects {
		switch {
		case left[o.Label()] || o.Kind == catalog.KindWrapper && d.ForeignServers != decisionKeep:
		case o.Superuser:
			super = append(super, o)
		case len(o.Sets) > 0:
			setting = append(setting, o)
		}
	}
	var problems []error
	if len(super) > 0 {
		problems = append(problems, fmt.Errorf("%w: %s can only be made by a superuser, and role %s is not a superuser; connect as one%s",
			sides.ErrRefused, labels(super), p.server.role, otherwise(source, super)))
	}
	return errors.Join(append(problems, p.checkSettings(ctx, source, setting))...)
}

// checkSettings refuses functions with settings that the role may not change: settings that only superusers may change,
// and settings that no extension has defined.
func (p *Postgres) checkSettings(ctx context.Context, source *catalog.Database, functions []catalog.Object) error {
	var names []string
	for _, f := range functions {
		names = append(names, f.Sets...)
	}
	if len(names) == 0 {
		return nil
	}
	closed, err := p.closedSettings(ctx, names)
	if err != nil {
		return err
	}
	functions = slices.DeleteFunc(functions, func(f catalog.Object) bool {
		return !slices.ContainsFunc(f.Sets, func(name string) bool { return slices.Contains(closed, name) })
	})
	if len(functions) == 0 {
		return nil
	}
	next := "connect as a superuser"
	if p.server.version >= 150000 {
		var quoted []string
		for _, name := range closed {
			quoted = append(quoted, settingName(name))
		}
		next = fmt.Sprintf("GRANT SET ON PARAMETER %s TO %s as a superuser, %s", strings.Join(quoted, ", "), catalog.Quote(p.server.role), next)
	}
	return fmt.Errorf("%w: %s: role %s may not change %s, which is set there; %s%s",
		sides.ErrRefused, labels(functions), p.server.role, strings.Join(closed, ", "), next, otherwise(source, functions))
}

// closedSettings returns the settings in the list that the role may not change.
func (p *Postgres) closedSettings(ctx context.Context, names []string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	granted := ""
	if p.server.version >= 150000 {
		granted = "AND NOT has_parameter_privilege(n, 'SET')"
	}
	rows, err := p.conn.Query(ctx, `SELECT DISTINCT n FROM unnest($1::text[]) n
		WHERE NOT EXISTS (SELECT FROM pg_settings g WHERE lower(g.name) = lower(n) AND g.context = 'user') `+granted+` ORDER BY n`, names)
	if err != nil {
		return nil, fmt.Errorf("reading which settings the target's role may change: %w", pgsession.Safe(err))
	}
	closed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("reading which settings the target's role may change: %w", pgsession.Safe(err))
	}
	return closed, nil
}

func labels(objects []catalog.Object) string {
	var list []string
	for _, o := range objects {
		list = append(list, o.Label())
	}
	return strings.Join(list, ", ")
}

// otherwise says what else to do about objects that the role may not make.
func otherwise(source *catalog.Database, objects []catalog.Object) string {
	wrapper := func(o catalog.Object) bool { return o.Kind == catalog.KindWrapper }
	next := ""
	if slices.ContainsFunc(objects, wrapper) {
		next = ", or drop foreign_servers by decision"
	}
	line, stuck := source.Leave(objects)
	if line != "" {
		next += ", or leave it out: " + line
	}
	for _, o := range slices.Sorted(maps.Keys(stuck)) {
		next += fmt.Sprintf("; %s cannot be left out, because %s needs it: change that in the source", o, stuck[o])
	}
	return next
}
