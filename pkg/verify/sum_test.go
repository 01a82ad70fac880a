package verify

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

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
