package transform

// ParamError says what is wrong with a rule: the parameter (a Params key, "treat", "as", "subject", or a
// JSON path) and a sentence with the next step. It is about the rule and the schema, never about a value.
type ParamError struct {
	Param string
	Text  string
}

func (e *ParamError) Error() string { return e.Param + ": " + e.Text }

// Error is why a value could not be treated. It is a constant: it stops the refresh and never holds the value.
type Error struct {
	Code string // stable, kebab-case
	Text string
}

func (e *Error) Error() string { return e.Text }
