package source

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// Inspect reads the catalog of a live server. It reads no rows of tables.
func Inspect(ctx context.Context, url string) (*catalog.Database, error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "inspect"})
	if err != nil {
		return nil, err
	}
	defer closeSoon(conn)
	return inspect(ctx, conn, readCatalog)
}

// connectOnce opens a short-lived session that belongs to no snapshot.
func connectOnce(ctx context.Context, url string, o pgsession.Options) (*pgx.Conn, error) {
	o.ReadOnly, o.LockTimeout, o.Patience = true, lockTimeout, defaultConnection
	return pgsession.Connect(ctx, url, o)
}

// inspectAttempts is how often inspect tries to read the catalog while somebody holds a lock on one of its tables. Each
// attempt waits up to lockTimeout. Between two attempts, sessions that waited behind masker can get their locks.
const inspectAttempts = 20

// inspect reads the catalog in its own transaction. If it would have to wait for a lock, it tries again a few times.
func inspect(ctx context.Context, conn *pgx.Conn, read reading) (*catalog.Database, error) {
	for try := 1; ; try++ {
		d, err := inspectNow(ctx, conn, read)
		if pgsession.Code(err) != "55P03" {
			return d, err
		}
		if try == inspectAttempts {
			return nil, fmt.Errorf("reading the catalog%s: %w", lockedElsewhere(ctx, conn), err)
		}
		if err := pgsession.Pause(ctx, takePause); err != nil {
			return nil, err
		}
	}
}

// reading is readCatalog or readShape.
type reading func(context.Context, *pgx.Conn) (*catalog.Database, error)

func inspectNow(ctx context.Context, conn *pgx.Conn, read reading) (d *catalog.Database, err error) {
	if err := begin(ctx, conn, ""); err != nil {
		return nil, err
	}
	defer func() {
		if _, rollback := conn.Exec(ctx, "ROLLBACK"); err == nil {
			err = pgsession.Safe(rollback)
		}
	}()
	return read(ctx, conn)
}

// closeSoon closes a session. It waits at most a second, because perhaps the server does not answer.
func closeSoon(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the session only read
}

// begin begins a read-only transaction. If snapshot is not "", the transaction imports this exported snapshot.
func begin(ctx context.Context, conn *pgx.Conn, snapshot string) error {
	sql := "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
	if snapshot != "" {
		sql += "SET TRANSACTION SNAPSHOT '" + snapshot + "';"
	}
	_, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	return pgsession.Safe(err)
}

// readCatalog reads the whole catalog. The number of queries does not depend on the number of tables.
func readCatalog(ctx context.Context, conn *pgx.Conn) (*catalog.Database, error) {
	r := reader{ctx: ctx, conn: conn}
	d, tables := r.shape()
	f := r.figures()
	if r.err != nil {
		return nil, r.err
	}
	f.set(tables)
	return d, nil
}

// readShape reads the catalog without the sizes and the planner's statistics. No fingerprint depends on these.
func readShape(ctx context.Context, conn *pgx.Conn) (*catalog.Database, error) {
	r := reader{ctx: ctx, conn: conn}
	d, _ := r.shape()
	if r.err != nil {
		return nil, r.err
	}
	return d, nil
}

// shape reads everything except sizes and statistics. The second result has the tables of the first.
func (r *reader) shape() (*catalog.Database, map[uint32]*catalog.Table) {
	d := &catalog.Database{}
	r.facts(d)
	types := r.types()
	tables := r.tables(d)
	r.columns(tables, types)
	r.indexes(d, tables)
	r.extendedStatistics(d, tables)
	r.planPaths(tables)
	r.checks(tables, types)
	r.loadsAfter(tables)
	r.foreignKeys(d)
	r.sequences(d, tables)
	r.matViews(d)
	r.functions(d)
	r.objects(d)
	r.unmoved(d)
	r.leavables(d, tables)
	return d, tables
}

