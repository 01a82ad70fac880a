package provenance

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/ledger"
)

// Origin is the result of Judge. It has the content of a database's claim, and says whether the claim is proven.
type Origin struct {
	Database string       `json:"database"`
	SystemID string       `json:"system_id"`
	Verified bool         `json:"verified"`
	Why      string       `json:"why,omitempty"` // why the claim is not verified
	Steps    []ProvenStep `json:"steps"`
}

// ProvenStep is one step and the result of Prove.
type ProvenStep struct {
	Step     int            `json:"step"`
	Run      string         `json:"run"`
	Verified bool           `json:"verified"`
	Why      string         `json:"why,omitempty"`    // why the step is not verified
	Ledger   string         `json:"ledger,omitempty"` // the name of the ledger's key
	Record   *ledger.Record `json:"record,omitempty"` // the record is proven if Verified is set, and otherwise only claimed. Nil if it cannot be read

	OID uint32 `json:"oid,omitempty"` // OID of the database that the step made, or 0 if that is not proven

	Verification *ledger.Verification `json:"verification,omitempty"` // verification of the run's database, before the database was published. Nil if it is not proven, or if there was none
}

// Judge checks a claim. One of the public keys must prove each step. The steps must form a chain. The last step must
// name the database of the claim, and prove its OID. The name is not enough: somebody who may rename databases can give
// another database the name, the mark and the table of a database that masker made. The database's mark must name the
// run of the last step.
func Judge(c Claim, keys []string) Origin {
	o := Origin{Database: c.Database, SystemID: c.SystemID, Steps: []ProvenStep{}}
	for _, s := range c.Steps {
		o.Steps = append(o.Steps, s.Prove(keys))
	}
	o.Why = o.doubt(c)
	o.Verified = o.Why == ""
	return o
}

// Prove checks a step's proof. The ledger of one of the public keys must have the step's record.
func (s Step) Prove(keys []string) ProvenStep {
	step := ProvenStep{Step: s.Step, Run: s.Run}
	var in ledger.Inclusion
	if err := json.Unmarshal([]byte(s.Inclusion), &in); err != nil {
		step.Why = "its proof cannot be read"
		return step
	}
	step.Ledger, _, _ = strings.Cut(in.Verifier, "+")
	step.Why = fmt.Sprintf("the public key of ledger %q was not given (--key)", step.Ledger)
	for _, key := range keys {
		if name, _, _ := strings.Cut(key, "+"); name != step.Ledger {
			continue
		}
		record, err := in.Verify(key)
		if err == nil {
			step.Record = &record
			if step.Why = step.mismatch(); step.Why == "" {
				step.Why = step.proveShadow(in.Shadow, key)
			}
			if step.Why == "" {
				step.Why = step.proveVerification(in.Verification, key)
			}
			step.Verified = step.Why == ""
			return step
		}
		step.Why = "the ledger's key does not prove its record: " + err.Error()
	}
	var claimed ledger.Record
	if json.Unmarshal([]byte(in.Line), &claimed) == nil && (claimed.Movement != nil || claimed.Branch != nil) {
		step.Record = &claimed
	}
	return step
}

// mismatch returns the reason why a proven record does not belong to this step. It returns "" if the record belongs to
// the step.
func (s ProvenStep) mismatch() string {
	movement := s.Record.Event == ledger.EventStart && s.Record.Movement != nil
	branch := s.Record.Event == ledger.EventBranch && s.Record.Branch != nil
	switch {
	case !movement && !branch:
		return "the record is not of a refresh or a branch"
	case s.Record.Run != s.Run:
		return fmt.Sprintf("the record is of another run (%s)", s.Record.Run)
	}
	return ""
}

// Made returns the database that the step made, as one side of a movement. The step's record must not be nil.
func (s ProvenStep) Made() ledger.Party {
	if b := s.Record.Branch; b != nil {
		return b.Party()
	}
	return s.Record.Movement.Target
}

// read returns the database from which the step got its rows, and the run that made that database.
func (s ProvenStep) read() (from ledger.Party, run string) {
	if b := s.Record.Branch; b != nil {
		return b.Target, b.Run
	}
	return s.Record.Movement.Source, s.Record.Movement.SourceRun
}

// mark returns the state and the target that the mark of the step's database has.
func (s ProvenStep) mark() (State, string) {
	if b := s.Record.Branch; b != nil {
		return Branch, b.Target.Database
	}
	return Published, s.Record.Movement.Target.Database
}

// proveShadow checks the proof of the database that the run made, and returns the reason why it does not count.
func (s *ProvenStep) proveShadow(in *ledger.Inclusion, key string) string {
	if b := s.Record.Branch; b != nil { // the record of a branch has the OID itself
		s.OID = b.Database.OID
		return ""
	}
	record, why := s.proven(in, key, "its database", func(r ledger.Record) bool { return r.Event == ledger.EventShadow && r.Shadow != nil })
	if record != nil {
		s.OID = record.Shadow.OID
	}
	return why
}

