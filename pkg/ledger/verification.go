package ledger

// Verification records what the verification of a shadow or of a published target has found. Its texts have names and
// numbers, and never a value.
type Verification struct {
	Level    string   `json:"level"` // the level that the flow's setting verify names
	Passed   bool     `json:"passed"`
	Tables   int      `json:"tables"`             // tables whose rows were compared
	Columns  int      `json:"columns"`            // columns whose values were looked for
	Probed   int64    `json:"probed"`             // values that were looked for; with Sampling, an estimate of all values that these stand for
	Unprobed int64    `json:"unprobed"`           // values that were not looked for
	Sampling int      `json:"sampling,omitempty"` // k: only one in 2^k of all values was looked for
	Found    []string `json:"found,omitempty"`    // findings that nobody waived, in words
	Waived   []string `json:"waived,omitempty"`   // what was found and is waived
	Not      []string `json:"not,omitempty"`      // what was not looked for or not looked at, and why
}

// Recheck describes the verification of a published target. The ledger records it before masker reads a row. It records
// the result as a Verification.
type Recheck struct {
	Flow   string `json:"flow"`
	Actor  Actor  `json:"actor"`
	Target Party  `json:"target"`
	Source *Party `json:"source,omitempty"` // nil if no source is read
	Plan   string `json:"plan"`             // digest of the plan
}

// Verified records what the verification of the run's shadow has found.
func (r *Run) Verified(v Verification) (err error) {
	r.verified, err = r.addNumbered(Record{Event: EventVerified, Run: r.id, Verification: &v})
	return err
}

// Include returns the proof that the ledger has the run's start. After a call of Shadow, Include also proves which
// database the run made. After a call of Verified, it also proves the result of the verification.
func (r *Run) Include() (in Inclusion, err error) {
	if in, err = r.ledger.Include(r.seq); err != nil {
		return in, err
	}
	if in.Shadow, err = r.includeAlso(r.shadow); err != nil {
		return in, err
	}
	in.Verification, err = r.includeAlso(r.verified)
	return in, err
}

// includeAlso returns the proof of another record of the run, or nil if seq is 0.
func (r *Run) includeAlso(seq int64) (*Inclusion, error) {
	if seq == 0 {
		return nil, nil //nolint:nilnil // there is nothing to prove
	}
	in, err := r.ledger.Include(seq)
	return &in, err
}

// Verify records that the target that a run made is about to be verified again. If it returns no error, the record is
// on the disk.
func (l *Ledger) Verify(run string, c Recheck) error {
	return l.add(Record{Event: EventVerify, Run: run, Recheck: &c})
}

// Verified records what the verification of the target that a run made has found.
func (l *Ledger) Verified(run string, v Verification) error {
	return l.add(Record{Event: EventVerified, Run: run, Verification: &v})
}
