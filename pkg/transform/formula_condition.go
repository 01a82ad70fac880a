package transform

// conditionReads lists the columns a condition looks at.
func conditionReads(source string) ([]Wanted, error) {
	f, err := parseFormula("when", source, false)
	if err != nil {
		return nil, err
	}
	return f.wanted, nil
}

func checkCondition(source string, reads []Read) error {
	f, err := parseFormula("when", source, false)
	if err != nil {
		return err
	}
	_, k, err := f.build(reads)
	if err != nil {
		return err
	}
	if k != boolKind {
		return f.fail(0, "is %s, it must be true or false", k)
	}
	return nil
}

// condition is a compiled `when`.
type condition struct {
	term term
	at   evaluation
}

func newCondition(source string, u Use, k Keys) *condition {
	t, _ := mustBuild("when", source, false, u.Reads)
	return &condition{term: t, at: evaluation{reading: newReading(library{}, u, k)}}
}

func mustBuild(param, source string, prefix bool, reads []Read) (term, valueKind) {
	f, err := parseFormula(param, source, prefix)
	if err == nil {
		var t term
		var k valueKind
		if t, k, err = f.build(reads); err == nil {
			return t, k
		}
	}
	panic("transform: a formula that was checked compiles")
}

func (c *condition) holds(row Row) (bool, error) {
	c.at.row = row
	v, err := c.term.eval(&c.at)
	if err == nil && v.null {
		err = faultCondition.err()
	}
	return v.truth, err
}
