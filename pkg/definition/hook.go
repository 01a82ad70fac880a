package definition

import (
	"slices"
	"strings"
)

// UnderHooks returns a copy of list for a database in which hooks run. In the copy, all definitions that can change
// what a hook does are reaching. The effect of a hook depends on the code of the database. A rule can suppress the
// hook's UPDATE. A trigger or a materialized view can keep the values that the hook overwrites. A function that the
// hook calls can do less than its name says. So all this code is reaching.
func UnderHooks(list []Definition) []Definition {
	out := slices.Clone(list)
	for i, d := range out {
		if d.changesHooks() {
			out[i].Class |= Reaching
			out[i].Why = append(slices.Clone(d.Why), "can change what a hook does")
		}
	}
	return out
}

// changesHooks reports whether the result of a hook can depend on the definition.
func (d Definition) changesHooks() bool {
	switch d.Kind {
	case "AGGREGATE", "CAST", "FK CONSTRAINT", "FUNCTION", "MATERIALIZED VIEW", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "POLICY", "PROCEDURE", "ROW SECURITY", "RULE", "TRIGGER", "VIEW":
		return true
	case "TABLE":
		return strings.Contains(d.Text, " GENERATED ALWAYS AS (")
	}
	return false
}
