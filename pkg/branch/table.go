package branch

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/masker-project/masker/internal/visible"
)

// Table writes a table with one branch on each line.
func Table(w io.Writer, list []Branch, now time.Time) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no branches")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tTARGET\tRUN\tOWNER\tPURPOSE\tAGE\tEXPIRES\tSIZE\tTRUSTED")
	for _, b := range list {
		age, trusted := "", "no: "+b.Why
		if b.Trusted {
			age, trusted = span(now.Sub(b.Made)), "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", visible.Text(b.Name), visible.Text(b.Target), visible.Text(b.Run),
			visible.Text(b.Owner), visible.Text(b.Purpose), age, b.ends(now), megabytes(b.Bytes), visible.Text(trusted))
	}
	return t.Flush()
}

// Write writes one line for each database. If there is none, it says so.
func (p Pruned) Write(w io.Writer) error {
	if len(p.Dropped)+len(p.Left) == 0 {
		_, err := fmt.Fprintln(w, "no expired branches")
		return err
	}
	for _, name := range p.Dropped {
		if _, err := fmt.Fprintf(w, "dropped  %s\n", visible.Text(name)); err != nil {
			return err
		}
	}
	for _, text := range p.Left {
		if _, err := fmt.Fprintf(w, "left     %s\n", visible.Text(text)); err != nil {
			return err
		}
	}
	return nil
}

// ends says when a branch expires.
func (b Branch) ends(now time.Time) string {
	switch {
	case !b.Trusted:
		return ""
	case b.Expires.IsZero():
		return "never"
	case b.Expired(now):
		return "expired"
	}
	return "in " + span(b.Expires.Sub(now))
}

// Line describes a branch in one line.
func (b Branch) Line(now time.Time) string {
	text := fmt.Sprintf("%s is a branch of %s, with the rows of run %s, for %s", b.Name, b.Target, b.Run, b.Owner)
	if ends := b.ends(now); ends != "never" {
		text += "; it expires " + ends
	}
	return visible.Text(text)
}

// span writes a duration in days from 48 hours on, in hours from 2 hours on, and otherwise in minutes. It rounds, so
// that a branch that was just made for seven days expires in 7 days, and not in 6.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d minutes", max(d, 0).Round(time.Minute)/time.Minute)
}

func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", (n+1<<20-1)>>20)
}
