package transform

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestParamsSurviveJSON(t *testing.T) {
	leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.StringMatching(`[a-z<&"]*`).AsAny())
	rapid.Check(t, func(t *rapid.T) {
		p := Params{"a": leaf.Draw(t, "a"), "list": []any{leaf.Draw(t, "b"), map[string]any{"x": leaf.Draw(t, "c")}}}
		checkRoundTrip(t, p)
	})
	checkRoundTrip(t, nil)
}

func checkRoundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, p Params,
) {
	t.Helper()
	data, err := json.Marshal(p)
	var again Params
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	if err != nil || !reflect.DeepEqual(p, again) {
		t.Fatalf("%#v became %s, then %#v (%v)", p, data, again, err)
	}
}
