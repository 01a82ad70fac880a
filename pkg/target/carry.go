package target

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
)

// carried returns the statements that carry over the properties of the old database: access privileges, connection
// limit, settings, and the comment with masker's mark. The publishing transaction runs them when the shadow already has
// the target's name. Before that, carried tries each statement on the shadow, in a transaction that is rolled back. It
// does not try the comment. So masker finds statements that fail before clients are disconnected.
func (s *Shadow) carried(ctx context.Context) ([]string, error) {
	m := provenance.Mark{State: provenance.Published, Target: s.target.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
	comment := m.Line()
	statements := func(db string) []string { // for a first refresh: the privileges that CREATE DATABASE grants by default
		return []string{"GRANT CONNECT, TEMPORARY ON DATABASE " + db + " TO PUBLIC"}
	}
	if old := s.target.old; old != nil {
		comment = m.In(old.comment)
		var err error
		if statements, err = s.target.readCarried(ctx, *old); err != nil {
			return nil, err
		}
	}
	var kept []string
	trial, final := statements(catalog.Quote(s.name)), statements(catalog.Quote(s.target.name))
	for i, sql := range trial {
		err := s.target.rehearse(ctx, sql)
		if note := NotCarried(err, final[i]); note != "" {
			s.note("%s", note)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("carrying over from %s: %s: %w", s.target.name, summary(final[i]), err)
		}
		kept = append(kept, final[i])
	}
	return append(kept, "COMMENT ON DATABASE "+catalog.Quote(s.target.name)+" IS "+catalog.Literal(comment)), nil
}

// NotCarried returns a note for a statement of Carried that failed for one of these reasons: the role may not execute
// it, the server no longer knows the setting or role in it, or the server refuses or does not support the setting's
// value. The new database works without the statement. NotCarried returns "" for other errors.
func NotCarried(err error, sql string) string {
	switch code := pgsession.Code(err); code {
	case "42501", "42704", "22023", "0A000":
		return fmt.Sprintf("not carried over from the old database (SQLSTATE %s): %s", code, summary(sql))
	}
	return ""
}

// summary returns a statement without the value that it sets.
func summary(sql string) string {
	if at := findOutside(sql, " TO "); at >= 0 && strings.Contains(sql, " SET ") {
		return sql[:at]
	}
	return sql
}

// rehearse runs a statement on the maintenance session and rolls it back.
func (p *Postgres) rehearse(ctx context.Context, sql string) error {
	if err := p.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := p.exec(ctx, sql)
	if rerr := p.exec(ctx, "ROLLBACK"); err == nil {
		err = rerr
	}
	return err
}

// readCarried does the work of Carried on the maintenance session.
func (p *Postgres) readCarried(ctx context.Context, old existing) (func(db string) []string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Carried(ctx, p.conn, old.oid)
}

// Carried reads the access privileges, connection limit and settings of a database. It returns a function. The function
// returns them as statements for the database db, which is a quoted name.
func Carried(ctx context.Context, conn *pgx.Conn, oid uint32) (func(db string) []string, error) {
	grants, err := readAccess(ctx, conn, oid)
	if err != nil {
		return nil, err
	}
	settings, err := readSettings(ctx, conn, oid)
	if err != nil {
		return nil, err
	}
	var limit int
	if err := conn.QueryRow(ctx, "SELECT datconnlimit FROM pg_database WHERE oid = $1", oid).Scan(&limit); err != nil {
		return nil, fmt.Errorf("reading the target database's connection limit: %w", pgsession.Safe(err))
	}
	return func(db string) []string {
		var out []string
		if limit >= 0 {
			out = append(out, fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT %d", db, limit))
		}
		for _, g := range grants {
			out = append(out, fmt.Sprintf("GRANT %s ON DATABASE %s TO %s", g.privilege, db, g.to))
		}
		for _, v := range settings {
			on := "DATABASE " + db
			if v.role != "" {
				on = "ROLE " + catalog.Quote(v.role) + " IN DATABASE " + db
			}
			out = append(out, "ALTER "+on+" SET "+v.name+" TO "+v.value)
		}
		return out
	}, nil
}

type databaseGrant struct{ privilege, to string }

// readAccess reads the privileges on a database, except the owner's. The shadow has only its owner's privileges, so
// nothing has to be revoked.
func readAccess(ctx context.Context, conn *pgx.Conn, oid uint32) ([]databaseGrant, error) {
	rows, err := conn.Query(ctx, `SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
			|| CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
		FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
		WHERE d.oid = $1 AND a.grantee <> d.datdba`, oid)
	if err != nil {
		return nil, fmt.Errorf("reading the target database's grants: %w", pgsession.Safe(err))
	}
	grants, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g databaseGrant, err error) {
		err = row.Scan(&g.privilege, &g.to)
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the target database's grants: %w", pgsession.Safe(err))
	}
	return grants, nil
}

type databaseSetting struct{ role, name, value string }

// readSettings reads the settings of a database, and the settings of roles in this database.
func readSettings(ctx context.Context, conn *pgx.Conn, oid uint32) ([]databaseSetting, error) {
	rows, err := conn.Query(ctx, `SELECT coalesce(r.rolname::text, ''), c FROM pg_db_role_setting s
		LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c WHERE s.setdatabase = $1`, oid)
	if err != nil {
		return nil, fmt.Errorf("reading the target database's settings: %w", pgsession.Safe(err))
	}
	settings, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v databaseSetting, err error) {
		var config string
		if err := row.Scan(&v.role, &config); err != nil {
			return v, err
		}
		name, value, _ := strings.Cut(config, "=")
		v.name, v.value = settingName(name), settingValue(name, value)
		return v, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the target database's settings: %w", pgsession.Safe(err))
	}
	return settings, nil
}

// settingName quotes each part of a name such as plpgsql.extra_warnings.
func settingName(name string) string {
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = catalog.Quote(parts[i])
	}
	return strings.Join(parts, ".")
}

// settingValue returns the value of a setting for SET. A setting that is a list of names is stored as it is printed.
// Therefore each member becomes a separate literal, as in pg_dump (variable_is_guc_list_quote).
func settingValue(name, value string) string {
	switch strings.ToLower(name) {
	case "local_preload_libraries", "search_path", "session_preload_libraries",
		"shared_preload_libraries", "temp_tablespaces", "unix_socket_directories":
	default:
		return catalog.Literal(value)
	}
	var out []string
	for rest := strings.TrimSpace(value); rest != ""; {
		end := 0
		for end < len(rest) && rest[end] != ',' {
			end = skipToken(rest, end)
		}
		member := strings.TrimSpace(rest[:end])
		if strings.HasPrefix(member, `"`) {
			member = strings.ReplaceAll(strings.TrimSuffix(member[1:], `"`), `""`, `"`)
		}
		out = append(out, catalog.Literal(member))
		rest = strings.TrimSpace(rest[min(end+1, len(rest)):])
	}
	if len(out) == 0 {
		return "''"
	}
	return strings.Join(out, ", ")
}
