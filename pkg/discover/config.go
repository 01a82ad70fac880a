package discover

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/ruleset"
)

// Config returns the text of a configuration with one flow. The argument variable is the environment variable with the source's
// URL, name is the name of the rule file, and roles are the roles that row security policies name.
func Config(variable, name string, roles []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The environments where data lives, and the conditions under which it moves between them.
environments:
  production: {kind: production, url: "${%s}"}
  staging:    {kind: staging, url: "${STAGING_URL}"}
`, variable)
	if len(roles) > 0 {
		b.WriteString("# Row security policies name these roles. For each, name the role of the target that replaces it.\nroles:\n")
	}
	for _, r := range roles {
		fmt.Fprintf(&b, "  - {from: %[1]s, to: %[1]s}\n", ruleset.YAMLText(r))
	}
	fmt.Fprintf(&b, `# The same key gives the same results. Without this line, every run makes its own key.
keys: {default: {file: keys/default.key}}
ledger: {path: ledger/}
flows:
  nightly:
    from: production
    to: staging
    rules: [rules/%s.yaml]
    # This line is a waiver: nobody but the author has to approve the rules. Before you move real data, write:
    # approvals: {signers: policy/allowed_signers}
    approvals: {required: 0}
    # Before masker publishes, it looks for the source's values in every column of the result.
    verify: strict
    # The source needs a role that can only read. The target needs another role, which cannot read the source. For a
    # first try with one superuser, use this line instead:
    # allow: [equal-credentials, source-can-write, target-reads-source]
`, name)
	return b.String()
}
