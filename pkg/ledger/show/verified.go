package show

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// Verified prints what a verification checked. The argument keyFrom says where the key comes from.
func Verified(dir, key, keyFrom string, r ledger.Report) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", name, visible.Text(fmt.Sprintf(format, args...)))
	}
	line("ledger", "%s", dir)
	line("key", "%s (%s)", key, keyFrom)
	if r.Checkpoint.Note != "" {
		line("checkpoint", "%d records, root %s", r.Checkpoint.Size, base64.StdEncoding.EncodeToString(r.Checkpoint.Root[:]))
		line("checked", "%d records", r.Checked)
	}
	for _, g := range r.Archived {
		line("archived", "records %d–%d are archived and were not checked", g.First, g.Last)
	}
	if r.Saved > 0 {
		line("saved", "checkpoints compared: %d; the ledger continues all of them", r.Saved)
	}
	if r.Unacknowledged > 0 {
		line("torn", "%d bytes after the last record belong to an unfinished write; the next run removes them and records that", r.Unacknowledged)
	}
	return b.String()
}
