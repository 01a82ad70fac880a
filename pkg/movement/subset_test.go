package movement

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/subset"
)

// A program that sets a subset in a Spec need not describe the subset in the policy. Run does not change the policy of
// the Spec.
func TestASubsetIsPartOfThePolicy(t *testing.T) {
	given := plan.Policy{"verify": "strict"}
	s := Spec{Policy: given, Subset: &subset.Definition{Roots: []subset.Root{{Table: catalog.Name{Schema: "public", Name: "t"}, Limit: 5}}}}
	p := newRun(s).Policy
	if p["subset.roots"] != "public.t limit 5" || p["verify"] != "strict" || len(given) != 1 {
		t.Errorf("the policy is %v, and was %v", p, given)
	}
}

// The ledger shows whether two runs had the same lines of a subset's file. It holds no value of a line, and nothing
// that somebody without the key could compare with guesses.
func TestTheLedgerHasADigestOfMoreRoots(t *testing.T) {
	describe := func(value string, secret byte, perRun bool) map[string]string {
		orders := catalog.Name{Schema: "public", Name: "orders"}
		line := subset.Line{Root: subset.Root{Table: orders, Column: "id", Values: []string{value}}, At: "more.txt:1"}
		ring, err := keyring.New(bytes.Repeat([]byte{secret}, 32))
		if err != nil {
			t.Fatal(err)
		}
		s := Spec{Subset: &subset.Definition{Roots: []subset.Root{{Table: orders, Limit: 5}}, More: subset.More{File: "more.txt", Limit: 9, Lines: []subset.Line{line}}}}
		s.Key = Key{Ring: ring, PerRun: perRun}
		return newRun(s).describeSubset()
	}
	first := describe("CANARY", 1, false)
	if first["subset.more.roots"] != "public.orders by key id: 1 value" || strings.Contains(fmt.Sprint(first), "CANARY") || len(first["subset.more.list"]) != 32 {
		t.Errorf("got %v", first)
	}
	for what, other := range map[string]map[string]string{"another value": describe("7", 1, false), "another key": describe("CANARY", 2, false), "a key for each run": describe("CANARY", 1, true)} {
		if other["subset.more.list"] == first["subset.more.list"] {
			t.Errorf("%s: the digest is the same", what)
		}
	}
	if again := describe("CANARY", 1, false); again["subset.more.list"] != first["subset.more.list"] {
		t.Error("the same line has another digest")
	}
}
