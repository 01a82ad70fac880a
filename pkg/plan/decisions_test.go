package plan

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"

	"pgregory.net/rapid"
)

// rich is the plan of sketch.Rich.
func rich(t *testing.T) *Plan {
	t.Helper()
	db, set := sketch.Rich(t)
	p, err := Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func plans(t *testing.T) map[string]*Plan {
	return map[string]*Plan{"shop": shop(t), "rich": rich(t)}
}

func written(t *testing.T, d Decisions) []byte {
	t.Helper()
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestR3DecisionsSurviveAFile(t *testing.T) {
	for name, p := range plans(t) {
		d := p.Decisions()
		if d.Digest() != p.Digest() {
			t.Errorf("%s: the digest of its decisions is not the plan's", name)
		}
		back, err := ParseDecisions(written(t, d))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if back.Digest() != p.Digest() {
			t.Errorf("%s: another digest after writing and reading", name)
		}
	}
	if p := rich(t); p.Decisions().Tables[3].Columns[0].Discloses != "unchanged" && p.at(t, "people", "kind").Discloses != "unchanged" {
		t.Error("the digest does not cover what a column discloses")
	}
}

// TestParametersSurviveJSON checks that integers beyond 2^53, fractions and nested values are the same after
// they were written and read.
func TestParametersSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Decisions{Version: DecisionsVersion, Objects: []DecidedObject{}, Hooks: []Hook{}, Waivers: []DecidedWaiver{}, Tables: []DecidedTable{{Columns: []DecidedColumn{{Name: "a"}}}}}
		use := &d.Tables[0].Columns[0].Use
		use.Params = transform.Params{"p": value(3).Draw(t, "value"), "q": rapid.Int64().Draw(t, "integer")}
		use.Else = &transform.Use{Params: transform.Params{"r": value(1).Draw(t, "other")}}
		use.Paths = []transform.Path{{Path: "$", Use: transform.Use{Reads: []transform.Read{{Use: &transform.Use{Params: transform.Params{"s": value(1).Draw(t, "read")}}}}}}}
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseDecisions(data)
		if err != nil {
			t.Fatal(err)
		}
		if back.Digest() != d.Digest() {
			t.Fatalf("another digest for %s", data)
		}
		if got, ok := back.Tables[0].Columns[0].Use.Params["q"].(int64); !ok || got != use.Params["q"] {
			t.Fatalf("the integer is %T %v", back.Tables[0].Columns[0].Use.Params["q"], got)
		}
	})
}

func value(depth int) *rapid.Generator[any] {
	leaf := []*rapid.Generator[any]{
		rapid.Int64().AsAny(), rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
		rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }).AsAny(),
		rapid.SampledFrom([]any{int64(math.MaxInt64), int64(math.MinInt64), 1e20, 5.0, math.Copysign(0, -1)}).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(leaf...)
	}
	return rapid.OneOf(append(leaf, rapid.SliceOfN(value(depth-1), 0, 3).AsAny(), rapid.MapOfN(rapid.String(), value(depth-1), 0, 3).AsAny())...)
}