// proveVerification checks the proof of the run's verification, and returns the reason why it does not count.
func (s *ProvenStep) proveVerification(in *ledger.Inclusion, key string) string {
	record, why := s.proven(in, key, "its verification", func(r ledger.Record) bool { return r.Event == ledger.EventVerified && r.Verification != nil })
	if record != nil {
		s.Verification = record.Verification
	}
	return why
}

// proven returns another record of the run. If the proof does not count, it returns the reason instead. Without a
// proof, it returns no record and no reason.
func (s *ProvenStep) proven(in *ledger.Inclusion, key, of string, is func(ledger.Record) bool) (*ledger.Record, string) {
	if in == nil {
		return nil, ""
	}
	record, err := in.Verify(key)
	switch {
	case err != nil:
		return nil, "the ledger's key does not prove the record of " + of + ": " + err.Error()
	case !is(record) || record.Run != s.Run:
		return nil, "the record of " + of + " is of something else"
	}
	return &record, ""
}

// doubt returns the reason why the database's claim is not proven. It returns "" if the claim is proven.
func (o Origin) doubt(c Claim) string {
	if len(o.Steps) == 0 {
		return "it carries no provenance of masker's"
	}
	for i, s := range o.Steps {
		if s.Step != i+1 {
			return fmt.Sprintf("step %d of its provenance is missing", i+1)
		}
		if !s.Verified {
			return fmt.Sprintf("step %d of its provenance is not proven: %s", s.Step, s.Why)
		}
		from, run := s.read()
		if i == 0 {
			if run != "" {
				return fmt.Sprintf("its provenance begins in the middle: the source of its first step was made by run %s", run)
			}
			continue
		}
		before := o.Steps[i-1]
		if run != before.Record.Run || from.Identity() != before.Made().Identity() {
			return fmt.Sprintf("step %d did not read what step %d made", s.Step, s.Step-1)
		}
	}
	last := o.Steps[len(o.Steps)-1]
	state, target := last.mark()
	switch m, made := c.Mark, last.Made().Identity(); {
	case m != nil && m.State == Previous:
		return fmt.Sprintf("it is the former content of %s, kept since run %s replaced it", m.Target, m.Run)
	case made != c.identity():
		return fmt.Sprintf("masker made database %s, and this is %s: a copy of it, or it was renamed", made, c.identity())
	case last.OID == 0:
		return fmt.Sprintf("its provenance does not prove which database run %s made; refresh the database again", last.Run)
	case last.OID != c.OID:
		return fmt.Sprintf("it is not the database that run %s made (OID %d, this one has %d): it is a copy, or was restored, and was renamed", last.Run, last.OID, c.OID)
	case m == nil || m.State != state || m.Run != last.Run || m.Target != target:
		return "the database's comment does not name the run that its provenance names: the database was made again since, or somebody changed the comment"
	}
	return ""
}

// identity returns the database's identity in the form of ledger.Party.Identity.
func (c Claim) identity() string {
	return ledger.Party{SystemID: c.SystemID, Database: c.Database}.Identity()
}

// LastStep is the last step of a claim: the checkpoint and the record that its ledger signed.
type LastStep struct {
	Checkpoint ledger.Checkpoint
	Verifier   string // the public key that the step itself names. Do not trust it

	line string // the record, as JSON
}

// LastStep returns the claim's last step. It returns false if the ledger with that public key did not sign the step's
// checkpoint.
func (c Claim) LastStep(key string) (LastStep, bool) {
	in, ok := c.last()
	if !ok {
		return LastStep{}, false
	}
	cp, err := ledger.ParseCheckpoint(in.Checkpoint, key)
	return LastStep{Checkpoint: cp, Verifier: in.Verifier, line: in.Line}, err == nil
}

// Verifier returns the public key that the last step itself names. It returns false if the step cannot be read.
func (c Claim) Verifier() (string, bool) {
	in, ok := c.last()
	return in.Verifier, ok
}

func (c Claim) last() (in ledger.Inclusion, ok bool) {
	if len(c.Steps) == 0 {
		return in, false
	}
	err := json.Unmarshal([]byte(c.Steps[len(c.Steps)-1].Inclusion), &in)
	return in, err == nil
}

// Revision returns the revision of the rules that the step's movement used. It returns 0 if the movement was of another
// flow. The revision is not proven, but a wrong revision can only make the guard stricter.
func (s LastStep) Revision(flow string) int {
	var was ledger.Record
	if err := json.Unmarshal([]byte(s.line), &was); err != nil || was.Movement == nil || was.Movement.Flow != flow {
		return 0
	}
	return was.Movement.Revision
}
