package formula

import "github.com/masker-project/masker/pkg/transform"

// Compiled is a checked formula that evaluates rows. It belongs to one goroutine.
type Compiled struct {
	term term
	at   evaluation
}

// Check returns the kind of the formula's value. The argument reads holds the columns that the formula reads. Check
// returns an error if the formula is not valid.
func (f *Formula) Check(reads []transform.Read) (Kind, error) {
	_, k, err := f.build(reads)
	return k, err
}

// Compile returns the Compiled of a formula. Check must have accepted the formula. The argument access reads the
// formula's columns.
func (f *Formula) Compile(reads []transform.Read, access columns) *Compiled {
	t, _, err := f.build(reads)
	if err != nil {
		panic("transform: a formula that was checked must compile")
	}
	return &Compiled{t, evaluation{columns: access}}
}

// Value returns the formula's value for a row. The value is valid until the next call.
func (c *Compiled) Value(row transform.Row) (Value, error) {
	c.at.row = row
	return c.term.eval(&c.at)
}

// ConditionReads lists the columns that a condition reads.
func ConditionReads(source string) ([]transform.Wanted, error) {
	f, err := Parse("when", source, false)
	if err != nil {
		return nil, err
	}
	return f.Wanted, nil
}

// CheckCondition returns an error if a condition is not valid.
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
		return f.Fail(0, "is %s, but it must be true or false", k)
	}
	return nil
}

// Condition is a compiled `when`.
type Condition struct{ formula *Compiled }

// NewCondition compiles a condition. CheckCondition must have accepted the condition.
func NewCondition(source string, reads []transform.Read, of columns) *Condition {
	f, err := Parse("when", source, false)
	if err != nil {
		panic("transform: a condition that was checked must compile")
	}
	return &Condition{f.Compile(reads, of)}
}

// Holds reports whether the condition is true for a row. If the condition is NULL, Holds returns an error, which stops
// the refresh.
func (c *Condition) Holds(row transform.Row) (bool, error) {
	v, err := c.formula.Value(row)
	if err == nil && v.Null {
		err = faultCondition.err()
	}
	return v.Truth, err
}
