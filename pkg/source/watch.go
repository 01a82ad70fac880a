package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// watchEvery is how often Watch looks.
const watchEvery = 250 * time.Millisecond

// Watch returns an error as soon as somebody has waited longer than LockPatience for a lock
// that one of our sessions holds, pg_dump's among them, or the session that holds the snapshot is gone.
// PostgreSQL's deadlock detector never fires for such a queue, and the application's own
// queries stand in it. Watch returns nil when ctx ends.
func (p *Postgres) Watch(ctx context.Context) error {
	conn, err := pgsession.Connect(ctx, p.url, pgsession.Options{Name: "watch", ReadOnly: true})
	if err != nil {
		return unlessEnded(ctx, err)
	}
	defer closeSoon(conn)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if err := p.look(ctx, conn); err != nil {
			return unlessEnded(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (p *Postgres) look(ctx context.Context, conn *pgx.Conn) error {
	var held bool
	var waits string
	err := conn.QueryRow(ctx, `WITH ours AS (
			SELECT array_agg(pid) AS pids FROM pg_stat_activity WHERE application_name = $1)
		SELECT COALESCE($2::int = ANY (o.pids), false),
			COALESCE((SELECT COALESCE(quote_ident(n.nspname) || '.' || quote_ident(c.relname), l.locktype)
				FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE NOT l.granted AND l.pid <> ALL (o.pids) AND l.waitstart < clock_timestamp() - make_interval(secs => $3)
				AND pg_blocking_pids(l.pid) && o.pids ORDER BY l.waitstart LIMIT 1), '')
		FROM ours o`, "masker "+p.tag, int32(p.holder.PgConn().PID()), p.opt.LockPatience.Seconds()).Scan(&held, &waits)
	switch {
	case err != nil:
		return pgsession.Safe(err)
	case !held:
		return errors.New("the session that holds the snapshot ended (an administrator, a timeout, or the network); run again")
	case waits != "":
		return fmt.Errorf("somebody has waited more than %v for a lock on %s that this run holds, and production would queue behind; "+
			"the run gives way: start it again when the schema change is through", p.opt.LockPatience, waits)
	}
	return nil
}
