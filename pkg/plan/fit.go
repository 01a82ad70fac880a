package plan

import (
	"github.com/masker-project/masker/pkg/ruleset"
)

// fitTogether replaces proposals that have a problem in the plan with all proposals. It repeats this until no proposal
// that can be replaced has a problem. The method suggest tries each proposal alone. But some problems only show when all
// columns of a table have a rule: a CHECK that reads several columns, an index with a cast, a key of several columns.
// fitTogether replaces such a proposal by the next candidate of the column. The last candidate keeps the column. The
// loop ends because every round except the last uses up a candidate.
func (b *builder) fitTogether(ps []proposal) {
	for {
		bad := b.problematic(ps)
		if len(bad) == 0 {
			return
		}
		for i := range ps {
			if bad[ps[i].c.at] {
				ps[i] = b.propose(ps[i].c, ps[i].others)
			}
		}
	}
}

// problematic builds the plan with the proposals, and returns the columns whose proposals have a problem and can be
// replaced.
func (b *builder) problematic(ps []proposal) map[cell]bool {
	trial := newBuilder(b.set, b.db, b.kind)
	trial.proposed = map[cell]ruleset.Rule{}
	trial.looks = b.looks
	replaceable := map[string]cell{}
	for _, p := range ps {
		trial.proposed[p.c.at] = p.rule
		if p.rule.Kind != ruleset.Keep || len(p.others) > 0 {
			replaceable[proposedAt(p.c.at).File] = p.c.at
		}
	}
	trial.resolve()
	bad := map[cell]bool{}
	for _, p := range trial.problems {
		if c, ok := replaceable[p.Pos.File]; ok {
			bad[c] = true
		}
	}
	return bad
}

// proposedAt returns a position for the proposal of a column. The position is in no real file.
func proposedAt(c cell) ruleset.Pos { return ruleset.Pos{File: "\x00" + c.String(), Line: 1} }

// decideProposed gives the columns of a table the rules of proposed. The method decide calls it first, so the rules of
// the rule set replace these rules.
func (b *builder) decideProposed(t *tableState) {
	for _, c := range t.columns {
		if rule, ok := b.proposed[c.at]; ok {
			c.rule, c.pos = &rule, proposedAt(c.at)
		}
	}
}
