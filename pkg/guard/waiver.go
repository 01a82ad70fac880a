package guard

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
)

// Waiver is a requirement that a flow's configuration switches off. The ledger records every waiver of a run.
type Waiver struct {
	Code  string // a stable name in kebab-case
	Text  string
	Until string // the last day, as 2026-12-24; "" if the waiver does not end
}

// The codes of the waivers of verification.
const (
	noVerification = "verify"
	noSearch       = "verify-counts"
)

// Within reports whether the codes already waive everything that this waiver waives.
func (w Waiver) Within(codes []string) bool {
	return slices.Contains(codes, w.Code) || w.Code == noSearch && slices.Contains(codes, noVerification)
}

// Waivers lists the waivers of the flow.
func (f Flow) Waivers() []Waiver {
	var w []Waiver
	add := func(code, text string) { w = append(w, Waiver{Code: code, Text: text, Until: f.Until[code]}) }
	if f.Required == 0 {
		add("approvals", "nobody but the author has to approve the rules (approvals: {required: 0})")
	}
	switch {
	case !f.Verifies():
		add(noVerification, "nothing reads the result again before it is published (verify: off)")
	case f.Verify == VerifyCounts && f.Treats: // a flow without rules treats no values that could be found
		add(noSearch, "nothing looks for the source's values in the result before it is published (verify: counts)")
	}
	if f.From.NotProduction != "" {
		add("not-production", "the source does not count as production because the configuration says so (not_production)")
	}
	for _, code := range f.Allow {
		add(code, allowed(code))
	}
	return w
}

func allowed(code string) string {
	switch code {
	case EqualCredentials:
		return "source and target may be reached with the same credentials (allow: [equal-credentials])"
	case SourceCanWrite:
		return "the source may be read with a role that could write to it (allow: [source-can-write])"
	case TargetReadsSource:
		return "the target's role may be one that could read the source (allow: [target-reads-source])"
	case SuperuserTarget:
		return "code of the source may run on the target as a superuser (allow: [superuser-target])"
	}
	return code
}

// adoption is the code of the setting adopt of the target. It waives the proof that masker made the target.
const adoption = "adopt"

// Ending lists everything of the configuration that can end: the waivers, and the setting adopt of the target.
func (f Flow) Ending() []Waiver {
	w := f.Waivers()
	if f.To.Adopts {
		w = append(w, Waiver{adoption, "masker may replace the target although nothing proves that masker made it (adopt)", f.Until[adoption]})
	}
	return w
}

// CheckUntil returns an error if Until has a code that Ending does not list, or a text that is not a day.
func (f Flow) CheckUntil() error {
	var codes []string
	for _, w := range f.Ending() {
		codes = append(codes, w.Code)
	}
	for _, code := range slices.Sorted(maps.Keys(f.Until)) {
		if !slices.Contains(codes, code) {
			return fmt.Errorf("until: the flow does not waive %q%s; it waives: %s", code, spell.Mean(code, codes), strings.Join(codes, ", "))
		}
		if _, err := time.Parse(time.DateOnly, f.Until[code]); err != nil {
			return fmt.Errorf("until: %s: want a day, such as 2026-12-24", code)
		}
	}
	return nil
}

// CheckEnds refuses a flow if Ending lists something whose last day has passed. Days are in UTC.
func (f Flow) CheckEnds(at time.Time) error {
	const more = 30 * 24 * time.Hour
	for _, w := range f.Ending() {
		if w.Until != "" && w.Until < at.UTC().Format(time.DateOnly) {
			return f.refuse(fmt.Sprintf("its waiver %s ended on %s and no longer counts: %s", w.Code, w.Until, w.Text),
				fmt.Sprintf("remove what it waives and its day, or write a later day, such as until: {%s: %s}", w.Code, at.UTC().Add(more).Format(time.DateOnly)))
		}
	}
	return nil
}
