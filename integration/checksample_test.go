package integration

import (
	"strings"
	"testing"
)

// noted is a table whose note is harmless when the rules are approved.
const noted = `
CREATE TABLE ticket (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, state text, data jsonb);
INSERT INTO ticket (note, state, data) SELECT 'seen again', 'open', jsonb_build_object('version', i, 'device', jsonb_build_object('model', 'x' || i))
	FROM generate_series(1, 400) i;
ANALYZE ticket;`

const notedRules = `revision: 1
packs: [baseline]
tables:
  public.ticket:
    columns:
      id:    {keep: "a surrogate key"}
      note:  {keep: "short remarks about machines"}
      state: {keep: "open or closed"}
      data:  {json: {"$.version": {keep: "a number"}, "$.device.model": {keep: "the name of a model"}, "$.device.owner": {keep: "the team"}, "$.contact.mail": {class: email}}}
waivers:
  - {finding: kept-looks-personal, on: public.ticket.note, owner: Kim, reason: "the form accepts codes only", until: 2099-01-31}
`

// overnight puts mail addresses into the kept note, alone and in a text, and into a kept path of the document.
const overnight = `
UPDATE ticket SET note = 'canary.' || id || '@mail.example' WHERE id % 40 = 0;
UPDATE ticket SET note = 'please ask canary.' || id || '@mail.example about it' WHERE id % 40 = 1;
UPDATE ticket SET data = jsonb_build_object('version', id, 'device', jsonb_build_object('owner', 'canary.' || id || '@mail.example'),
	'contact', jsonb_build_object('mail', 'canary.' || id || '@mail.example')) WHERE id % 10 = 0;`

// The kept columns of an approved flow gain mail addresses overnight. A check of the values says so, and names the
// path.
func TestCheckSampleTellsOfKeptValues(t *testing.T) {
	t.Parallel()
	url := database(t, Server(t), "prod", noted)
	s := signedWith(t, url, newDatabaseURL(t, Server(t), "staging"), notedRules)
	s.canaries = []string{"canary"}
	s.masker(t, "check", "--flow", "nightly", "--sample").want(t, exitDone, "in order", "paths of public.ticket.data: $.device.model (400 text), $.version (400 number)")
	do(t, url, overnight)
	if o := s.masker(t, "check", "--flow", "nightly"); o.code != exitDone || strings.Contains(o.stderr, "kept-holds") {
		t.Fatalf("a check without --sample: %v", o)
	}
	o := s.masker(t, "check", "--flow", "nightly", "--sample")
	o.want(t, exitDone, "kept-holds-email", "public.ticket.note is kept and its values look like email: 10 of 400 values are mail addresses",
		"public.ticket.data is kept in part", "$.device.owner", "waive kept-holds-email")
	if strings.Contains(o.stderr, "email: $.contact.mail") {
		t.Errorf("a treated path is in the finding:\n%v", o)
	}
	do(t, url, `UPDATE ticket SET data = data || '{"contact": {"fax": "12"}}' WHERE id % 10 = 1`)
	s.masker(t, "check", "--flow", "nightly", "--sample").want(t, exitDone, "path-not-listed", "public.ticket.data has documents with paths that its rules do not list: $.contact.fax (text)")
	s.masker(t, "check", "--sample", "--offline").want(t, exitUsage, "--offline opens no connection")
	s.masker(t, "ledger", "show").want(t, exitDone, "about 1000 rows of each of 1 tables of production/", "are about to be looked at for flow nightly, by")
}

// With findings: refuse, masker refuses the check and the run if kept values look personal. Waivers of these findings
// allow both again. A run of a flow that asks for a look at values tells the result in its summary, in the ledger and
// in the notification.
func TestRunsLookAtValues(t *testing.T) {
	t.Parallel()
	url := database(t, Server(t), "prod", noted+overnight)
	s := newSite(t, url, newDatabaseURL(t, Server(t), "staging")).rules(t, notedRules)
	s.canaries = []string{"canary"}
	s.flow["discover"] = "sample"
	o := s.refresh(t)
	o.want(t, exitDone, "kept", "public.ticket.note is kept and its values look like email")
	s.masker(t, "ledger", "show", s.runs(t)[0]).want(t, exitDone, "looked at", "kept values", "public.ticket.note is kept and its values look like email")
	if told := s.read(t, "notified.jsonl"); !strings.Contains(told, `"kept":["public.ticket.note is kept`) {
		t.Errorf("the notification does not tell of the values:\n%s", told)
	}

	s.flow["findings"] = "refuse"
	s.masker(t, "check", "--sample").want(t, exitRefused, "findings that are not waived: 2", "kept-holds-email")
	s.refresh(t).want(t, exitRefused, "findings that are not waived: 2", "kept-holds-email")
	s.rules(t, strings.Replace(notedRules, "revision: 1", "revision: 2", 1)+`
  - {finding: kept-holds-email, on: public.ticket.note, owner: Kim, reason: "addresses of machines", until: 2099-01-31}
  - {finding: kept-holds-email, on: public.ticket.data, owner: Kim, reason: "addresses of teams", until: 2099-01-31}
`)
	s.masker(t, "check", "--sample").want(t, exitDone)
	s.refresh(t).want(t, exitDone, "kept-holds-email on public.ticket.note by Kim until 2099-01-31")
	s.masker(t, "check").want(t, exitDone, "in order") // the waivers are not taken for stale ones
	do(t, url, `UPDATE ticket SET note = 'DE89370400440532013000' WHERE id % 20 = 3`)
	s.masker(t, "check", "--sample").want(t, exitRefused, "kept-holds-iban")
}
