package formula

import "github.com/masker-project/masker/pkg/transform"

// Compiled is a formula that was checked, at work on the rows of a table. It belongs to one goroutine.
type Compiled struct {
	term term
	at   evaluation
}

// Check says what kind of value the formula has over these columns, or what is wrong with it.
func (f *Formula) Check(reads []transform.Read) (Kind, error) {
	_, k, err := f.build(reads)
	return k, err
}

// Compile gives a formula that check has accepted the columns it looks at.
func (f *Formula) Compile(reads []transform.Read, of columns) *Compiled {
	t, _, err := f.build(reads)
	if err != nil {
		panic("transform: a formula that was checked compiles")
	}
	return &Compiled{t, evaluation{columns: of}}
}

// Value is what the formula gives for a row. It is valid until the next row.
func (c *Compiled) Value(row transform.Row) (Value, error) {
	c.at.row = row
	return c.term.eval(&c.at)
}

// ConditionReads lists the columns a condition looks at.
func ConditionReads(source string) ([]transform.Wanted, error) {
	f, err := Parse("when", source, false)
	if err != nil {
		return nil, err
	}
	return f.Wanted, nil
}

// CheckCondition says what is wrong with a condition.
func CheckCondition(source string, reads []transform.Read) error {
	f, err := Parse("when", source, false)
	if err != nil {
		return err
	}
	k, err := f.Check(reads)
	if err != nil {
		return err
	}
	if k != Bool {
		return f.Fail(0, "is %s, it must be true or false", k)
	}
	return nil
}

// Condition is a compiled `when`.
type Condition struct{ formula *Compiled }

// NewCondition compiles a condition that CheckCondition has accepted.
func NewCondition(source string, reads []transform.Read, of columns) *Condition {
	f, err := Parse("when", source, false)
	if err != nil {
		panic("transform: a condition that was checked compiles")
	}
	return &Condition{f.Compile(reads, of)}
}

// Holds says whether the condition is true of a row. One that is NULL stops the refresh.
func (c *Condition) Holds(row transform.Row) (bool, error) {
	v, err := c.formula.Value(row)
	if err == nil && v.Null {
		err = faultCondition.err()
	}
	return v.Truth, err
}
