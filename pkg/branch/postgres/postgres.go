// Package postgres implements the interface of package branch for PostgreSQL.
package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/branch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

var _ branch.Server = (*Server)(nil)

// Server is the server of a target. It has one session in the maintenance database. Only one goroutine may use it.
type Server struct {
	url, target string
	conn        *pgx.Conn

	systemID, role string
	superuser      bool
}

// Open opens a session in the maintenance database of a target's server. The URL names the target. If maintenance is
// "", it is postgres. Open refuses a standby, and a role that may not make databases.
func Open(ctx context.Context, url, maintenance string) (branch.Server, error) {
	s, err := connect(ctx, url, maintenance)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func connect(ctx context.Context, url, maintenance string) (*Server, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil || cfg.Database == "" {
		return nil, errors.New("the target's URL cannot be read, or names no database; want postgres://user@host:port/database (the URL is not shown: it may hold a password)")
	}
	if maintenance == "" {
		maintenance = "postgres"
	}
	s := &Server{url: url, target: cfg.Database}
	if s.conn, err = pgsession.Connect(ctx, url, pgsession.Options{Name: "branch", Database: maintenance}); err != nil {
		return nil, fmt.Errorf("maintenance database %s: %w", maintenance, err)
	}
	var createDB, standby bool
	err = s.conn.QueryRow(ctx, `SELECT (SELECT system_identifier::text FROM pg_control_system()), rolname::text, rolsuper, rolsuper OR rolcreatedb, pg_is_in_recovery()
		FROM pg_roles WHERE rolname = current_user`).Scan(&s.systemID, &s.role, &s.superuser, &createDB, &standby)
	switch {
	case err != nil:
		err = fmt.Errorf("reading the server's properties: %w", pgsession.Safe(err))
	case standby:
		err = fmt.Errorf("%w: the server is a standby; branches are made on its primary", sides.ErrRefused)
	case !createDB:
		err = fmt.Errorf("%w: role %s may not make databases; ALTER ROLE %[2]s CREATEDB", sides.ErrRefused, catalog.Quote(s.role))
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close implements branch.Server.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.conn.Close(ctx) // all changes that matter were committed before
}

// SystemID implements branch.Server.
func (s *Server) SystemID() string { return s.systemID }

// Role implements branch.Server.
func (s *Server) Role() string { return s.role }

// Target implements branch.Server.
func (s *Server) Target() string { return s.target }

// longestComment is how many characters of a database's comment are read. The owner of a database can give it a comment
// of 1 GB.
const longestComment = 1 << 16

// Databases implements branch.Server.
func (s *Server) Databases(ctx context.Context) ([]branch.Database, error) {
	rows, err := s.conn.Query(ctx, `SELECT datname::text, oid, comment, NOT datallowconn OR datconnlimit = -2, pg_get_userbyid(datdba) = current_user,
			CASE WHEN comment LIKE '%"state":"branch"%' AND has_database_privilege(oid, 'CONNECT') THEN coalesce(pg_database_size(oid), 0) ELSE 0 END
		FROM (SELECT *, coalesce(left(shobj_description(oid, 'pg_database'), $1), '') AS comment FROM pg_database) d ORDER BY datname`, longestComment)
	if err != nil {
		return nil, fmt.Errorf("reading the server's databases: %w", pgsession.Safe(err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d branch.Database, err error) {
		var comment string
		err = row.Scan(&d.Name, &d.OID, &comment, &d.Closed, &d.Mine, &d.Bytes)
		if m, ok := provenance.ParseMark(comment); ok {
			d.Mark = &m
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the server's databases: %w", pgsession.Safe(err))
	}
	return all, nil
}

// Claim implements branch.Server.
func (s *Server) Claim(ctx context.Context, database string) (provenance.Claim, error) {
	return source.ReadProvenanceOf(ctx, s.url, database)
}

// Clock implements branch.Server.
func (s *Server) Clock(ctx context.Context) (now time.Time, err error) {
	if err = s.conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now); err != nil {
		err = fmt.Errorf("reading the server's clock: %w", pgsession.Safe(err))
	}
	return now, err
}

// Hold implements branch.Server. An advisory lock reserves the name. The lock belongs to the session on which Publish
// runs, so a process that has lost the lock cannot publish.
func (s *Server) Hold(ctx context.Context, name string) (held bool, err error) {
	sum := sha256.Sum256([]byte("masker branch " + name))
	if err = s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(binary.BigEndian.Uint64(sum[:8]))).Scan(&held); err != nil {
		return false, fmt.Errorf("reserving the name %s: %w", name, pgsession.Safe(err))
	}
	return held, nil
}

// How often Sessions looks, and the pause between two looks. A session that has just ended, such as the session of
// Claim, can need a moment to leave.
const (
	sessionLooks = 20
	sessionPause = 100 * time.Millisecond
)

// Sessions implements branch.Server.
func (s *Server) Sessions(ctx context.Context, d branch.Database) (who string, err error) {
	for look := 1; ; look++ {
		if who, err = s.sessions(ctx, d); err != nil || who == "" || look == sessionLooks {
			return who, err
		}
		if err := pgsession.Pause(ctx, sessionPause); err != nil {
			return "", err
		}
	}
}

// sessions looks once at the sessions in a database.
func (s *Server) sessions(ctx context.Context, d branch.Database) (who string, err error) {
	err = s.conn.QueryRow(ctx, `SELECT coalesce(
		(SELECT format('process %s of role %s (application %s)', min(pid), min(usename), quote_literal(coalesce(min(application_name), '')))
			|| CASE WHEN count(*) > 1 THEN format(' and %s more', count(*) - 1) ELSE '' END
			FROM pg_stat_activity WHERE datid = $1 AND usesysid IS NOT NULL HAVING count(*) > 0),
		(SELECT format('the prepared transaction %s', quote_literal(min(gid))) FROM pg_prepared_xacts WHERE database = $2 HAVING count(*) > 0), '')`, d.OID, d.Name).Scan(&who)
	if err != nil {
		return "", fmt.Errorf("looking at the sessions of %s: %w", d.Name, pgsession.Safe(err))
	}
	return who, nil
}

// Enter implements branch.Server.
func (s *Server) Enter(ctx context.Context, d branch.Database, m provenance.Mark) error {
	db := catalog.Quote(d.Name)
	return s.transaction(ctx, "opening database "+d.Name, func() error {
		if err := s.checkSame(ctx, d); err != nil {
			return err
		}
		return s.exec(ctx, strings.Join([]string{
			"REVOKE ALL ON DATABASE " + db + " FROM PUBLIC",
			"COMMENT ON DATABASE " + db + " IS " + catalog.Literal(m.Line()),
			"ALTER DATABASE " + db + " ALLOW_CONNECTIONS true",
		}, "; "))
	})
}

// AddStep implements branch.Server.
func (s *Server) AddStep(ctx context.Context, d branch.Database, next func(provenance.Claim) (provenance.Step, error)) error {
	conn, err := pgsession.Connect(ctx, s.url, pgsession.Options{Name: "branch provenance", Database: d.Name})
	if err != nil {
		return fmt.Errorf("entering database %s: %w", d.Name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the step was committed before
	claim, err := source.ReadProvenanceOn(ctx, conn)
	if err != nil {
		return err
	}
	if claim.OID != d.OID {
		return fmt.Errorf("%w: somebody renamed, dropped or replaced database %s", sides.ErrRefused, d.Name)
	}
	step, err := next(claim)
	if err != nil {
		return err
	}
	return target.AddStep(ctx, conn, step)
}

// Drop implements branch.Server. DROP DATABASE takes only a name and cannot run in a transaction. So Drop looks at the
// OID before and after DROP DATABASE, because the owner of a database can rename it at any moment, even while DROP
// DATABASE waits for a lock.
func (s *Server) Drop(ctx context.Context, d branch.Database) error {
	if there, err := s.stays(ctx, d); err != nil || !there {
		return err
	}
	if err := s.checkSame(ctx, d); err != nil {
		return err
	}
	if err := s.exec(ctx, "DROP DATABASE IF EXISTS "+catalog.Quote(d.Name)+" WITH (FORCE)"); err != nil {
		return s.mayNot(err, d.Name)
	}
	there, err := s.stays(ctx, d)
	if err == nil && there {
		err = fmt.Errorf("%w: somebody renamed database %s while it was dropped, and it is still there (OID %d)", sides.ErrRefused, d.Name, d.OID)
	}
	return err
}

// mayNot says what to do if the role may not rename or drop a database, or may not end the sessions in it.
func (s *Server) mayNot(err error, database string) error {
	if pgsession.Code(err) != "42501" {
		return err
	}
	return fmt.Errorf("%w; if the database has another owner, give it back as a superuser: ALTER DATABASE %s OWNER TO %s; only a superuser can end the session of a superuser",
		err, catalog.Quote(database), catalog.Quote(s.role))
}

// stays reports whether a database is there, with any name.
func (s *Server) stays(ctx context.Context, d branch.Database) (there bool, err error) {
	if err = s.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE oid = $1)", d.OID).Scan(&there); err != nil {
		return false, fmt.Errorf("looking for database %s: %w", d.Name, pgsession.Safe(err))
	}
	return there, nil
}

// exec runs statements. Callers build them from quoted names and literals, because utility statements take no
// parameters.
func (s *Server) exec(ctx context.Context, sql string) error {
	_, err := s.conn.Exec(ctx, sql)
	return pgsession.Safe(err)
}

// transaction runs statements in one transaction.
func (s *Server) transaction(ctx context.Context, what string, statements func() error) error {
	if err := s.exec(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err := statements()
	if err == nil {
		err = s.exec(ctx, "COMMIT")
	}
	if err != nil {
		_ = s.exec(context.WithoutCancel(ctx), "ROLLBACK") // if that fails, the session is lost, and the server rolls back
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// checkSame returns an error if the database with this name no longer has this OID.
func (s *Server) checkSame(ctx context.Context, d branch.Database) error {
	now, err := s.oid(ctx, d.Name)
	if err == nil && now != d.OID {
		err = fmt.Errorf("%w: database %s is not the one that was looked at (OID %d, now %d): somebody renamed, dropped or replaced it; it is left as it is",
			sides.ErrRefused, d.Name, d.OID, now)
	}
	return err
}

// oid returns the OID of the database with a name, or 0 if there is none.
func (s *Server) oid(ctx context.Context, name string) (oid uint32, err error) {
	err = s.conn.QueryRow(ctx, "SELECT coalesce((SELECT oid FROM pg_database WHERE datname = $1), 0)", name).Scan(&oid)
	if err != nil {
		return 0, fmt.Errorf("looking at database %s: %w", name, pgsession.Safe(err))
	}
	return oid, nil
}
