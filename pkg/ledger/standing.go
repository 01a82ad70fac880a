package ledger

import "time"

// Rollback describes how a previous database is put back in place of a target.
type Rollback struct {
	Target   Party    `json:"target"`
	Actor    Actor    `json:"actor"`
	Reason   string   `json:"reason"`
	Run      string   `json:"made_by"`  // the run that made the database that is put back
	Database Database `json:"database"` // the database that is put back, with the name that it had before
	Replaces Database `json:"replaces"` // the database that it replaces, with the name that it has afterwards

	Templates []Database `json:"templates,omitempty"` // the templates that are dropped, because they have rows of another run
}

// Retirement describes which databases of a target are dropped. It does not cover the server's backups and
// write-ahead log.
type Retirement struct {
	Target    Party      `json:"target"`
	Actor     Actor      `json:"actor"`
	Reason    string     `json:"reason"`
	Databases []Database `json:"databases"`
}

// Rollback records that a previous database is about to be put back. The function describe gets the identifier of the
// rollback, and returns its description. Rollback returns both.
func (l *Ledger) Rollback(describe func(id string) (Rollback, error)) (id string, r Rollback, err error) {
	id, err = l.begin(func(id string) (Record, error) {
		r, err = describe(id)
		return Record{Event: EventRollback, Rollback: &r}, err
	})
	return id, r, err
}

// RolledBack records that the previous database was put back.
func (l *Ledger) RolledBack(id string, r Rollback) error {
	return l.add(Record{Event: EventRolledBack, Run: id, Rollback: &r})
}

// Template records which database a run made as the template of its target. A branch is made only from a template that
// is this database.
func (l *Ledger) Template(run string, d Database) error {
	return l.add(Record{Event: EventTemplate, Run: run, Template: &d})
}

// Retire records that the databases are about to be dropped. It returns the identifier of the retirement.
func (l *Ledger) Retire(r Retirement) (id string, err error) {
	return l.begin(func(string) (Record, error) { return Record{Event: EventRetire, Retirement: &r}, nil })
}

// Retired records which databases were dropped.
func (l *Ledger) Retired(id string, r Retirement) error {
	return l.add(Record{Event: EventRetired, Run: id, Retirement: &r})
}

// begin appends a record with a new identifier. The function make gets the identifier and returns the record.
func (l *Ledger) begin(make func(id string) (Record, error)) (id string, err error) {
	err = l.locked(func(g *log) error {
		id = g.index.newID(time.Now())
		r, err := make(id)
		if err != nil {
			return err
		}
		r.Run = id
		return g.append(r)
	})
	return id, err
}

// Standing returns the run that made the present target of an environment, and the time when the
// run was published. The run is "" if there is no target: no run was published yet, or the target
// was retired. Standing cannot see records in archived files.
func Standing(dir, environment string) (run string, at time.Time, err error) {
	ended := make(map[string]time.Time) // when the runs to the environment were published
	mine := make(map[string]bool)       // the runs to the environment
	for r, err := range Read(dir) {
		switch {
		case err != nil:
			return "", at, err
		case r.Event == EventStart && r.Movement != nil:
			mine[r.Run] = r.Movement.Target.Environment == environment
		case r.Outcome != nil && r.Outcome.Published && mine[r.Run]:
			run, ended[r.Run] = r.Run, r.Time
		case r.Event == EventRolledBack && r.Rollback != nil && r.Rollback.Target.Environment == environment:
			run = r.Rollback.Run
		case r.Event == EventRetired && r.Retirement != nil && r.Retirement.Target.Environment == environment:
			run = ""
		}
	}
	return run, ended[run], nil
}
