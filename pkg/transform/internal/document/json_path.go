package document

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

const jsonPathForms = `is not a path: write $.key, $."any key", $.*, $.list[*], $.list[0], $.list[?(@.kind == "mail")], $..key, ` +
	`and at the end .**, ..* or, for keys, .*~`

// ParseJSONPath splits a path into its steps and its ending.
func ParseJSONPath(path string) (steps []Step, end Ending, err error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, 0, &transform.ParamError{Param: path, Text: `a path starts with $, as in $.contact.email or $."any key"[*]`}
	}
	for suffix, e := range map[string]Ending{".**": EndDeep, ".*~": EndNames, "..*": EndBelow, "..*~": EndInner} {
		if cut, found := strings.CutSuffix(rest, suffix); found && !(e == EndNames && strings.HasSuffix(cut, ".")) {
			rest, end = cut, e
			break
		}
	}
	for rest != "" {
		before := rest
		var s Step
		if s, rest, ok = jsonStep(rest); !ok {
			return nil, 0, &transform.ParamError{Param: path, Text: jsonPathForms}
		}
		s.text = before[:len(before)-len(rest)]
		steps = append(steps, s)
	}
	if len(steps) > 0 && steps[len(steps)-1].kind == stepDown {
		return nil, 0, &transform.ParamError{Param: path, Text: jsonPathForms}
	}
	return steps, end, nil
}

// jsonStep reads one step at the start of s.
func jsonStep(s string) (st Step, rest string, ok bool) {
	switch {
	case strings.HasPrefix(s, "[*]"):
		return Step{kind: stepAnyElem}, s[3:], true
	case strings.HasPrefix(s, "[?"):
		t, rest, ok := parseTest(s[2:])
		return Step{kind: stepTest, test: t}, rest, ok
	case strings.HasPrefix(s, "["):
		digits, rest, ok := strings.Cut(s[1:], "]")
		i, err := strconv.Atoi(digits)
		return Step{kind: stepIndex, index: i}, rest, ok && err == nil && strconv.Itoa(i) == digits && i >= 0
	case strings.HasPrefix(s, "..["):
		return Step{kind: stepDown}, s[2:], true
	case strings.HasPrefix(s, "..") && !strings.HasPrefix(s, "...") && !strings.HasPrefix(s, "..*"):
		return Step{kind: stepDown}, s[1:], true
	case strings.HasPrefix(s, ".*"):
		return Step{kind: stepAnyKey}, s[2:], len(s) == 2 || s[2] == '.' || s[2] == '['
	}
	key, rest, ok := pathKey(s)
	return Step{kind: stepKey, key: key}, rest, ok
}

// pathKey reads .key or ."any key" at the start of s.
func pathKey(s string) (key, tail string, ok bool) {
	s, ok = strings.CutPrefix(s, ".")
	if !ok || s == "" {
		return "", "", false
	}
	if s[0] == '"' {
		return quotedText(s)
	}
	end := strings.IndexAny(s, `.["`)
	if end < 0 {
		end = len(s)
	}
	key = s[:end]
	return key, s[end:], key != "" && !strings.ContainsAny(key, " *~'\\]()=!?@\t\n") && (end == len(s) || s[end] != '"')
}

// quotedText reads a JSON string at the start of s.
func quotedText(s string) (text, tail string, ok bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			err := json.Unmarshal([]byte(s[:i+1]), &text)
			return text, s[i+1:], err == nil
		}
	}
	return "", "", false
}

// test is the condition of a step, for example [?(@.kind == "mail")].
type test struct {
	text   string // as written; equal texts share one node
	keys   []string
	negate bool   // the operator is !=
	kind   byte   // kind of the literal: '"', '0', 't', 'f', 'n'; 0 for a condition that the value exists
	value  string // text of the literal; a number is in canonical form
	to     *node
}

// parseTest reads the part after `[?`, including `]`.
func parseTest(s string) (t test, rest string, ok bool) {
	all := s
	paren := strings.HasPrefix(s, "(")
	s = strings.TrimLeft(strings.TrimPrefix(s, "("), " ")
	if s, ok = strings.CutPrefix(s, "@"); !ok {
		return t, "", false
	}
	for strings.HasPrefix(s, ".") {
		var key string
		if key, s, ok = testKey(s); !ok {
			return t, "", false
		}
		t.keys = append(t.keys, key)
	}
	s = strings.TrimLeft(s, " ")
	equal, unequal := strings.HasPrefix(s, "=="), strings.HasPrefix(s, "!=")
	if equal || unequal {
		t.negate = unequal
		if s, ok = t.literal(strings.TrimLeft(s[2:], " ")); !ok {
			return t, "", false
		}
		s = strings.TrimLeft(s, " ")
	} else if len(t.keys) == 0 {
		return t, "", false
	}
	if paren {
		if s, ok = strings.CutPrefix(s, ")"); !ok {
			return t, "", false
		}
	}
	rest, ok = strings.CutPrefix(s, "]")
	t.text = all[:len(all)-len(rest)]
	return t, rest, ok
}

// testKey reads a key like pathKey. A blank or an operator may follow the key.
func testKey(s string) (key, rest string, ok bool) {
	if strings.HasPrefix(s, `."`) {
		return quotedText(s[1:])
	}
	end := 1
	for end < len(s) && !strings.ContainsRune(` .=!)]"'`, rune(s[end])) {
		end++
	}
	return s[1:end], s[end:], end > 1
}

// literal reads a string, a number, true, false or null.
func (t *test) literal(s string) (rest string, ok bool) {
	switch {
	case strings.HasPrefix(s, `"`):
		t.kind = '"'
		t.value, rest, ok = quotedText(s)
		return rest, ok
	case strings.HasPrefix(s, "'"):
		t.kind = '"'
		t.value, rest, ok = strings.Cut(s[1:], "'")
		return rest, ok && !strings.Contains(t.value, `\`)
	}
	end := strings.IndexAny(s, " )]")
	if end < 0 {
		return "", false
	}
	word := s[:end]
	switch word {
	case "true", "false", "null":
		t.kind = word[0]
		return s[end:], true
	}
	if !json.Valid([]byte(word)) || strings.ContainsAny(word, "eE{[\"") {
		return "", false
	}
	t.kind, t.value = '0', string(canon.AppendNumber(nil, []byte(word)))
	return s[end:], true
}

// Compares reports whether the step has a condition that compares a value of the document.
func (s Step) Compares() bool { return s.kind == stepTest && s.test.kind != 0 }

// OpensKeys reports whether a path accepts keys that no path names and no path treats.
func OpensKeys(all []transform.Path, steps []Step, end Ending) bool {
	has := func(p string) bool {
		return slices.ContainsFunc(all, func(q transform.Path) bool { return q.Path == p })
	}
	if has("$..*~") {
		return false
	}
	at := "$"
	for _, s := range steps {
		if s.kind == stepDown || s.kind == stepTest || s.kind == stepAnyKey && !has(at+".*~") {
			return true
		}
		at += s.text
	}
	return (end == EndDeep || end == EndBelow) && !has(at+"..*~")
}
