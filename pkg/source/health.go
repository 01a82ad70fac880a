package source

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// Health is what a server tells of itself and of the role that reads it, before a snapshot is taken there.
type Health struct {
	Version int // server_version_num
	Role    string
	Offset  time.Duration // its clock less ours

	Standby      bool
	Lag          time.Duration // of a standby's replay; 0 where it has all there is
	Feedback     bool          // hot_standby_feedback
	StandbyDelay time.Duration // max_standby_streaming_delay; below 0: it waits for ever

	// What a session of the role begins with; masker's own sessions set both to 0.
	StatementTimeout, IdleTimeout time.Duration

	DumpProblem string // why no pg_dump fits the server; "" where one does
}

// Examine asks a source for its health. It reads no table and takes no lock.
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

// healthQuery reads the timeouts' reset_val: the session's own were pinned when it connected. A standby that has
// replayed all it received lags by nothing, however long ago the last transaction was.
const healthQuery = `SELECT current_setting('server_version_num')::int, session_user::text, pg_is_in_recovery(),
	CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
		ELSE COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000, 0)::bigint END,
	current_setting('hot_standby_feedback')::bool,
	(SELECT setting::bigint FROM pg_settings WHERE name = 'max_standby_streaming_delay'),
	(SELECT reset_val::bigint FROM pg_settings WHERE name = 'statement_timeout'),
	(SELECT reset_val::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'),
	clock_timestamp()`
