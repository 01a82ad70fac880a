package pgsession

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// setting is a configuration parameter of PostgreSQL and the value that masker gives it.
type setting struct{ name, value string }

// pinned returns every parameter that can change how values look, what a statement sees, or how long a session lives.
// Roles, databases and URLs can set these parameters too (ALTER ROLE … SET, ?options=). So masker sets each parameter
// after it has connected. A parameter that the server's version or platform does not support is skipped.
func pinned(o Options) []setting {
	list := deadClient(o.Patience)
	readOnly := "on"
	if !o.ReadOnly {
		readOnly = "off"
		// This parameter decides which triggers and rules fire when rows are written. A session that only reads works
		// with any value of it, and only a superuser may set it.
		list = append(list, setting{"session_replication_role", "origin"})
	}
	return append(list, []setting{
		// How values are printed and read.
		{"DateStyle", "ISO, MDY"},
		{"IntervalStyle", "postgres"},
		{"TimeZone", "UTC"},
		{"extra_float_digits", "3"},
		{"bytea_output", "hex"},
		{"xmloption", "content"},
		{"lc_monetary", "C"}, // sets the decimals of money; with the same setting on both sides nothing is lost
		{"array_nulls", "on"},
		{"standard_conforming_strings", "on"},
		{"transform_null_equals", "off"},
		{"quote_all_identifiers", "off"},
		// What statements see. With an empty search_path the server qualifies every name outside pg_catalog, as in
		// pg_dump.
		{"search_path", ""},
		{"row_security", "off"}, // a statement fails if a policy would hide rows from it
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_deferrable", "off"},
		{"default_transaction_read_only", readOnly},
		// How long a session and its statements may last. Unless Options say otherwise, only the context limits this
		// time.
		{"statement_timeout", "0"},
		{"lock_timeout", milliseconds(o.LockTimeout)},
		{"idle_in_transaction_session_timeout", milliseconds(o.IdlePatience)},
		{"idle_session_timeout", "0"},
		{"transaction_timeout", "0"}, // PostgreSQL 17 and newer
		// How an extent is read.
		{"enable_tidscan", "on"},
		{"synchronize_seqscans", "off"}, // every scan returns rows in the same order
		{"jit", "off"},                  // compiling the catalog queries takes longer than running them
	}...)
}

// deadClient returns settings for the case that the client is gone. With them, the server notices this within patience,
// and ends the session. Without them, the session could hold its locks and its snapshot for hours. If patience is 0,
// the server's own settings apply.
func deadClient(patience time.Duration) []setting {
	if patience <= 0 {
		return nil
	}
	const probes = 3
	return []setting{
		{"tcp_keepalives_idle", seconds(patience / 2)},
		{"tcp_keepalives_interval", seconds(patience / 2 / probes)},
		{"tcp_keepalives_count", strconv.Itoa(probes)},
		{"tcp_user_timeout", milliseconds(patience)},
		{checkInterval, milliseconds(min(patience, 2*time.Second))}, // while a statement runs
	}
}

const checkInterval = "client_connection_check_interval"

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d+time.Second-1)/time.Second)), 10)
}

// pin sets all parameters in one statement. It leaves out a parameter that already has its value, because PostgreSQL
// lets only a superuser set session_replication_role, even to its current value. If the value differs and the role is
// no superuser, the session fails with the server's error.
func pin(ctx context.Context, conn *pgx.Conn, o Options) error {
	if err := encoding(ctx, conn); err != nil {
		return err
	}
	var rows []string
	for _, s := range pinned(o) {
		rows = append(rows, "('"+strings.ToLower(s.name)+"','"+s.value+"')") // names and values of this file need no escaping
	}
	_, err := conn.Exec(ctx, `SELECT pg_catalog.set_config(s.name, v.value, false)
		FROM (VALUES `+strings.Join(rows, ",")+`) v(name, value)
		JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) OPERATOR(pg_catalog.=) v.name
		WHERE s.setting OPERATOR(pg_catalog.<>) v.value
		AND (v.name OPERATOR(pg_catalog.<>) '`+checkInterval+`' OR pg_catalog.version() OPERATOR(pg_catalog.~) 'linux|darwin|bsd')`, pgx.QueryExecModeSimpleProtocol)
	return Safe(err)
}

// encoding sets client_encoding for a database that the server cannot convert to UTF-8. In SQL_ASCII and MULE_INTERNAL
// databases the meaning of bytes is not known, so masker copies them unchanged. Every other session uses UTF-8, because
// treatments read UTF-8.
func encoding(ctx context.Context, conn *pgx.Conn) error {
	switch enc := conn.PgConn().ParameterStatus("server_encoding"); enc {
	case "SQL_ASCII", "MULE_INTERNAL":
		_, err := conn.Exec(ctx, "SET client_encoding = '"+enc+"'", pgx.QueryExecModeSimpleProtocol)
		return Safe(err)
	}
	return nil
}
