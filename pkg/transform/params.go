package transform

import (
	"fmt"
	"slices"
	"strings"
)

// args reads a rule's parameters against what the Spec declares. The first problem is kept.
type args struct {
	spec   *Spec
	params Params
	err    *ParamError
}

func readArgs(spec *Spec, params Params) (*args, error) {
	var known []string
	for _, p := range spec.Params {
		known = append(known, p.Name)
		if _, given := params[p.Name]; p.Required && !given {
			return nil, &ParamError{p.Name, fmt.Sprintf("%s needs it: %s", spec.Name, p.Doc)}
		}
	}
	var given []string
	for name := range params {
		given = append(given, name)
	}
	slices.Sort(given) // so that the same rule always names the same problem
	for _, name := range given {
		if !slices.Contains(known, name) {
			hint := nearest(name, known)
			if hint == "" && len(known) == 0 {
				hint = "; it takes none"
			} else if hint == "" {
				hint = "; it takes " + strings.Join(known, ", ")
			}
			return nil, &ParamError{name, fmt.Sprintf("%s has no such parameter%s", spec.Name, hint)}
		}
	}
	return argsOf(spec, params), nil
}

// argsOf reads parameters that were checked before.
func argsOf(spec *Spec, params Params) *args { return &args{spec: spec, params: params} }

// problem is the first that was found.
func (a *args) problem() error {
	if a.err != nil {
		return a.err
	}
	return nil
}

func (a *args) fail(name, format string, v ...any) {
	if a.err == nil {
		a.err = &ParamError{name, fmt.Sprintf(format, v...)}
	}
}

// given says whether the rule states the parameter.
func (a *args) given(name string) bool {
	_, ok := a.params[name]
	return ok
}

func (a *args) value(name string) any {
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

// integer reads a whole number in [lo, hi].
func (a *args) integer(name string, lo, hi int64) int64 {
	n, ok := asInt(a.value(name))
	if !ok || n < lo || n > hi {
		a.fail(name, "wants a whole number from %d to %d", lo, hi)
		return lo
	}
	return n
}

// text reads a string; numbers are refused because YAML may already have changed their form.
func (a *args) text(name string) string {
	s, ok := a.value(name).(string)
	if !ok {
		a.fail(name, "wants a text; quote it")
	}
	return s
}

// word reads one of a few words.
func (a *args) word(name string, allowed ...string) string {
	s, ok := a.value(name).(string)
	if !ok || !slices.Contains(allowed, s) {
		a.fail(name, "wants %s", strings.Join(allowed, " or "))
	}
	return s
}

// interval reads [lo, hi], both included.
func (a *args) interval(name string) (lo, hi int64) {
	list, _ := a.value(name).([]any)
	if len(list) == 2 {
		l, ok1 := asInt(list[0])
		h, ok2 := asInt(list[1])
		if ok1 && ok2 && l < h {
			return l, h
		}
	}
	a.fail(name, "wants two whole numbers, the lower first, both included: [1, 1000000]")
	return 0, 1
}

// unused refuses a parameter that means nothing on this column.
func (a *args) unused(name string, c Column) {
	if a.given(name) {
		a.fail(name, "means nothing for type %s", typeName(c))
	}
}
