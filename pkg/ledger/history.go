package ledger

// Past is what the log knows of one run on a target.
type Past struct {
	Replaces  *uint32 // as Movement has it
	Shadow    uint32  // OID of the database it made; 0 where none is recorded
	Ended     bool
	Published bool
	Before    string // the run that was published there last when this one started; "" where the log knows of none
}

// History reads a folder's log for the runs on one target. Runs whose records are in an archived file are not among them.
func History(dir, systemID, database string) (map[string]Past, error) {
	target := Party{SystemID: systemID, Database: database}.Identity()
	runs := make(map[string]Past)
	published := ""
	for r, err := range Read(dir) {
		if err != nil {
			return nil, err
		}
		if r.Event == EventStart && r.Movement != nil && r.Movement.Target.Identity() == target {
			runs[r.Run] = Past{Replaces: r.Movement.Replaces, Before: published}
			continue
		}
		past, ok := runs[r.Run]
		if !ok {
			continue
		}
		switch {
		case r.Event == EventShadow && r.Shadow != nil:
			past.Shadow = r.Shadow.OID
		case r.Outcome != nil:
			past.Ended, past.Published = true, r.Outcome.Published
			if past.Published {
				published = r.Run
			}
		}
		runs[r.Run] = past
	}
	return runs, nil
}
