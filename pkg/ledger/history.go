package ledger

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"time"
)

// TargetRun is one run on a target, or one rollback of it, from the records of a ledger.
type TargetRun struct {
	Replaces  *uint32 // OID of the database that it replaced, as in Movement.Replaces
	Shadow    uint32  // OID of the shadow, or 0 if it is not recorded
	Template  uint32  // OID of the template that the run made, or 0 if it is not recorded
	Ended     bool
	Published bool
	KeptUntil time.Time // Outcome.KeptUntil
	Before    string    // the run that made the database that was the target when this run started, or ""
}

// History returns the runs on one target by their identifiers, from the ledger in a folder. It cannot see records in
// archived files.
func History(dir, systemID, database string) (map[string]TargetRun, error) {
	return history(Read(dir), systemID, database)
}

// HistoryOf is History for the runs with these identifiers. It is faster than History: the records of some years have
// many megabytes, and HistoryOf decodes only a few records. TargetRun.Before may be wrong, because HistoryOf does not
// look at other runs.
func HistoryOf(dir, systemID, database string, runs ...string) (map[string]TargetRun, error) {
	parts := make([][]byte, 0, len(runs))
	for _, run := range runs {
		text, err := json.Marshal(run)
		if err != nil {
			return nil, err
		}
		parts = append(parts, append([]byte(`"run":`), text...))
	}
	if len(parts) == 0 {
		return map[string]TargetRun{}, nil
	}
	all, err := history(readWith(dir, parts...), systemID, database)
	maps.DeleteFunc(all, func(run string, _ TargetRun) bool { return !slices.Contains(runs, run) })
	return all, err
}

func history(records iter.Seq2[Record, error], systemID, database string) (map[string]TargetRun, error) {
	target := Party{SystemID: systemID, Database: database}.Identity()
	runs := make(map[string]TargetRun)
	published := ""
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if r.Event == EventStart && r.Movement != nil && r.Movement.Target.Identity() == target {
			runs[r.Run] = TargetRun{Replaces: r.Movement.Replaces, Before: published}
			continue
		}
		if b := r.Rollback; b != nil && b.Target.Identity() == target { // a rollback replaces a database, as a run does
			done := r.Event == EventRolledBack
			runs[r.Run] = TargetRun{Replaces: &b.Replaces.OID, Ended: true, Published: done, Before: published}
			if done {
				published = b.Run
			}
			continue
		}
		past, ok := runs[r.Run]
		if !ok {
			continue
		}
		switch {
		case r.Event == EventShadow && r.Shadow != nil:
			past.Shadow = r.Shadow.OID
		case r.Event == EventTemplate && r.Template != nil:
			past.Template = r.Template.OID
		case r.Outcome != nil:
			past.Ended, past.Published, past.KeptUntil = true, r.Outcome.Published, r.Outcome.KeptUntil
			if past.Published {
				published = r.Run
			}
		}
		runs[r.Run] = past
	}
	return runs, nil
}
