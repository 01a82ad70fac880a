package verify

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// The sum of a table shows each change of its runs, and does not depend on the order of the rows.
func TestSumsShowExchangedRuns(t *testing.T) {
	key := fingerprint.NewKey()
	sum := func(rows ...[]string) tableSum {
		s := newRowSum(key)
		for _, row := range rows {
			for _, run := range row {
				s.write([]byte(run))
			}
			s.row()
		}
		return s.tableSum
	}
	first, second := []string{"a", "b", "c"}, []string{"d", "e", "f"}
	whole := sum(first, second)
	if sum(second, first) != whole {
		t.Error("the order of the rows changes the sum")
	}
	for name, rows := range map[string][][]string{
		"two rows exchange their first run":  {{"d", "b", "c"}, {"a", "e", "f"}},
		"two rows exchange their second run": {{"a", "e", "c"}, {"d", "b", "f"}},
		"two rows exchange their last run":   {{"a", "b", "f"}, {"d", "e", "c"}},
		"two runs of a row are exchanged":    {{"b", "a", "c"}, second},
		"a run is one with the next":         {{"ab", "c"}, second},
		"a run is missing":                   {{"a", "b"}, second},
		"a run is empty":                     {{"a", "b", "c", ""}, second},
	} {
		if sum(rows...) == whole {
			t.Errorf("%s: the sum is the same", name)
		}
	}
}

func TestComparedTypes(t *testing.T) {
	own, builtin := catalog.Type{OID: 20000, BaseOID: 20000}, catalog.Type{OID: 25, BaseOID: 25}
	domain := catalog.Type{OID: 20002, BaseOID: 25}
	for name, c := range map[string]struct {
		t    catalog.Type
		want bool
	}{
		"text":                {builtin, true},
		"an own scalar":       {own, true},
		"an array":            {catalog.Type{Family: catalog.Array, Elem: &builtin}, true},
		"an array of own":     {catalog.Type{Family: catalog.Array, Elem: &own}, false},
		"a composite":         {catalog.Type{BaseOID: 20001, Fields: []catalog.Field{{Type: builtin}}}, true},
		"a composite with it": {catalog.Type{BaseOID: 20001, Fields: []catalog.Field{{Type: builtin}, {Type: own}}}, false},
		"a domain":            {domain, true},
		"an array of domains": {catalog.Type{Family: catalog.Array, Elem: &domain}, false},
		"a range of domains":  {catalog.Type{Family: catalog.Range, BaseOID: 20003, Elem: &domain}, true},
		"a domain in a row":   {catalog.Type{BaseOID: 20001, Fields: []catalog.Field{{Type: domain}}}, false},
	} {
		if Compared(&c.t, true) != c.want || !Compared(&c.t, false) {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}
