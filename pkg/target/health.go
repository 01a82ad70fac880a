package target

import (
	"context"
	"fmt"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
)

// Health describes a target's server and the role that would replace a database there.
type Health struct {
	Version int // the setting server_version_num
	Role    string
	Offset  time.Duration // the server's clock minus the clock of this machine

	Standby, Superuser, CreateDB, CanSignal bool

	Existing bool     // there is a database to replace
	Refusal  error    // why masker may not replace the database; nil if it may
	Template string   // what is wrong with the template for branches; "" if nothing is wrong
	Missing  []string // the given roles that do not exist on the server

	LogStatement   string // the setting log_statement
	LogErrorValues bool   // log_parameter_max_length_on_error is on, so values of failed statements get into the log

	Free  int64 // free bytes on the disk of the server's data directory
	Known bool  // Free is known, because masker can see the data directory
}

// Examine returns the health of a target. It takes no lock, so it works even while a refresh runs. The argument roles
// lists the roles that have to exist on the server.
func Examine(ctx context.Context, url string, o Options, roles []string) (Health, error) {
	name, err := databaseOf(url)
	if err != nil {
		return Health{}, err
	}
	p := &Postgres{url: url, opts: o.withDefaults(), name: name}
	p.conn, err = pgsession.Connect(ctx, url, pgsession.Options{Name: "doctor", Database: p.opts.Maintenance, ReadOnly: true})
	if err != nil {
		return Health{}, fmt.Errorf("target's maintenance database %s: %w", p.opts.Maintenance, err)
	}
	defer p.Close()
	if err := p.readServer(ctx); err != nil {
		return Health{}, err
	}
	if err := p.notTheSource(o.Source); err != nil {
		return Health{}, err
	}
	s := p.server
	h := Health{Version: s.version, Role: s.role, Standby: s.recovery, Superuser: s.superuser, CreateDB: s.superuser || s.createDB, CanSignal: s.canSignal}
	h.Refusal = p.checkExisting(ctx)
	h.Existing = p.old != nil
	if h.Refusal == nil {
		if h.Template, err = p.TemplateProblem(ctx); err != nil {
			return h, err
		}
	}
	return h, p.examine(ctx, &h, roles)
}

// examine reads the settings and the free space.
func (p *Postgres) examine(ctx context.Context, h *Health, roles []string) error {
	var clock time.Time
	var dir string
	asked := time.Now()
	err := p.conn.QueryRow(ctx, `SELECT clock_timestamp(), current_setting('log_statement'),
			(SELECT setting <> '0' FROM pg_settings WHERE name = 'log_parameter_max_length_on_error'),
			coalesce((SELECT setting FROM pg_settings WHERE name = 'data_directory'), ''),
			ARRAY(SELECT r FROM unnest($1::text[]) r WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) ORDER BY r)`, roles).
		Scan(&clock, &h.LogStatement, &h.LogErrorValues, &dir, &h.Missing)
	if err != nil {
		return fmt.Errorf("asking the target's server for its settings: %w", pgsession.Safe(err))
	}
	h.Offset = clock.Sub(asked.Add(time.Since(asked) / 2))
	if dir != "" && controlID(dir) == p.server.systemID {
		h.Free, h.Known = freeBytes(dir)
	}
	return nil
}