func TestDecisionsAreReadStrictly(t *testing.T) {
	good := string(written(t, rich(t).Decisions()))
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":     {`"revision": 1`, `"revision": 1, "secret": 1`, `unknown field "secret"`},
		"doubled key":     {`"revision": 1`, `"revision": 2, "revision": 1`, "not as masker writes them"},
		"another case":    {`"revision": 1`, `"Revision": 1`, "not as masker writes them"},
		"missing key":     {`"revision": 1,`, ``, "not as masker writes them"},
		"wrong kind":      {`"revision": 1`, `"revision": "1"`, "revision is of the wrong kind"},
		"another version": {`"version": 3`, `"version": 2`, "this masker reads version 3"},
		"null list":       {`"hooks": [`, `"hooks": null, "x": [`, "unknown field"},
		"too large":       {`2000000000`, `1e999`, "does not fit in 64 bits"},
		"number's form":   {`2000000000`, `2e9`, "not as masker writes them"},
		"column twice":    {`"name": "kind"`, `"name": "id"`, "stands twice"},
		"objects twice":   {`"kind": "event_triggers"`, `"kind": "large_objects"`, "decided twice"},
		"waived twice":    {"\"unique-expression\",\n      \"on\": \"public.orders\"", "\"check-may-break\",\n      \"on\": \"public.orders.tag\"", "waived twice"},
		"out of order":    {`"name": "lines"`, `"name": "zzz"`, "out of order"},
		"not JSON":        {`{`, `{{`, "not JSON at byte"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the file has no %s", c.old)
			}
			_, err := ParseDecisions([]byte(strings.Replace(good, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	for _, text := range []string{"", good[:len(good)/2], good + "{}", good + " x", `{"version": 3}`, `[]`, strings.Replace(good, `"hooks": [`, `"hooks": null, "hooks": [`, 1)} {
		if _, err := ParseDecisions([]byte(text)); err == nil {
			t.Errorf("%.40s… is read", text)
		}
	}
}

func FuzzParseDecisions(f *testing.F) {
	f.Add([]byte(`{"version":3,"library":"","revision":0,"target_kind":"","tables":[],"objects":[],"hooks":[],"waivers":[]}`))
	f.Add([]byte(`{"version":3,"library":"l","revision":1,"target_kind":"local","tables":[{"name":{"schema":"a","name":"b"},"skip":false,"subject":"","columns":[{"name":"c","type":{"name":"","base":"","family":"","binary":false},"not_null":false,"generated":false,"class":"","use":{"treatment":"mask","params":{"keep_last":-0}}}]}],"objects":[],"hooks":["x"],"waivers":[{"finding":"a","on":"b.c","owner":"o","reason":"r","until":"u"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDecisions(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseDecisions(again)
		if err != nil || back.Digest() != d.Digest() {
			t.Fatalf("%v after %s", err, again)
		}
	})
}

func TestCopyKeepsEveryColumn(t *testing.T) {
	db := schema(t, people, "public.orders: id int! pk seq, person_id int -> public.people.id, mail text unique", "public.cache: v text", "public.ext: v text", "public.parts: id int! part", "public.parts_1: id int! part")
	db.Tables[2].Unlogged = true
	db.Tables[3].ExtMember = "ext"
	root := db.Tables[4].Name
	db.Tables[4].Partitioned = true
	db.Tables[5].PartitionOf, db.Tables[5].Root = &root, &root
	db.LargeObjects.Any = true
	db.ForeignServers = append(db.ForeignServers, catalog.ForeignServer{Name: "away"})
	db.ForeignTables = append(db.ForeignTables, catalog.Name{Schema: "public", Name: "far"})
	db.EventTriggers = []string{"tell"}
	p, err := Copy(db, "local")
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, tab := range p.Tables {
		if tab.Skip != (tab.Name.Name == "ext") {
			t.Errorf("%s: skip %v", tab.Name, tab.Skip)
		}
		for _, c := range tab.Columns {
			if !tab.Skip && !c.Generated && (!c.Keeps() || c.Discloses != transform.Unchanged || !strings.Contains(c.Reason, copyReason)) {
				t.Errorf("%s.%s: %+v", tab.Name, c.Name, c)
			}
			kept++
		}
	}
	if kept != 12 || p.TargetKind != "local" || len(p.Findings) > 0 {
		t.Errorf("%d columns for %s, findings %v", kept, p.TargetKind, p.Findings)
	}
	var got []string
	for _, o := range p.Objects {
		got = append(got, o.Kind+"="+o.Decision)
	}
	want := "large_objects=keep foreign_servers=drop foreign_tables=empty event_triggers=drop job_schedulers=drop unlogged_tables=keep extension_tables=drop comments=keep"
	if strings.Join(got, " ") != want {
		t.Errorf("objects: %v", got)
	}
	again, err := ParseDecisions(written(t, p.Decisions()))
	if err != nil || again.Digest() != p.Digest() {
		t.Errorf("the decisions of a copy cannot be read: %v", err)
	}
	if _, err := Copy(db, "production"); err == nil {
		t.Error("a copy into production is planned")
	}
}
