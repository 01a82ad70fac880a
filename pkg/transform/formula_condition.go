package transform

// compiled is a formula that was checked, at work on the rows of a table. It belongs to one goroutine.
type compiled struct {
	term term
	at   evaluation
}

// check says what kind of value the formula has over these columns, or what is wrong with it.
func (f *formula) check(reads []Read) (valueKind, error) {
	_, k, err := f.build(reads)
	return k, err
}

// compile gives a formula that check has accepted the columns it looks at.
func (f *formula) compile(reads []Read, of columns) *compiled {
	t, _, err := f.build(reads)
	if err != nil {
		panic("transform: a formula that was checked compiles")
	}
	return &compiled{t, evaluation{columns: of}}
}

// value is what the formula gives for a row. It is valid until the next row.
func (c *compiled) value(row Row) (value, error) {
	c.at.row = row
	return c.term.eval(&c.at)
}

// conditionReads lists the columns a condition looks at.
func conditionReads(source string) ([]Wanted, error) {
	f, err := parseFormula("when", source, false)
	if err != nil {
		return nil, err
	}
	return f.wanted, nil
}

// checkCondition says what is wrong with a condition.
func checkCondition(source string, reads []Read) error {
	f, err := parseFormula("when", source, false)
	if err != nil {
		return err
	}
	k, err := f.check(reads)
	if err != nil {
		return err
	}
	if k != boolKind {
		return f.fail(0, "is %s, it must be true or false", k)
	}
	return nil
}

// condition is a compiled `when`.
type condition struct{ formula *compiled }

// newCondition compiles a condition that checkCondition has accepted.
func newCondition(source string, reads []Read, of columns) *condition {
	f, err := parseFormula("when", source, false)
	if err != nil {
		panic("transform: a condition that was checked compiles")
	}
	return &condition{f.compile(reads, of)}
}

// holds says whether the condition is true of a row. One that is NULL stops the refresh.
func (c *condition) holds(row Row) (bool, error) {
	v, err := c.formula.value(row)
	if err == nil && v.null {
		err = faultCondition.err()
	}
	return v.truth, err
}
