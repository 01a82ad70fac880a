package treatment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform"
)

// Args reads a rule's parameters against what the Spec declares. The first problem is kept.
type Args struct {
	spec   *transform.Spec
	params transform.Params
	err    *transform.ParamError
}

// ReadArgs refuses parameters that the treatment does not declare, and wants those it needs.
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
	slices.Sort(given) // so that the same rule always names the same problem
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

// ArgsOf reads parameters that were checked before.
func ArgsOf(spec *transform.Spec, params transform.Params) *Args {
	return &Args{spec: spec, params: params}
}

// Problem is the first that was found.
func (a *Args) Problem() error {
	if a.err != nil {
		return a.err
	}
	return nil
}

// Fail notes a problem with a parameter, unless there is one already.
func (a *Args) Fail(name, format string, v ...any) {
	if a.err == nil {
		a.err = &transform.ParamError{Param: name, Text: fmt.Sprintf(format, v...)}
	}
}

// Given says whether the rule states the parameter.
func (a *Args) Given(name string) bool {
	_, ok := a.params[name]
	return ok
}

// Value is the parameter as the rule gave it, else its default.
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

// Integer reads a whole number in [lo, hi].
func (a *Args) Integer(name string, lo, hi int64) int64 {
	n, ok := asInt(a.Value(name))
	if !ok || n < lo || n > hi {
		a.Fail(name, "wants a whole number from %d to %d", lo, hi)
		return lo
	}
	return n
}

// Text reads a string; numbers are refused because YAML may already have changed their form.
func (a *Args) Text(name string) string {
	s, ok := a.Value(name).(string)
	if !ok {
		a.Fail(name, "wants a text; quote it")
	}
	return s
}

// Word reads one of a few words.
func (a *Args) Word(name string, allowed ...string) string {
	s, ok := a.Value(name).(string)
	if !ok || !slices.Contains(allowed, s) {
		a.Fail(name, "wants %s", strings.Join(allowed, " or "))
	}
	return s
}

// Interval reads [lo, hi], both included.
func (a *Args) Interval(name string) (lo, hi int64) {
	list, _ := a.Value(name).([]any)
	if len(list) == 2 {
		l, ok1 := asInt(list[0])
		h, ok2 := asInt(list[1])
		if ok1 && ok2 && l < h {
			return l, h
		}
	}
	a.Fail(name, "wants two whole numbers, the lower first, both included: [1, 1000000]")
	return 0, 1
}

// Unused refuses a parameter that means nothing on this column.
func (a *Args) Unused(name string, c transform.Column) {
	if a.Given(name) {
		a.Fail(name, "means nothing for type %s", TypeName(c))
	}
}
