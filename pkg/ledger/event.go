package ledger

// Refusal records that masker refused a refresh. The field Why must not quote the text of a server's message.
type Refusal struct {
	Flow  string `json:"flow"`
	Why   string `json:"why"`
	Actor Actor  `json:"actor"`
}

// Approval records that somebody signed an approval on this machine. A run checks the signature, not this record.
type Approval struct {
	Flow        string `json:"flow"`
	Rules       string `json:"rules"` // digest of the rules
	Plan        string `json:"plan"`  // digest of the plan
	Principal   string `json:"principal"`
	Fingerprint string `json:"fingerprint"`
	Actor       Actor  `json:"actor"`
}

// Weakening records that a flow's configuration waives something that it did not waive at the flow's last movement.
type Weakening struct {
	Flow string   `json:"flow"`
	Was  []string `json:"was"` // in the form of LastPublished.Policy
	Now  []string `json:"now"`
}

// Undelivered records that a notification did not arrive. The field Why must not quote the text of a server's message.
type Undelivered struct {
	Run     string `json:"run"`
	Channel string `json:"channel"`
	Why     string `json:"why"`
}

// Refuse records a refused refresh.
func (l *Ledger) Refuse(r Refusal) error {
	return l.add(Record{Event: EventRefused, Refusal: &r})
}

// Approve records an approval that was signed on this machine.
func (l *Ledger) Approve(a Approval) error {
	return l.add(Record{Event: EventApproved, Approval: &a})
}

// Weaken records that a flow's configuration waives more than before.
func (l *Ledger) Weaken(w Weakening) error {
	return l.add(Record{Event: EventWeakened, Weakening: &w})
}

// Undelivered records that a notification did not arrive.
func (l *Ledger) Undelivered(u Undelivered) error {
	return l.add(Record{Event: EventNotifyFailed, Run: u.Run, Undelivered: &u})
}

// Reveal records that values are about to be revealed. If it returns no error, the record is on the disk.
func (l *Ledger) Reveal(r Reveal) error {
	return l.add(Record{Event: EventReveal, Reveal: &r})
}

// Explained describes a search that counts the rows of a subset. It copies no row.
type Explained struct {
	Flow   string            `json:"flow"`
	Actor  Actor             `json:"actor"`
	Source Party             `json:"source"`
	Plan   string            `json:"plan"`          // digest of the plan
	Subset map[string]string `json:"subset"`        // like Movement.Subset
	Row    bool              `json:"row,omitempty"` // somebody asked what brought one row
}

// Explain records that rows of a source are about to be searched. If it returns no error, the record is on the disk.
func (l *Ledger) Explain(e Explained) error {
	return l.add(Record{Event: EventExplain, Explained: &e})
}

// Previewed describes a preview: rows of one table are read and treated, and shown to a person.
type Previewed struct {
	Flow   string `json:"flow"`
	Actor  Actor  `json:"actor"`
	Source Party  `json:"source"`
	Plan   string `json:"plan"` // digest of the plan
	Table  string `json:"table"`
	Rows   int    `json:"rows"` // largest number of rows that are shown
}

// Preview records that rows of a source are about to be read for a preview. If it returns no error, the record is on
// the disk.
func (l *Ledger) Preview(p Previewed) error {
	return l.add(Record{Event: EventPreview, Previewed: &p})
}

// Fixture describes a file with rows of a sanitized database.
type Fixture struct {
	Actor     Actor   `json:"actor"`
	Source    Party   `json:"source"`
	SourceRun string  `json:"source_run"` // the run that made the source
	Schema    string  `json:"schema"`     // digest of the schema
	SHA256    string  `json:"sha256"`     // digest of the file. For a folder, digest of the names and contents of its files
	Bytes     int     `json:"bytes"`
	Tables    []Table `json:"tables"`
}

// Rows returns the number of rows in the file.
func (f *Fixture) Rows() (n int64) {
	for _, t := range f.Tables {
		n += t.Rows
	}
	return n
}

// Fixture records that a file with rows is about to be written. If it returns no error, the record is on the disk.
func (l *Ledger) Fixture(f Fixture) error {
	return l.add(Record{Event: EventFixture, Fixture: &f})
}

// Discovered describes a look at a sample of a database's rows, to find out what its columns hold.
type Discovered struct {
	Flow   string `json:"flow,omitempty"` // the flow whose rules are judged by the look, or ""
	Actor  Actor  `json:"actor"`
	Source Party  `json:"source"`
	Tables int    `json:"tables"` // how many tables are looked at
	Rows   int    `json:"rows"`   // about how many rows of each table
}

// Sampled says what a look at values found in the columns that a run keeps.
type Sampled struct {
	Tables int      `json:"tables"`           // how many tables were looked at
	Rows   int      `json:"rows"`             // about how many rows of each table
	Found  []string `json:"found,omitempty"`  // findings that nobody waived. They quote no value
	Unread []string `json:"unread,omitempty"` // tables that could not be looked at
}

// Discover records that rows of a database are about to be looked at. If it returns no error, the record is on the
// disk.
func (l *Ledger) Discover(d Discovered) error {
	return l.add(Record{Event: EventDiscover, Discovered: &d})
}

// Rotate records that a new key was made to replace another one.
func (l *Ledger) Rotate(r Rotation) error {
	return l.add(Record{Event: EventKeyRotated, Rotation: &r})
}
