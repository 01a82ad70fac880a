package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// attack is an attack by somebody who has the target, the rules, and the values of a few persons, or by somebody who
// can change the schema in production. The field requirement names the requirement that has to prevent the attack.
type attack struct {
	name        string
	requirement string
	run         func(t *testing.T, a attempt) result
}

// attempt is one run of an attack.
type attempt struct {
	binary string // path of the masker that is attacked
	size   int    // number of persons in the source
	part   bool   // make only a part of the attack
}

// result says what an attack found.
type result struct {
	succeeded bool
	figure    string // what the attack found, and in how much data
}

// attacks lists all attacks.
func attacks() []attack {
	return []attack{
		{"rows are joined with the source by their position", "P1", attackOrder},
		{"two environments are joined by position", "P1", attackOrderOfTwo},
		{"a birth date is computed from a kept order of events", "P5", attackShift},
		{"a token is read by its frequency", "P3", attackFrequency},
		{"one known person opens a column of booleans", "P3", attackCoin},
		{"noise on small numbers is subtracted", "P4", attackNoise},
		{"a person with many rows comes out of sample", "P6", attackSample},
		{"conditions around a constant tell a salary", "P2", attackConditions},
		{"other rules that keep a value are called safe", "P2", attackLabels},
		{"personal data passes scrub in another form", "P10", attackScrub},
		{"code of production runs on the target as superuser", "F6", attackSuperuser},
		{"texts of the schema carry personal data", "R7", attackTexts},
		{"a definition changes after its approval", "R7", attackApproval},
		{"a script changes after its approval", "R7", attackScript},
		{"fewer approvals are required after an approval", "R7", attackPolicy},
	}
}

// TestAttacks makes every attack. No attack may succeed on this masker. If the environment variable MASKER_BEFORE is
// the path of an earlier masker, each attack has to succeed on the earlier masker, which shows that the attack is real.
// The environment variable ATTACK_SIZE is the number of persons. Without ATTACK_SIZE, TestAttacks makes only a part of
// some attacks.
func TestAttacks(t *testing.T) {
	t.Parallel()
	size, part := 3000, true
	if s := os.Getenv("ATTACK_SIZE"); s != "" {
		if _, err := fmt.Sscan(s, &size); err != nil {
			t.Fatal(err)
		}
		part = false
	}
	before := os.Getenv("MASKER_BEFORE")
	list := attacks()
	rows := make([]string, len(list))
	for i, a := range list {
		t.Run(strings.ReplaceAll(a.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			earlier := "not tried"
			if before != "" {
				r := a.run(t, attempt{before, size, part})
				if !r.succeeded {
					t.Errorf("%s: %s does not succeed on %s: %s", a.requirement, a.name, before, r.figure)
				}
				earlier = r.figure
			}
			now := a.run(t, attempt{masker(t), size, part})
			if now.succeeded {
				t.Errorf("%s: %s: %s", a.requirement, a.name, now.figure)
			}
			rows[i] = fmt.Sprintf("%s  %s\n      before: %s\n      now:    %s\n", a.requirement, a.name, earlier, now.figure)
		})
	}
	t.Cleanup(func() {
		for _, row := range rows {
			fmt.Print(row)
		}
	})
}

// attacked makes a source with the given schema, and runs masker with the given rules. It returns nil if masker refuses
// the run.
func (a attempt) attacked(t *testing.T, schema, rules string) *site {
	t.Helper()
	srv := Server(t)
	s := newSite(t, database(t, srv, "attack_src", schema), newDatabaseURL(t, srv, "attack_dst"))
	s.binary = a.binary
	s.rules(t, rules)
	switch o := s.refresh(t); o.code {
	case exitDone:
	case exitUsage, exitRefused:
		t.Log(o)
		return nil
	default:
		t.Fatal(o)
	}
	return s
}

// refused is the result of an attack that masker refuses before it reads a row.
func refused() result { return result{false, "refused before a row is read"} }

// told reports whether check has a finding with one of the codes.
func (s *site) told(t *testing.T, codes ...string) bool {
	t.Helper()
	o := s.masker(t, "check")
	for _, code := range codes {
		if strings.Contains(o.stdout+o.stderr, code) {
			return true
		}
	}
	return false
}

// share runs a query that returns one number, such as a share in percent.
func share(t *testing.T, url, sql string) float64 {
	t.Helper()
	var f float64
	if _, err := fmt.Sscan(ask(t, url, sql), &f); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return f
}
