package guard

import (
	"fmt"
	"slices"
	"strings"
)

// AllowReveal returns nil if the values behind a column's tokens may be revealed. There are two conditions: the flow's
// setting `reveal` names the column, and a reason is given. The argument column has the form that Flow.Reveal
// describes.
func (f Flow) AllowReveal(column, reason string) error {
	switch {
	case len(f.Reveal) == 0:
		return f.refuse("it does not allow to reveal any column", "to allow it, add to the flow, by review: reveal: {columns: [schema.table.column]}")
	case !slices.Contains(f.Reveal, column):
		return f.refuse(fmt.Sprintf("it does not allow to reveal %s", column), "to allow it, add the column under reveal, by review")
	case strings.TrimSpace(reason) == "":
		return f.refuse("revealing needs a reason", "give one with --reason; the ledger records it")
	}
	return nil
}
