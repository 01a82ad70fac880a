// Package show prints the records of a ledger as a table, in detail, as JSON Lines and as CSV. It also prints the
// result of a verification, and the provenance of a database. Texts in a record can come from other people, so the
// package escapes control characters in all of them.
package show

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// Lines writes one record on each line, as the ledger stores it.
func Lines(w io.Writer, list ...ledger.FlowRecord) error {
	for _, r := range list {
		data, err := json.Marshal(r.Record)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(visible.JSON(data), '\n')); err != nil {
			return err
		}
	}
	return nil
}

// Table writes a table with one record on each line.
func Table(w io.Writer, list []ledger.FlowRecord) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no such record")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RECORD\tTIME (UTC)\tEVENT\tRUN\tFLOW\tWHAT")
	for _, r := range list {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", r.Seq, r.Time.UTC().Format(time.DateTime),
			visible.Text(string(r.Event)), visible.Text(r.Run), visible.Text(r.Flow), visible.Text(summary(r.Record)))
	}
	return t.Flush()
}

// summary describes a record in a few words.
func summary(r ledger.Record) string {
	switch {
	case r.Movement != nil:
		m := r.Movement
		return fmt.Sprintf("%s to %s, by %s%s", sideText(m.Source), sideText(m.Target), actorText(m.Actor), approvedText(m.Approvers))
	case r.Shadow != nil:
		return "made database " + r.Shadow.Name
	case r.Template != nil:
		return "made template " + r.Template.Name
	case r.Outcome != nil && r.Outcome.Published:
		return fmt.Sprintf("published, %s in %s", spell.Count(int(r.Outcome.Rows), "row"), millis(r.Outcome.DurationMS))
	case r.Outcome != nil:
		return "not published: " + r.Outcome.Reason
	case r.Refusal != nil:
		return fmt.Sprintf("%s (asked by %s)", r.Refusal.Why, actorText(r.Refusal.Actor))
	case r.Approval != nil:
		return "by " + r.Approval.Principal + ", " + r.Approval.Fingerprint
	case r.Weakening != nil:
		return fmt.Sprintf("now allows %s; before: %s", listText(r.Weakening.Now), listText(r.Weakening.Was))
	case r.Undelivered != nil:
		return r.Undelivered.Channel + ": " + r.Undelivered.Why
	case r.Reveal != nil:
		return fmt.Sprintf("%d of %s by %s: %s", r.Reveal.Count, r.Reveal.Column, actorText(r.Reveal.Actor), r.Reveal.Reason)
	case r.Rotation != nil:
		return fmt.Sprintf("%s: %s to %s, by %s", r.Rotation.Key, r.Rotation.From, r.Rotation.To, actorText(r.Rotation.Actor))
	case r.Recheck != nil:
		return fmt.Sprintf("%s%s is about to be read again, by %s", sideText(r.Recheck.Target), against(r.Recheck), actorText(r.Recheck.Actor))
	case r.Explained != nil:
		return fmt.Sprintf("rows of %s are about to be counted, by %s", sideText(r.Explained.Source), actorText(r.Explained.Actor))
	case r.Previewed != nil:
		return fmt.Sprintf("at most %d rows of %s in %s are about to be shown treated, by %s", r.Previewed.Rows, r.Previewed.Table, sideText(r.Previewed.Source), actorText(r.Previewed.Actor))
	case r.Discovered != nil:
		return fmt.Sprintf("about %d rows of each of %d tables of %s are about to be looked at%s, by %s", r.Discovered.Rows, r.Discovered.Tables, sideText(r.Discovered.Source), forFlow(r.Discovered.Flow), actorText(r.Discovered.Actor))
	case r.Rollback != nil:
		return rollbackText(r.Rollback)
	case r.Branch != nil:
		return branchText(r.Event, r.Branch)
	case r.Retirement != nil:
		return retirementText(r.Retirement)
	case r.Fixture != nil:
		return fmt.Sprintf("%d rows of %s in a file of %d bytes (sha256 %.12s), by %s", r.Fixture.Rows(), sideText(r.Fixture.Source), r.Fixture.Bytes, r.Fixture.SHA256, actorText(r.Fixture.Actor))
	case r.Verification != nil:
		return verifiedText(r.Verification)
	case len(r.Learned) > 0:
		return fmt.Sprintf("the distribution of %d columns", len(r.Learned))
	case r.Cut > 0:
		return fmt.Sprintf("%d bytes of an unfinished write were removed", r.Cut)
	}
	return ""
}

func millis(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func sideText(p ledger.Party) string { return p.Environment + "/" + p.Database }

func approvedText(list []ledger.Approver) string {
	if len(list) == 0 {
		return ", approved by nobody"
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.Principal
	}
	return ", approved by " + strings.Join(names, ", ")
}

func against(c *ledger.Recheck) string {
	if c.Source == nil {
		return ""
	}
	return " and " + sideText(*c.Source)
}

func verifiedText(v *ledger.Verification) string {
	text := fmt.Sprintf("passed, level %s", v.Level)
	if !v.Passed {
		text = fmt.Sprintf("failed, level %s: %s", v.Level, strings.Join(v.Found, "; "))
	}
	if len(v.Waived) > 0 {
		text += fmt.Sprintf(", %d waived", len(v.Waived))
	}
	return text
}

func rollbackText(b *ledger.Rollback) string {
	text := fmt.Sprintf("%s of run %s becomes %s, whose database becomes %s", b.Database.Name, b.Run, sideText(b.Target), b.Replaces.Name)
	for _, t := range b.Templates {
		text += fmt.Sprintf(", template %s is dropped", t.Name)
	}
	return text + fmt.Sprintf(", by %s: %s", actorText(b.Actor), b.Reason)
}

func branchText(e ledger.Event, b *ledger.Branch) string {
	text := fmt.Sprintf("%s of %s, from %s of run %s", b.Database.Name, sideText(b.Target), b.From.Name, b.Run)
	if e == ledger.EventBranching {
		text += ", is about to be made"
	}
	text += fmt.Sprintf(", for %s, by %s", b.Owner, actorText(b.Actor))
	if b.Purpose != "" {
		text += ": " + b.Purpose
	}
	if !b.Expires.IsZero() {
		text += ", until " + b.Expires.UTC().Format(time.DateTime) + " UTC"
	}
	return text
}

func retirementText(r *ledger.Retirement) string {
	names := make([]string, len(r.Databases))
	for i, d := range r.Databases {
		names[i] = fmt.Sprintf("%s (OID %d)", d.Name, d.OID)
	}
	return fmt.Sprintf("%s: %s, by %s: %s", sideText(r.Target), listText(names), actorText(r.Actor), r.Reason)
}

func listText(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// forFlow returns words for the flow that something was done for, or "" without a flow.
func forFlow(flow string) string {
	if flow == "" {
		return ""
	}
	return " for flow " + flow
}
