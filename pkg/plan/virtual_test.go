package plan

import (
	"strings"
	"testing"
)

func TestDecisionsFollowVirtualKeys(t *testing.T) {
	db := schema(t, "public.users: id bigint! pk, email text", "public.events: id int! pk, user_id int, again numeric")
	p := mustBuild(t, db, `
virtual_keys:
  - {from: public.events.user_id, to: public.users.id}
  - {from: public.events.again, to: public.events.user_id}
tables:
  public.users: {columns: {id: {treat: token, range: [1, 1000000]}, email: {class: email}}}
  public.events: {columns: {id: {keep: x}}}
`)
	root := p.at(t, "users", "id").Use
	for _, name := range []string{"user_id", "again"} {
		c := p.at(t, "events", name)
		if c.Use.Treatment != "token" || c.Use.Domain != root.Domain || !strings.HasPrefix(c.Reason, "follows ") {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestCompositeVirtualKeysFollowColumnByColumn(t *testing.T) {
	db := schema(t, "public.a: tenant int!, code text!", "public.b: t int, c text")
	p := mustBuild(t, db, `
virtual_keys: [{from: [public.b.t, public.b.c], to: [public.a.tenant, public.a.code]}]
tables: {public.a: {columns: {tenant: {keep: x}, code: {treat: token}}}}
`)
	if p.at(t, "b", "t").Use.Treatment != "keep" || p.at(t, "b", "c").Use.Domain != "public.a.code" {
		t.Errorf("%+v", p.at(t, "b", "c"))
	}
}

func TestAParentsColumnIsReadThroughAVirtualKey(t *testing.T) {
	db := schema(t, "public.users: id int! pk, email text", "public.notes: user_id int, kind text")
	p := mustBuild(t, db, `
virtual_keys: [{from: public.notes.user_id, to: public.users.id}]
tables:
  public.users: {columns: {id: {keep: x}, email: {class: email}}}
  public.notes: {columns: {kind: {treat: redact, when: 'user_id.email == ""', else: {keep: x}}}}
`)
	if joins := p.Table(p.Tables[0].Name).Joins; len(joins) != 1 || joins[0].Parent.Name != "users" {
		t.Errorf("%+v", joins)
	}
}

func TestATypeColumnChoosesBetweenTreatments(t *testing.T) {
	db := schema(t, "public.users: id int! pk", "public.companies: id int! pk", "public.comments: owner_id int, kind text")
	p := mustBuild(t, db, ownersWith("{keep: x}", "{treat: token, range: [1, 99999]}", "", ""))
	use := p.at(t, "comments", "owner_id").Use
	if use.When != `kind == "User"` || use.Treatment != "keep" || use.Else == nil || use.Else.When != `kind == "Company"` ||
		use.Else.Treatment != "token" || use.Else.Domain != "public.companies.id" || use.Else.Else.Treatment != "null" {
		t.Errorf("%+v", use)
	}
	p = mustBuild(t, db, ownersWith("{keep: x}", "{treat: token, range: [1, 99999]}", "", ", else: {treat: redact}"))
	if use := p.at(t, "comments", "owner_id").Use; use.Else.Else.Treatment != "redact" {
		t.Errorf("%+v", use)
	}
	db = schema(t, "public.users: id int! pk", "public.companies: id int! pk", "public.comments: owner_id int!, kind text")
	_, err := build(t, db, ownersWith("{keep: x}", "{treat: token, range: [1, 99999]}", "", ""))
	if got := texts(err); !strings.Contains(got, "r.yaml:9:5: public.comments.owner_id is NOT NULL") {
		t.Error(got)
	}
}

const owners = `
tables:
  public.users:     {columns: {id: %USERS%}}
  public.companies: {columns: {id: %COMPANIES%}}
  public.comments:  {columns: {kind: {keep: x}%OWN%}}
virtual_keys:
  - {from: public.comments.owner_id, to: {User: public.users.id, Company: public.companies.id}, by: kind%ELSE%}
`

func ownersWith(users, companies, own, rest string) string {
	return strings.NewReplacer("%USERS%", users, "%COMPANIES%", companies, "%OWN%", own, "%ELSE%", rest).Replace(owners)
}

func TestATypeColumnChoosesBetweenTargets(t *testing.T) {
	db := schema(t, "public.users: id int! pk", "public.companies: id int! pk", "public.comments: owner_id int, kind text")
	p := mustBuild(t, db, ownersWith("{keep: x}", "{keep: y}", "", ""))
	if c := p.at(t, "comments", "owner_id"); c.Use.Treatment != "keep" || c.Use.When != "" || c.Reason != "follows public.users.id and public.companies.id" {
		t.Errorf("targets that agree need no condition: %+v", c)
	}
	p = mustBuild(t, db, ownersWith("{treat: token, range: [1, 9999], domain: d}", "{treat: token, range: [1, 9999], domain: d}", "", ""))
	if c := p.at(t, "comments", "owner_id"); c.Use.Domain != "d" || c.Use.When != "" {
		t.Errorf("targets that agree need no condition: %+v", c)
	}
	_, err := build(t, db, ownersWith("{keep: x}", "{treat: token, range: [1, 9999]}", ", owner_id: {keep: x}", ""))
	if got := texts(err); !strings.Contains(got, "r.yaml:7:49: public.comments.owner_id references public.companies.id (decided at r.yaml:6:32) by the virtual key at r.yaml:9:5") {
		t.Error(got)
	}
}

func TestDocumentsFollowVirtualKeys(t *testing.T) {
	db := schema(t, "public.users: id int! pk", "public.events: payload jsonb")
	rules := func(users, events string) string {
		return "virtual_keys: [{from: 'public.events.payload \"$.user.id\"', to: public.users.id}]\ntables:\n" +
			"  public.users: {columns: {id: " + users + "}}\n  public.events: {columns: {payload: " + events + "}}\n"
	}
	token := "{treat: token, range: [1, 1000000]}"
	p := mustBuild(t, db, rules(token, `{json: {"$.theme": {keep: x}}}`))
	paths := p.at(t, "events", "payload").Use.Paths
	if len(paths) != 2 || paths[1].Path != "$.user.id" || paths[1].Use.Domain != "public.users.id" || paths[1].Use.Treatment != "token" {
		t.Errorf("an unlisted path follows: %+v", paths)
	}
	mustBuild(t, db, rules(token, `{json: {"$.user.id": `+token+`}}`)) // the path gets its domain from the virtual key
	mustBuild(t, db, rules(token, "{treat: redact}"))
	mustBuild(t, db, rules(token, `{json: {"$.user.id": {treat: null}}}`))
	mustBuild(t, db, rules("{keep: x}", "{keep: x}"))
	for own, want := range map[string]string{
		"{keep: x}":                              "r.yaml:6:29: public.events.payload $.user.id references public.users.id (decided at r.yaml:5:28) by the virtual key at r.yaml:3:16",
		`{json: {"$.user.id": {keep: x}}}`:       "r.yaml:6:46: public.events.payload $.user.id references",
		`{json: {"$.user.id": {treat: redact}}}`: "one is redact, the other token",
	} {
		if _, err := build(t, db, rules(token, own)); !strings.Contains(texts(err), want) {
			t.Errorf("%s: %s", own, texts(err))
		}
	}
}

func TestVirtualKeysAgainstTheSchema(t *testing.T) {
	db := schema(t, "public.users: id int! pk, twice int gen", "public.events: user_id int, payload jsonb")
	rest := "\ntables:\n  public.users: {columns: {id: {treat: token, range: [1, 1000000]}}}\n  public.events: {columns: {user_id: {keep: x}, payload: {treat: redact}}}\n"
	for key, want := range map[string]string{
		"{from: public.evnts.user_id, to: public.users.id}":                                                      "r.yaml:3:23: table public.evnts does not exist (did you mean public.events?)",
		"{from: public.events.usr_id, to: public.users.id}":                                                      "r.yaml:3:23: public.events has no column usr_id (did you mean user_id?)",
		"{from: public.events.user_id, to: public.users.twice}":                                                  "r.yaml:3:50: public.users.twice is generated",
		"{from: public.events.user_id, to: public.events.user_id}":                                               "references itself",
		`{from: public.events.user_id "$.x", to: public.users.id}`:                                               "public.events.user_id is integer; a path leads into json and jsonb columns only",
		"{from: public.events.user_id, to: public.users.id}":                                                     "r.yaml:6:29: public.events.user_id references public.users.id (decided at r.yaml:5:28) by the virtual key at r.yaml:3:16, so both",
		"{from: public.events.user_id, to: {u: public.users.id}, by: knd}":                                       "public.events has no column knd",
		"{from: public.events.user_id, to: public.users.id}, {from: public.events.user_id, to: public.users.id}": "public.events.user_id already has a virtual key at r.yaml:3:16",
	} {
		_, err := build(t, db, "virtual_keys: ["+key+"]"+rest)
		if !strings.Contains(texts(err), want) {
			t.Errorf("%s:\n got %s\nwant %s", key, texts(err), want)
		}
	}
}

func TestAVirtualKeyToRowsThatStayBehindIsAFinding(t *testing.T) {
	db := schema(t, "public.users: id int! pk", "public.events: user_id int")
	p := mustBuild(t, db, "virtual_keys: [{from: public.events.user_id, to: public.users.id}]\ntables: {public.users: {skip: x}, public.events: {columns: {user_id: {keep: x}}}}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "reference-dangles" {
		t.Errorf("%+v", p.Findings)
	}
}

// Equal values in two databases get equal results if both refreshes have the same keyring, and the rules give the
// columns the same treatment and domain.
func TestDomainsJoinAcrossDatabases(t *testing.T) {
	shop := mustBuild(t, schema(t, "public.customers: email text, ref text"),
		"tables: {public.customers: {columns: {email: {class: email}, ref: {treat: token, domain: customer-reference}}}}\n")
	crm := mustBuild(t, schema(t, "crm.leads: mail text, shop_ref text"),
		"tables: {crm.leads: {columns: {mail: {class: email}, shop_ref: {treat: token, domain: customer-reference}}}}\n")
	for i := range 2 {
		a, b := shop.Tables[0].Columns[i].Use, crm.Tables[0].Columns[i].Use
		if a.Domain != b.Domain || a.Treatment != b.Treatment {
			t.Errorf("%+v and %+v", a, b)
		}
	}
}
