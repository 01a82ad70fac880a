package treatment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform"
)

// Args reads a rule's parameters as the Spec declares them. It stores the first error.
type Args struct {
	spec   *transform.Spec
	params transform.Params
	err    *transform.ParamError
}

// ReadArgs returns the Args of a rule's parameters. It returns an error for a parameter that the treatment does not
// declare, and for a missing required parameter.
func ReadArgs(spec *transform.Spec, params transform.Params) (*Args, error) {
	var known []string
	for _, p := range spec.Params {
		known = append(known, p.Name)
		if _, given := params[p.Name]; p.Required && !given {
			return nil, &transform.ParamError{Param: p.Name, Text: fmt.Sprintf("%s needs it: %s", spec.Name, p.Doc)}
		}
	}
	var given []string
	for name := range params {
		given = append(given, name)
	}
	slices.Sort(given) // the same rule must always give the same error
	for _, name := range given {
		if !slices.Contains(known, name) {
			hint := spell.Mean(name, known)
			if hint == "" && len(known) == 0 {
				hint = "; it takes none"
			} else if hint == "" {
				hint = "; it takes " + strings.Join(known, ", ")
			}
			return nil, &transform.ParamError{Param: name, Text: fmt.Sprintf("%s has no such parameter%s", spec.Name, hint)}
		}
	}
	return ArgsOf(spec, params), nil
}

// ArgsOf returns the Args of parameters that were checked before.
func ArgsOf(spec *transform.Spec, params transform.Params) *Args {
	return &Args{spec: spec, params: params}
}

// Problem returns the first error, or nil.
func (a *Args) Problem() error {
	if a.err != nil {
		return a.err
	}
	return nil
}

// Fail records an error about a parameter, unless there is an error already.
func (a *Args) Fail(name, format string, v ...any) {
	if a.err == nil {
		a.err = &transform.ParamError{Param: name, Text: fmt.Sprintf(format, v...)}
	}
}

// Given reports whether the rule states the parameter.
func (a *Args) Given(name string) bool {
	_, ok := a.params[name]
	return ok
}

// Value returns the parameter from the rule, or its default.
func (a *Args) Value(name string) any {
	if v, ok := a.params[name]; ok {
		return v
	}
	for _, p := range a.spec.Params {
		if p.Name == name {
			return p.Default
		}
	}
	return nil
}

// Integer returns a whole number in [lo, hi].
func (a *Args) Integer(name string, lo, hi int64) int64 {
	n, ok := asInt(a.Value(name))
	if !ok || n < lo || n > hi {
		a.Fail(name, "must be a whole number from %d to %d", lo, hi)
		return lo
	}
	return n
}

// Text returns a string. It refuses numbers, because YAML may already have changed their form.
func (a *Args) Text(name string) string {
	s, ok := a.Value(name).(string)
	if !ok {
		a.Fail(name, "must be a text; quote it")
	}
	return s
}

// Word returns one of the allowed words.
func (a *Args) Word(name string, allowed ...string) string {
	s, ok := a.Value(name).(string)
	if !ok || !slices.Contains(allowed, s) {
		a.Fail(name, "must be %s", strings.Join(allowed, " or "))
	}
	return s
}

// Interval returns the limits of an interval. Both limits belong to the interval.
func (a *Args) Interval(name string) (lo, hi int64) {
	list, _ := a.Value(name).([]any)
	if len(list) == 2 {
		l, ok1 := asInt(list[0])
		h, ok2 := asInt(list[1])
		if ok1 && ok2 && l < h {
			return l, h
		}
	}
	a.Fail(name, "must be two whole numbers, the lower first, both included: [1, 1000000]")
	return 0, 1
}

// Unused refuses a parameter that has no effect on this column.
func (a *Args) Unused(name string, c transform.Column) {
	if a.Given(name) {
		a.Fail(name, "means nothing for type %s; remove it", TypeName(c))
	}
}
