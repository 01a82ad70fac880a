package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/plan"
)

// leaf is one scalar of a JSON tree, with its path.
type leaf struct {
	path string
	set  func(any)
	now  any
}

// leaves lists every scalar of a tree, with a function that replaces it.
func leaves(path string, v any, set func(any)) []leaf {
	var out []leaf
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			out = append(out, leaves(path+"/"+k, e, func(n any) { v[k] = n })...)
		}
	case []any:
		for i, e := range v {
			out = append(out, leaves(fmt.Sprintf("%s/%d", path, i), e, func(n any) { v[i] = n })...)
		}
	default:
		out = append(out, leaf{path, set, v})
	}
	slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return out
}

func tree(t interface{ Fatal(...any) }, d plan.Decisions) any {
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func decoded(t interface{ Fatal(...any) }, v any) plan.Decisions {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var d plan.Decisions
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func other(v any) any {
	switch v := v.(type) {
	case string:
		return v + "x"
	case bool:
		return !v
	case json.Number:
		return json.Number("7" + strings.TrimPrefix(v.String(), "-"))
	}
	return "x"
}
