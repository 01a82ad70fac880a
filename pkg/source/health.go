package source

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// Health describes a server and the role that would read it.
type Health struct {
	Version int // the setting server_version_num
	Role    string
	Offset  time.Duration // the server's clock minus the clock of this machine

	Standby      bool
	Lag          time.Duration // how far the replay of a standby is behind; 0 if it has replayed all that it received
	Feedback     bool          // the setting hot_standby_feedback
	StandbyDelay time.Duration // the setting max_standby_streaming_delay; negative if it waits for ever

	// The defaults of the role. 0 means no timeout. masker's own sessions set both to 0.
	StatementTimeout, IdleTimeout time.Duration

	DumpProblem string // why no pg_dump can be used for the server; "" if there is one
}

// Examine returns the health of a source. It reads no rows and takes no locks on tables.
func Examine(ctx context.Context, url string, d PGDump) (Health, error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "doctor"})
	if err != nil {
		return Health{}, err
	}
	defer closeSoon(conn)
	h, err := health(ctx, conn)
	if err != nil {
		return h, err
	}
	if _, err := d.choose(ctx, h.Version/10000); err != nil {
		h.DumpProblem = err.Error()
	}
	return h, ctx.Err()
}

func health(ctx context.Context, conn *pgx.Conn) (h Health, err error) {
	var lag, delay, statement, idle int64
	var clock time.Time
	asked := time.Now()
	err = conn.QueryRow(ctx, healthQuery).Scan(&h.Version, &h.Role, &h.Standby, &lag, &h.Feedback, &delay, &statement, &idle, &clock)
	if err != nil {
		return h, pgsession.Safe(err)
	}
	h.Offset = clock.Sub(asked.Add(time.Since(asked) / 2))
	h.Lag, h.StandbyDelay = time.Duration(lag)*time.Millisecond, time.Duration(delay)*time.Millisecond
	h.StatementTimeout, h.IdleTimeout = time.Duration(statement)*time.Millisecond, time.Duration(idle)*time.Millisecond
	return h, nil
}

// healthQuery reads reset_val of the timeouts, because the session has already set their values to 0. If a standby has
// replayed everything that it received, its lag is 0, even if the last transaction was long ago.
const healthQuery = `SELECT current_setting('server_version_num')::int, session_user::text, pg_is_in_recovery(),
	CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
		ELSE COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000, 0)::bigint END,
	current_setting('hot_standby_feedback')::bool,
	(SELECT setting::bigint FROM pg_settings WHERE name = 'max_standby_streaming_delay'),
	(SELECT reset_val::bigint FROM pg_settings WHERE name = 'statement_timeout'),
	(SELECT reset_val::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'),
	clock_timestamp()`
