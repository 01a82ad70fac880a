package target

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// readServer reads the facts about the server and the role.
func (p *Postgres) readServer(ctx context.Context) error {
	s := &p.server
	err := p.conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int,
			(SELECT system_identifier::text FROM pg_control_system()), current_user::text, rolsuper, rolcreatedb,
			rolsuper OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE'), rolsuper OR rolbypassrls, pg_is_in_recovery(),
			rolsuper OR pg_has_role(current_user, 'pg_execute_server_program', 'MEMBER') OR pg_has_role(current_user, 'pg_write_server_files', 'MEMBER')
			OR pg_has_role(current_user, 'pg_read_server_files', 'MEMBER')
		FROM pg_roles WHERE rolname = current_user`).
		Scan(&s.version, &s.systemID, &s.role, &s.superuser, &s.createDB, &s.canSignal, &s.seesAll, &s.recovery, &s.reachesServer)
	if err != nil {
		return fmt.Errorf("reading the target server's facts: %w", pgsession.Safe(err))
	}
	return nil
}

// notTheSource refuses a target that is the same database as the source.
func (p *Postgres) notTheSource(source sides.Identity) error {
	if source != (sides.Identity{SystemID: p.server.systemID, Database: p.name}) {
		return nil
	}
	return fmt.Errorf("%w: source and target are the same database (server %s, database %s); correct the url of one of them", sides.ErrRefused, p.server.systemID, p.name)
}

// checkServer refuses a server or a role that cannot build a shadow.
func (p *Postgres) checkServer(ctx context.Context) error {
	s := p.server
	switch {
	case s.version < pgsession.MinVersion:
		return fmt.Errorf("%w: the target's server is PostgreSQL %d; masker needs 14 or newer", sides.ErrRefused, s.version/10000)
	case s.recovery:
		return fmt.Errorf("%w: the target's server is a standby; name the primary in the url", sides.ErrRefused)
	case !s.superuser && !s.createDB:
		return p.refuseRole(ctx)
	}
	return nil
}

// refuseRole refuses a role that cannot create databases. If the database exists and belongs to another role, the URLs
// of source and target may be swapped. The role may then be a reader of production, so the error says to correct the
// URLs first.
func (p *Postgres) refuseRole(ctx context.Context) error {
	role := p.server.role
	old, err := p.database(ctx, p.name)
	if err != nil {
		return err
	}
	if old != nil && !old.canOwn {
		return fmt.Errorf("%w: role %s cannot create databases, and database %s belongs to %s; the urls of source and target look swapped: correct them. "+
			"Only if they are right: ALTER ROLE %s CREATEDB; GRANT %s TO %s", sides.ErrRefused, role, p.name, old.owner, catalog.Quote(role), catalog.Quote(old.owner), catalog.Quote(role))
	}
	return fmt.Errorf("%w: role %s cannot create databases; ALTER ROLE %s CREATEDB", sides.ErrRefused, role, catalog.Quote(role))
}

// checkExisting refuses to replace a database unless it is proven that masker made it, or the configuration adopts it.
// It also refuses if the role could not replace the database.
func (p *Postgres) checkExisting(ctx context.Context) error {
	old, err := p.database(ctx, p.name)
	if err != nil || old == nil {
		return err
	}
	p.old = old
	why, err := p.unproven(ctx, *old)
	if err != nil {
		return err
	}
	if why != "" {
		if err := p.checkAdopted(why); err != nil {
			return err
		}
	}
	if !old.canOwn {
		return fmt.Errorf("%w: database %s belongs to %s, so role %s cannot rename it; GRANT %s TO %s",
			sides.ErrRefused, p.name, old.owner, p.server.role, catalog.Quote(old.owner), catalog.Quote(p.server.role))
	}
	if !p.server.canSignal {
		return fmt.Errorf("%w: role %s cannot end the sessions of %s when the new one is published; GRANT pg_signal_backend TO %s",
			sides.ErrRefused, p.server.role, p.name, catalog.Quote(p.server.role))
	}
	return p.checkVisitors(ctx)
}

// checkAdopted refuses a database that the configuration does not adopt. The argument why is the reason why the
// database has to be adopted.
func (p *Postgres) checkAdopted(why string) error {
	want := p.server.systemID + "/" + p.name
	if p.opts.Adopt == want {
		return nil
	}
	if p.opts.Adopt != "" {
		why += ", and the configuration adopts another one (" + p.opts.Adopt + ")"
	} else {
		why += ", and the configuration does not adopt it"
	}
	return fmt.Errorf("%w: database %s exists: %s; only if it is not production, and masker may replace it, add to this environment: adopt: %q",
		sides.ErrRefused, p.name, why, want)
}

// Check refuses a source that this target cannot take. The source must not be the same database or on a newer server.
// The target's version must be able to make the source's tables and foreign keys. The extensions that the source needs
// must be available on the target. The roles of its policies must be mapped (roles: from → to), and the mapped roles
// must exist. The target's role must be able to make the source's objects and event triggers, unless a decision leaves
// them out. If the flow asks for a template, the target's name must be short enough for the name of the template.
func (p *Postgres) Check(ctx context.Context, source *catalog.Database, d sides.Decisions, roles map[string]string) error {
	_, err := p.check(ctx, source, d, roles)
	return err
}

// check does the work of Check. It also returns the extensions to leave out.
func (p *Postgres) check(ctx context.Context, source *catalog.Database, d sides.Decisions, roles map[string]string) ([]string, error) {
	if err := p.notTheSource(sides.Identity{SystemID: source.SystemID, Database: source.Name}); err != nil {
		return nil, err
	}
	if source.Version/10000 > p.server.version/10000 {
		return nil, fmt.Errorf("%w: the source is PostgreSQL %d and the target only %d; the target must be at least as new",
			sides.ErrRefused, source.Version/10000, p.server.version/10000)
	}
	if _, err := provenance.TemplateName(p.name); err != nil && p.opts.Template {
		return nil, fmt.Errorf("%w: %w; give the target a shorter name, or make no template (branches: {template: true})", sides.ErrRefused, err)
	}
	left, err := p.leaveOut(ctx, source, d)
	return left, errors.Join(err, checkInherited(source, p.server.version), checkCollations(source, d, p.server.version), p.checkRoles(ctx, source.Policies, roles), p.checkTriggers(source, d), p.checkObjects(ctx, source, d))
}

// checkTriggers refuses if a decision keeps event triggers that the role may not make.
func (p *Postgres) checkTriggers(source *catalog.Database, d sides.Decisions) error {
	if len(source.EventTriggers) == 0 || d.EventTriggers != decisionKeep || p.server.superuser {
		return nil
	}
	return fmt.Errorf("%w: event triggers are kept, but only a superuser can make them, and role %s is not a superuser; drop them by decision", sides.ErrRefused, p.server.role)
}

// leaveOut returns the extensions to leave out: they cannot be made on the target, and nothing in the database needs
// them. Examples are pg_stat_statements, or postgres_fdw if its servers are dropped. It refuses if the database needs
// such an extension.
func (p *Postgres) leaveOut(ctx context.Context, source *catalog.Database, d sides.Decisions) ([]string, error) {
	var left []string
	var problems []error
	for _, e := range source.Extensions {
		if e.Name == "plpgsql" || d.DropsExtension(e.Name) {
			continue
		}
		available, allowed, err := p.extension(ctx, e.Name)
		users := stillThere(e.NeededBy, d)
		switch needed := e.Needed && (len(users) > 0 || len(e.NeededBy) == 0) || e.Servers && d.ForeignServers == decisionKeep; {
		case err != nil:
			return nil, err
		case available && allowed:
		case !needed:
			left = append(left, e.Name)
		case !available:
			problems = append(problems, fmt.Errorf("%w: extension %s is not available on the target; install its package there", sides.ErrRefused, e.Name))
		default:
			problems = append(problems, fmt.Errorf("%w: extension %s can only be made by a superuser, and role %s is not a superuser; connect as one%s",
				sides.ErrRefused, e.Name, p.server.role, withoutUsers(users, source)))
		}
	}
	return left, errors.Join(problems...)
}

// stillThere returns the labels of the objects that no decision leaves out.
func stillThere(labels []string, d sides.Decisions) (users []string) {
	for _, label := range labels {
		if !slices.ContainsFunc(d.LeaveOut, func(o catalog.Object) bool { return o.Label() == label }) {
			users = append(users, label)
		}
	}
	return users
}

// withoutUsers names the objects that need an extension. If rules can leave out all of them, it says how.
func withoutUsers(users []string, source *catalog.Database) string {
	if len(users) == 0 {
		return ""
	}
	var objects []catalog.Object
	for _, o := range source.Objects {
		if slices.Contains(users, o.Label()) {
			objects = append(objects, o)
		}
	}
	text := "; " + few(users) + " need it"
	if len(users) == 1 {
		text = "; " + users[0] + " needs it"
	}
	line, stuck := source.Leave(objects)
	if len(objects) < len(users) || len(stuck) > 0 || line == "" {
		return text
	}
	return text + "; the rules can leave that out, and masker then leaves out the extension too: " + line
}

// extension reports whether the server has the files of an extension, and whether the role may create the extension's
// default version.
func (p *Postgres) extension(ctx context.Context, name string) (available, allowed bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.conn.QueryRow(ctx, `SELECT $2 OR NOT v.superuser OR v.trusted
		FROM pg_available_extensions e
		JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
		WHERE e.name = $1`, name, p.server.superuser).Scan(&allowed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("reading the target's extensions: %w", pgsession.Safe(err))
	}
	return true, allowed, nil
}

const databaseQuery = `SELECT datname::text, d.oid, pg_get_userbyid(datdba)::text,
	coalesce(shobj_description(d.oid, 'pg_database'), ''), pg_has_role(current_user, datdba, 'USAGE'), datconnlimit, datallowconn
	FROM pg_database d `

// database returns the database with a name, or nil if there is none.
func (p *Postgres) database(ctx context.Context, name string) (*existing, error) {
	all, err := p.databases(ctx, `WHERE datname = $1`, name)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func (p *Postgres) databases(ctx context.Context, where string, args ...any) ([]existing, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rows, err := p.conn.Query(ctx, databaseQuery+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the target server's databases: %w", pgsession.Safe(err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e existing, err error) {
		err = row.Scan(&e.name, &e.oid, &e.owner, &e.comment, &e.canOwn, &e.connLimit, &e.allowConn)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the target server's databases: %w", pgsession.Safe(err))
	}
	return all, nil
}
