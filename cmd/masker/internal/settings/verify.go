package settings

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
)

// short decodes values that have a short form in the file: a duration is a text, and verify: LEVEL means
// verify: {level: LEVEL}. YAML reads a day without quotes as a time, and short turns it back into a text.
func short(_, to reflect.Type, value any) (any, error) {
	if at, ok := value.(time.Time); ok && to.Kind() == reflect.String {
		return strings.TrimSuffix(at.Format(time.RFC3339), "T00:00:00Z"), nil
	}
	text, ok := value.(string)
	switch {
	case ok && to == reflect.TypeFor[time.Duration]():
		return time.ParseDuration(text)
	case ok && to == reflect.TypeFor[Verify]():
		return map[string]any{"level": text}, nil
	}
	return value, nil
}

// levels returns the levels of verification, as the file writes them.
func levels() []string {
	var list []string
	for _, level := range guard.Verifications() {
		list = append(list, string(level))
	}
	return list
}

// checkVerify checks how a flow verifies its shadows.
func (c *Config) checkVerify(name string, v Verify, report func(key, format string, args ...any)) {
	at := "flows." + name + ".verify"
	switch {
	case v.Level == "":
		report(at, "flow %q does not say how masker verifies the result; write verify: strict, or one of the waivers verify: counts and verify: off", name)
	case !slices.Contains(levels(), v.Level):
		report(at, "flow %q: verify: %q%s; want one of %s", name, v.Level, spell.Mean(v.Level, levels()), strings.Join(levels(), ", "))
	}
	if _, err := ParseSize(v.Memory); err != nil {
		report(at+".memory", "flow %q: verify: memory: %v", name, err)
	}
	if v.KeepFailed < 0 {
		report(at+".keep_failed", "flow %q: verify: keep_failed must be a duration such as 2h", name)
	}
}
