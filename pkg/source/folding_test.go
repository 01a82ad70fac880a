package source

import "testing"

// ICU knows two forms of a locale: a language tag, and an older form with @. PostgreSQL 16 and newer store the language
// tag. Older versions store what somebody wrote.
func TestFolding(t *testing.T) {
	for collation, want := range map[string][2]bool{
		"":                               {false, false},
		"und und-u-ks-level2":            {true, false},
		"und @colStrength=secondary":     {true, false},
		"und und-u-ks-level1":            {true, true},
		"und und-u-kc-true-ks-level1":    {false, true},
		"und und-u-kc-ks-level1":         {false, true},
		"und und-u-ka-shifted-ks-level2": {true, true},
		"und und-u-ks-level2&a<b":        {true, true},
		"und und":                        {false, true},
		"und en-u-ks-level3":             {false, true},
	} {
		caseInsensitive, loose := folding(collation)
		if [2]bool{caseInsensitive, loose} != want {
			t.Errorf("%q: %v, %v", collation, caseInsensitive, loose)
		}
	}
}
