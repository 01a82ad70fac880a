package document

import "strings"

// ParseXMLPath splits a path into its steps and its ending.
func ParseXMLPath(path string) (steps []Step, end Ending, ok bool) {
	if path == "/" {
		return nil, endHere, true
	}
	rest := path
	if cut, found := strings.CutSuffix(rest, "/**"); found {
		rest, end = cut, EndDeep
	} else if cut, found := strings.CutSuffix(rest, "//*"); found {
		rest, end = cut, EndBelow
	}
	if path == "" {
		return nil, 0, false
	}
	for rest != "" {
		if rest, ok = strings.CutPrefix(rest, "/"); !ok {
			return nil, 0, false
		}
		if deeper, found := strings.CutPrefix(rest, "/"); found {
			steps, rest = append(steps, Step{kind: stepDown, text: "/"}), deeper
		}
		name := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			name = rest[:i]
		}
		rest = rest[len(name):]
		plain, attribute := strings.CutPrefix(name, "@")
		wild := plain == "*"
		if !wild && xmlName([]byte(plain)) != len(plain) || plain == "" || attribute && rest+end.suffix() != "" {
			return nil, 0, false
		}
		kind := stepKey
		if wild && !attribute {
			kind = stepAnyKey
		}
		steps = append(steps, Step{kind: kind, key: name, text: "/" + name})
	}
	return steps, end, len(steps) > 0 || end != endHere
}

// suffix returns "" for a path that ends at a value.
func (e Ending) suffix() string {
	if e == endHere {
		return ""
	}
	return "/"
}

// xmlName returns the length of the name at the start of b. It returns 0 if there is none.
func xmlName(b []byte) int {
	for i, c := range b {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}
