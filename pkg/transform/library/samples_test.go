package library_test

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestSamplesAreResultsOfTheTreatment(t *testing.T) {
	short := catalog.Type{Name: "character varying(4)", Base: "varchar", Family: catalog.Text, MaxLen: 4}
	for _, s := range library.Samples(transformtest.Column(short), transform.Use{Treatment: "fake.given_name", As: "person", Subject: "id"}, 20) {
		if s == "" || len(s) > 4 {
			t.Errorf("%q does not fit the column", s)
		}
	}
	use := transform.Use{Treatment: "token", Domain: "codes"}
	got := library.Samples(transformtest.Column(transformtest.Text), use, 20)
	if len(got) != 20 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 20 || len(got[0]) != 26 {
		t.Errorf("tokens: %q", got)
	}
}

// Only fakes and tokens have samples, and only if no other column decides their results.
func TestOtherTreatmentsHaveNoSamples(t *testing.T) {
	for _, u := range []transform.Use{
		{Treatment: "keep"},
		{Treatment: "mask"},
		{Treatment: "permute"},
		{Treatment: "redact"},
		{Treatment: "fake.full_name", Params: transform.Params{"country": "country"}},
		{Treatment: "fake.full_name", When: "x", Else: &transform.Use{Treatment: "keep"}},
	} {
		if got := library.Samples(transformtest.Column(transformtest.Text), u, 3); got != nil {
			t.Errorf("%s: %q", u.Treatment, got)
		}
	}
}
