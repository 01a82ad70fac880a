package transform

// ParamError is an error in a rule. Param is a key of Params, one of "treat", "as" and "subject", or a JSON path.
// Text says what is wrong and what to do next. The error concerns the rule and the schema and never holds a value.
type ParamError struct {
	Param string
	Text  string
}

func (e *ParamError) Error() string { return e.Param + ": " + e.Text }

// Error says why a value cannot be treated. It is a constant and never holds the value. It stops the refresh.
type Error struct {
	Code string // stable, kebab-case
	Text string
}

func (e *Error) Error() string { return e.Text }