// reader runs catalog queries. After the first error it runs no more queries, and every method returns nothing.
type reader struct {
	ctx  context.Context // ends with the call that made the reader
	conn *pgx.Conn
	err  error // the first error
}

// rows runs a query whose columns are the fields of T, in their order. In a transaction, it runs the query in a
// savepoint and then rolls back to the savepoint. Without the rollback, the locks on the catalog would stay until the
// end of the transaction.
func rows[T any](r *reader, sql string) []T {
	if r.err != nil {
		return nil
	}
	var list []T
	query := func() error {
		res, err := r.conn.Query(r.ctx, sql)
		if err == nil {
			list, err = pgx.CollectRows(res, pgx.RowToStructByPos[T])
		}
		return pgsession.Safe(err)
	}
	if r.conn.PgConn().TxStatus() == 'I' {
		r.err = query()
	} else {
		r.err = inSavepoint(r.ctx, r.conn, query)
	}
	if r.err != nil {
		return nil
	}
	return list
}

// inSavepoint runs a query in a savepoint of the current transaction and then rolls back to the savepoint. The rollback
// releases the locks of the query. If the query fails, the transaction can still be used.
func inSavepoint(ctx context.Context, conn *pgx.Conn, query func() error) error {
	if _, err := conn.Exec(ctx, "SAVEPOINT look", pgx.QueryExecModeSimpleProtocol); err != nil {
		return pgsession.Safe(err)
	}
	failed := query()
	if _, err := conn.Exec(ctx, "ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look", pgx.QueryExecModeSimpleProtocol); failed == nil {
		return pgsession.Safe(err)
	}
	return failed
}

// names runs a query that has one text column, and returns the texts.
func (r *reader) names(sql string) []string {
	list := []string{}
	for _, row := range rows[struct{ Name string }](r, sql) {
		list = append(list, row.Name)
	}
	return list
}

// userRelation is a condition on pg_class c and pg_namespace n. It leaves out PostgreSQL's own relations, temporary
// relations and masker's own table.
const userRelation = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't' AND NOT ` + ownTable

// facts reads the properties of the database. The columns of its locale differ between versions, so the query reads
// them through JSON.
func (r *reader) facts(d *catalog.Database) {
	list := rows[struct {
		Name, SystemID                                string
		Version                                       int
		Encoding, Owner                               string
		Provider, Collate, Ctype, ICULocale, ICURules string
		Path                                          string
	}](r, `SELECT d.datname::text, (SELECT system_identifier::text FROM pg_control_system()),
			current_setting('server_version_num')::int, pg_encoding_to_char(d.encoding)::text, pg_get_userbyid(d.datdba)::text,
			CASE j->>'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
			COALESCE(j->>'datcollate', ''), COALESCE(j->>'datctype', ''),
			COALESCE(j->>'datlocale', j->>'daticulocale', ''), COALESCE(j->>'daticurules', ''), COALESCE(`+pathSetting("d.datdba")+`, '')
		FROM pg_database d CROSS JOIN LATERAL to_jsonb(d) j WHERE d.datname = current_database()`)
	for _, f := range list {
		d.Name, d.SystemID, d.Version, d.Encoding, d.Owner = f.Name, f.SystemID, f.Version, f.Encoding, f.Owner
		d.Path = f.Path
		d.Locale = catalog.Locale{Provider: f.Provider, Collate: f.Collate, Ctype: f.Ctype, ICULocale: f.ICULocale, ICURules: f.ICURules}
	}
	r.findOwn()
	d.SchemaVersions = r.names(`SELECT n.oid || ' ' || n.xmin FROM pg_namespace n WHERE n.nspname !~ '^pg_' ORDER BY n.oid`)
	d.Schemas = r.names(`SELECT n.nspname::text FROM pg_namespace n
		WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT ` + ownSchema + ` ORDER BY n.nspname`)
}
