package pgsession

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// setting is one session variable and the value it is pinned to.
type setting struct{ name, value string }

// pinned are the variables that could change what a value looks like, what a
// statement sees, or how long a session lives. Roles, databases and URLs can carry
// their own (ALTER ROLE … SET, ?options=), so every one is set after connecting.
// One that a server version lacks is skipped, and so is one that its platform does not support.
func pinned(o Options) []setting {
	readOnly := "off"
	if o.ReadOnly {
		readOnly = "on"
	}
	return append(deadClient(o.Patience), []setting{
		// How values are printed and read.
		{"DateStyle", "ISO, MDY"},
		{"IntervalStyle", "postgres"},
		{"TimeZone", "UTC"},
		{"extra_float_digits", "3"},
		{"bytea_output", "hex"},
		{"xmloption", "content"},
		{"lc_monetary", "C"}, // money is an integer that lc_monetary scales: the same on both sides, nothing is lost
		{"array_nulls", "on"},
		{"standard_conforming_strings", "on"},
		{"transform_null_equals", "off"},
		{"quote_all_identifiers", "off"},
		// What statements see. An empty path prints every name outside pg_catalog qualified, as pg_dump does.
		{"search_path", ""},
		{"row_security", "off"}, // an error where policies would hide rows, never silently fewer
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_deferrable", "off"},
		{"default_transaction_read_only", readOnly},
		{"session_replication_role", "origin"},
		// How long a session and its statements live: ctx decides that.
		{"statement_timeout", "0"},
		{"lock_timeout", milliseconds(o.LockTimeout)},
		{"idle_in_transaction_session_timeout", milliseconds(o.IdlePatience)},
		{"idle_session_timeout", "0"},
		{"transaction_timeout", "0"}, // 17
		// How a chunk is read.
		{"enable_tidscan", "on"},
		{"synchronize_seqscans", "off"}, // the same order every time
		{"jit", "off"},                  // compiling the catalog queries takes longer than running them
	}...)
}

// deadClient lets the server end a session whose client is gone: else one that only waits would keep its locks and its
// snapshot for hours. A session without patience keeps the server's settings.
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

// pin sets them all in one statement. session_replication_role wants a superuser even for
// the value it has, so what already stands is left alone; where it differs, the refusal is an error.
func pin(ctx context.Context, conn *pgx.Conn, o Options) error {
	if err := encoding(ctx, conn); err != nil {
		return err
	}
	var rows []string
	for _, s := range pinned(o) {
		rows = append(rows, "('"+strings.ToLower(s.name)+"','"+s.value+"')") // constants of this file, nothing to escape
	}
	_, err := conn.Exec(ctx, `SELECT pg_catalog.set_config(s.name, v.value, false)
		FROM (VALUES `+strings.Join(rows, ",")+`) v(name, value)
		JOIN pg_catalog.pg_settings s ON lower(s.name) OPERATOR(pg_catalog.=) v.name
		WHERE s.setting OPERATOR(pg_catalog.<>) v.value
		AND (v.name OPERATOR(pg_catalog.<>) '`+checkInterval+`' OR pg_catalog.version() OPERATOR(pg_catalog.~) 'linux|darwin|bsd')`, pgx.QueryExecModeSimpleProtocol)
	return Safe(err)
}

// encoding leaves UTF-8, which treatments read, except where the server cannot convert:
// the bytes of SQL_ASCII and MULE_INTERNAL databases have no certain meaning and pass as they are.
func encoding(ctx context.Context, conn *pgx.Conn) error {
	switch enc := conn.PgConn().ParameterStatus("server_encoding"); enc {
	case "SQL_ASCII", "MULE_INTERNAL":
		_, err := conn.Exec(ctx, "SET client_encoding = '"+enc+"'", pgx.QueryExecModeSimpleProtocol)
		return Safe(err)
	}
	return nil
}
