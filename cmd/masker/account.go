package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/user"
	"path/filepath"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/target"
)

// ledgerMovement is what the ledger records before the first row is read.
func (j *job) ledgerMovement() ledger.Movement {
	db, replaces := j.source.Catalog(), j.target.Replaces()
	return ledger.Movement{
		Flow:       j.flow.Name,
		Actor:      j.actor,
		Source:     ledger.Party{Environment: j.flow.From.Name, Kind: string(j.flow.From.Kind), SystemID: db.SystemID, Database: db.Name, Role: j.source.Facts().SessionUser},
		Target:     ledger.Party{Environment: j.flow.To.Name, Kind: string(j.flow.To.Kind), SystemID: j.target.SystemID(), Database: j.target.Name(), Role: j.target.Role()},
		SnapshotID: j.source.SnapshotID(),
		LSN:        j.source.LSN(),
		Replaces:   &replaces,
		Digests:    ledger.Digests{Rules: j.digestOfRules(), Schema: db.Fingerprint(), Plan: j.plan.Digest(), Binary: binaryDigest(), Signers: j.given.signers},
		KeyName:    j.keyName,
		KeyID:      j.ring.Fingerprint(),
		KeyPerRun:  j.keyPerRun,
		Revision:   j.plan.Revision,
		SourceRun:  j.sourceRun(),
		Approvers:  approvers(j.given.of(j.plan).Approvers),
		Author:     j.given.of(j.plan).Author.Principal,
		Waivers:    j.waiverCodes(),
		Treatments: treatments(j.plan),
		Programs:   j.asked,
		PGDump:     ledger.Tool(j.source.PGDump()),
		Overridden: j.overridden,
	}
}

func approvers(list []approval.Approver) []ledger.Approver {
	out := []ledger.Approver{}
	for _, a := range list {
		out = append(out, ledger.Approver{Principal: a.Principal, Fingerprint: a.Fingerprint, At: a.At})
	}
	return out
}

func (j *job) waiverCodes() []string {
	codes := []string{}
	for _, w := range j.flow.Waivers() {
		codes = append(codes, w.Code)
	}
	if j.plan != nil {
		_, done := waived(j.plan)
		for _, w := range done {
			codes = append(codes, w.Code+" "+w.Waiver)
		}
	}
	return codes
}

// treatments lists what each column that changes becomes.
func treatments(p *plan.Plan) []ledger.Column {
	list := []ledger.Column{}
	for _, t := range p.Tables {
		if t.Skip {
			continue
		}
		for _, c := range t.Columns {
			if !c.Generated && !c.Keeps() {
				list = append(list, ledger.Column{Table: t.Name.String(), Column: c.Name, Treatment: c.Use.Treatment, Discloses: string(c.Discloses)})
			}
		}
	}
	return list
}

// summarise adds what is known once the run is published.
func (j *job) summarise() {
	s := &j.summary
	s.Tables, s.Rows, s.Skipped = len(j.moved.Tables), j.moved.Rows, j.moved.Skipped
	s.Columns = make(map[string]int)
	for _, t := range j.plan.Tables {
		for _, c := range t.Columns {
			if !t.Skip && !c.Generated {
				s.Columns[string(c.Discloses)]++
			}
		}
	}
	s.Dropped = j.shadow.Dropped
	for _, o := range j.plan.Objects {
		if o.Decision != "keep" {
			s.Dropped = append(s.Dropped, o.Kind)
		}
	}
	s.Notes = j.shadow.Notes
	s.Waivers = j.waiverCodes()
	s.Previous = j.shadow.Previous()
	s.Key, s.KeyPerRun = j.ring.Fingerprint(), j.keyPerRun
	s.Next = "look for yourself: " + psql(j.targetURL, j.target.Name())
}

func (j *job) outcome() ledger.Outcome {
	o := ledger.Outcome{Previous: j.summary.Previous, Rows: j.moved.Rows, DurationMS: now().Sub(j.began).Milliseconds()}
	for _, t := range j.moved.Tables {
		o.Tables = append(o.Tables, ledger.Table{Table: t.Table, Rows: t.Rows})
	}
	return o
}

// decisions are the plan's decisions on what is not a table, as the target takes them.
func decisions(p *plan.Plan) target.Decisions {
	decided := func(kind string) string {
		if o := p.Object(kind); o != nil {
			return o.Decision
		}
		return "drop"
	}
	d := target.Decisions{
		ForeignServers: decided("foreign_servers"),
		ForeignTables:  decided("foreign_tables"),
		EventTriggers:  decided("event_triggers"),
	}
	if decided("job_schedulers") != "keep" {
		d.DropExtensions = plan.JobSchedulers()
	}
	return d
}

func hooks(p *plan.Plan) []target.Hook {
	list := make([]target.Hook, 0, len(p.Hooks))
	for _, h := range p.Hooks {
		list = append(list, target.Hook{Name: h.File, SQL: h.SQL})
	}
	return list
}

// finding is a plan's remark with its place.
func finding(f plan.Finding) string {
	if f.Pos == "" {
		return f.Text
	}
	return f.Text + " (" + f.Pos + ")"
}

// digestOfRules is "" of a flow that has none.
func (j *job) digestOfRules() string {
	if j.rules == nil {
		return ""
	}
	return j.movement.rulesDigest(j.rules)
}

// rulesDigest covers every rule file, pack and dictionary, byte for byte, each under the name it has from the
// configuration's folder: on another machine it is the same.
func (c *config) rulesDigest(set *ruleset.Set) string {
	h := sha256.New()
	for _, f := range set.Files {
		name := f.Name
		if rel, err := filepath.Rel(c.Dir(), name); err == nil {
			name = filepath.ToSlash(rel)
		}
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestOf is the SHA-256 of files, in hex.
func digestOf(files ...[]byte) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d\n%s", len(f), f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// binaryDigest is the digest of the running program, "" where it cannot be read.
func binaryDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// actor says who runs masker: the user of the operating system, and the pipeline's own
// name for itself where there is one.
func actor(env map[string]string) ledger.Actor {
	a := ledger.Actor{User: fmt.Sprintf("uid %d", os.Getuid())}
	if u, err := user.Current(); err == nil {
		a.User = u.Username
	}
	switch {
	case env["GITHUB_ACTIONS"] != "":
		a.CI = fmt.Sprintf("github %s run %s by %s", env["GITHUB_REPOSITORY"], env["GITHUB_RUN_ID"], env["GITHUB_ACTOR"])
	case env["GITLAB_CI"] != "":
		a.CI = fmt.Sprintf("gitlab %s job %s by %s", env["CI_PROJECT_PATH"], env["CI_JOB_ID"], env["GITLAB_USER_LOGIN"])
	case env["BUILD_URL"] != "":
		a.CI = "build " + withoutUser(env["BUILD_URL"])
	}
	return a
}

// withoutUser is a URL without the name and password that a CI may have put into it.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "at a malformed address"
	}
	u.User = nil
	return u.String()
}

// psql is the line that opens a database, without the password.
func psql(raw, database string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return "psql " + database
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	q.Del("password")
	u.RawQuery = q.Encode()
	return "psql '" + u.String() + "'"
}
