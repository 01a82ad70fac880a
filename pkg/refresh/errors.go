package refresh

import (
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
)

// RowError names the table and the row at which a refresh stopped, the column if it is known, and the reason. It never
// contains a value.
type RowError struct {
	Table            catalog.Name
	Extent           int
	rewrite.RowError // its field Row counts from the start of the extent
}

func (e *RowError) Error() string {
	name := e.Table.String()
	if e.Column != "" {
		name += "." + catalog.Quote(e.Column)
	}
	return fmt.Sprintf("%s: row %d of extent %d: %s", name, e.Row, e.Extent, e.Why())
}

// panicked returns an error with the function, file and line of a panic. It leaves out the panic's value, which may
// quote a value of a row.
func panicked() error {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	thrown := false
	for {
		f, more := frames.Next()
		if thrown && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Errorf("panic in %s (%s:%d); this is a defect, report it", path.Base(f.Function), path.Base(f.File), f.Line)
		}
		thrown = thrown || f.Function == "runtime.gopanic"
		if !more {
			return rewrite.Error("panic; this is a defect, report it")
		}
	}
}
