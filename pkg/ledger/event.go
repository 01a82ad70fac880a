package ledger

// Refusal is that a refresh was asked for and refused. Why must be our own words.
type Refusal struct {
	Flow  string `json:"flow"`
	Why   string `json:"why"`
	Actor Actor  `json:"actor"`
}

// Approval is that somebody signed a rule set's approval here. What counts is the signature, not this record.
type Approval struct {
	Flow        string `json:"flow"`
	Rules       string `json:"rules"` // digests
	Plan        string `json:"plan"`
	Principal   string `json:"principal"`
	Fingerprint string `json:"fingerprint"`
	Actor       Actor  `json:"actor"`
}

// Weakening is that a flow's configuration allows something it did not at the last movement.
type Weakening struct {
	Flow string   `json:"flow"`
	Was  []string `json:"was"` // codes
	Now  []string `json:"now"`
}

// Undelivered is that a notification did not arrive. Why must be our own words.
type Undelivered struct {
	Run     string `json:"run"`
	Channel string `json:"channel"`
	Why     string `json:"why"`
}

// Refuse records a refused attempt.
func (l *Ledger) Refuse(r Refusal) error {
	return l.add(Record{Event: EventRefused, Refusal: &r})
}

// Approve records an approval that was given here.
func (l *Ledger) Approve(a Approval) error {
	return l.add(Record{Event: EventApproved, Approval: &a})
}

// Weaken records that a flow's configuration allows more than it did.
func (l *Ledger) Weaken(w Weakening) error {
	return l.add(Record{Event: EventWeakened, Weakening: &w})
}

// Undelivered records that a notification did not arrive.
func (l *Ledger) Undelivered(u Undelivered) error {
	return l.add(Record{Event: EventNotifyFailed, Run: u.Run, Undelivered: &u})
}

// Reveal records that values are about to be shown; when it returns without an error, the record is on the disk.
func (l *Ledger) Reveal(r Reveal) error {
	return l.add(Record{Event: EventReveal, Reveal: &r})
}

// Rotate records that a key was made to follow another.
func (l *Ledger) Rotate(r Rotation) error {
	return l.add(Record{Event: EventKeyRotated, Rotation: &r})
}
