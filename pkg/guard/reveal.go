package guard

import (
	"fmt"
	"slices"
	"strings"
)

// AllowReveal refuses to give back what stands behind a column's tokens unless the flow's configuration
// names the column, and the one who asks says why. column is as Reveal writes it.
func (f Flow) AllowReveal(column, reason string) error {
	switch {
	case len(f.Reveal) == 0:
		return f.refuse("it lets nobody reveal anything", "reveal: {columns: [schema.table.column]} in the flow allows it, by review")
	case !slices.Contains(f.Reveal, column):
		return f.refuse(fmt.Sprintf("%s is not among the columns it lets be revealed", column), "add it under reveal, by review")
	case strings.TrimSpace(reason) == "":
		return f.refuse("revealing needs a reason", "say it with --reason; it goes into the ledger")
	}
	return nil
}
