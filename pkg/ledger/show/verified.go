package show

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// Verified describes the result of a verification. asked says where the key came from.
func Verified(dir, key, asked string, r ledger.Report) string {
	var b strings.Builder
	say := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", what, visible.Text(fmt.Sprintf(format, args...)))
	}
	say("ledger", "%s", dir)
	say("key", "%s (%s)", key, asked)
	if r.Checkpoint.Note != "" {
		say("checkpoint", "%d records, root %s", r.Checkpoint.Size, base64.StdEncoding.EncodeToString(r.Checkpoint.Root[:]))
		say("checked", "%d records", r.Checked)
	}
	for _, g := range r.Archived {
		say("archived", "records %d–%d are archived, not checked", g.First, g.Last)
	}
	if r.Saved > 0 {
		say("saved", "%d of the saved checkpoints are of this ledger's past", r.Saved)
	}
	if r.Unacknowledged > 0 {
		say("torn", "%d bytes after the last record were never acknowledged; the next run cuts them off and records that", r.Unacknowledged)
	}
	return b.String()
}
