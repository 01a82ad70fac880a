package transform

// ParamError is an error in a rule. Param is the name of a parameter, a word of the rule such as "treat" or "when", or
// the Path of a nested rule. Text says what is wrong and what to do next. The error describes the rule and the schema,
// and never contains a value of a row.
type ParamError struct {
	Param string
	Text  string
}

func (e *ParamError) Error() string { return e.Param + ": " + e.Text }

// Error says why a value cannot be treated, or why the program of the treatment command cannot run. Its text never
// contains a value. The error stops the refresh.
type Error struct {
	Code string // a stable name in kebab-case
	Text string
}

func (e *Error) Error() string { return e.Text }
