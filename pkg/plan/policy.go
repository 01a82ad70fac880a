package plan

import "strconv"

// Policy holds the settings of masker.yaml that decide what masker trusts. Each entry is the name of a setting with its
// value, as the file writes it. An approval covers these settings. This package reads only the settings that have a
// constant below.
type Policy map[string]string

// The settings of a policy for which masker knows which of two values is stricter.
const (
	PolicyRequired = "approvals.required" // number of approvals that the rules need
	PolicyAllow    = "allow"              // codes, separated by commas
	PolicyFindings = "findings"           // "note" or "refuse"
)

// Required returns the number of approvals that the policy requires. It returns 0 if the policy does not have this
// setting.
func (p Policy) Required() int {
	n, err := strconv.Atoi(p[PolicyRequired])
	if err != nil {
		return 0
	}
	return n
}
