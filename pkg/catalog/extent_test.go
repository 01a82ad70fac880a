package catalog

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Other processes and other versions of masker may read extents, so their JSON form must not change.
func TestCutHasStableJSON(t *testing.T) {
	name := Name{Schema: "public", Name: "Orders"}
	want := []Want{
		{Table: name, Columns: []string{"id", "memo"}, Binary: true, Joins: []Join{{Path: "customer_id", Parent: Name{Schema: "public", Name: "customers"}, Key: "id"}}, Extras: []Extra{{Path: "customer_id", Column: "name"}}},
		{Table: Name{Schema: "public", Name: "bare"}, Columns: []string{}},
	}
	c := Cut{
		Handle: Handle{Snapshot: "00000003-0000001B-1", SystemID: "7", Database: "shop", Wants: DigestWants(want)},
		Extents: []Extent{
			{Want: 0, Table: name, Index: 0, Of: 2, Pages: []Pages{{From: 0, To: 8}}, Bytes: 65536},
			{Want: 0, Table: name, Index: 1, Of: 2, Pages: []Pages{{From: 128, To: 256}, {From: 8}}, Bytes: 65536},
			{Want: 1, Table: want[1].Table, Index: 0, Of: 1},
		},
		Sequential: true,
	}
	const form = `{"handle":{"snapshot":"00000003-0000001B-1","system_id":"7","database":"shop","wants":"` + digest + `"},` +
		`"extents":[{"want":0,"table":{"schema":"public","name":"Orders"},"index":0,"of":2,"pages":[{"from":0,"to":8}],"bytes":65536},` +
		`{"want":0,"table":{"schema":"public","name":"Orders"},"index":1,"of":2,"pages":[{"from":128,"to":256},{"from":8,"to":0}],"bytes":65536},` +
		`{"want":1,"table":{"schema":"public","name":"bare"},"index":0,"of":1,"bytes":0}],"sequential":true}`
	data, err := json.Marshal(c)
	if err != nil || string(data) != form {
		t.Errorf("%s\nwant\n%s\n%v", data, form, err)
	}
	var back Cut
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("came back as %+v, %v", back, err)
	}
	want[0], want[1] = want[1], want[0]
	if DigestWants(want) == c.Handle.Wants {
		t.Error("wants in another order have the same digest: an extent could name the wrong table")
	}
}

const digest = "52332031f4f23aeff049d7e9a07e1dcd53b7eecf98a4a3f36750231f6fd50203"
