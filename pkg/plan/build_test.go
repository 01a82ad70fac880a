package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// problem is a rule set that does not fit its schema, and the text of the error.
type problem struct {
	schema []string
	rules  string
	want   string
}

// unknownNames returns rules for tables and columns that the schema does not have, or that it spells differently.
func unknownNames() map[string]problem {
	return map[string]problem{
		"no such table": {
			[]string{"public.customers: id int! pk"},
			"tables: {public.custmers: {skip: x}}\n",
			"r.yaml:3:10: table public.custmers does not exist (did you mean public.customers?)",
		},
		"table by another case": {
			[]string{`public."Customers": id int! pk`},
			"tables: {public.Customers: {skip: x}}\n",
			`r.yaml:3:10: table public.customers does not exist, public."Customers" does; quote it as SQL would: 'public."Customers"':`,
		},
		"no such column": {
			[]string{"public.t: email text"},
			"tables: {public.t: {columns: {emial: {keep: x}}}}\n",
			"r.yaml:3:31: public.t has no column emial (did you mean email?)",
		},
		"column by another case": {
			[]string{`public.t: "Email" text`},
			"tables: {public.t: {columns: {Email: {keep: x}}}}\n",
			`r.yaml:3:31: public.t has no column email, but "Email"; quote it as SQL would: '"Email"'`,
		},
	}
}

// treatmentsThatDoNotFit returns treatments that the column, its type or its keys do not allow.
func treatmentsThatDoNotFit() map[string]problem {
	return map[string]problem{
		"rule on a generated column": {
			[]string{"public.t: a text gen"},
			"tables: {public.t: {columns: {a: {keep: x}}}}\n",
			"r.yaml:3:31: public.t.a is generated; the target computes it: remove the rule",
		},
		"treatment does not fit the type": {
			[]string{"public.t: a int"},
			"tables: {public.t: {columns: {a: {treat: mask}}}}\n",
			"r.yaml:3:31: public.t.a: mask cannot take type integer; it takes text, and arrays of these" + integerTreatments,
		},
		"class does not fit the type": {
			[]string{"public.t: a int"},
			"tables: {public.t: {columns: {a: {class: email}}}}\n",
			"r.yaml:3:31: public.t.a, of class email: fake.email cannot take type integer; it takes text, and arrays of these" + integerTreatments,
		},
		"parameter at its position": {
			[]string{"public.t: a text"},
			"tables: {public.t: {columns: {a: {treat: mask, keep_lst: 4}}}}\n",
			`r.yaml:3:48: public.t.a: mask: keep_lst: mask has no such parameter (did you mean keep_last?)`,
		},
		"null on not null": {
			[]string{"public.t: a text!"},
			"tables: {public.t: {columns: {a: {treat: null}}}}\n",
			"r.yaml:3:31: public.t.a: null cannot take a NOT NULL column; use redact or constant",
		},
		"too short for a token": {
			[]string{"public.t: a varchar10"},
			"tables: {public.t: {columns: {a: {treat: token}}}}\n",
			"r.yaml:3:31: public.t.a: token needs 22 characters, but the column holds 10; use permute, which keeps the length and gives different values different results, or a treatment that need not be unique",
		},
		"redact on a unique column": {
			[]string{"public.t: a text! unique"},
			"tables: {public.t: {columns: {a: {treat: redact}}}}\n",
			"r.yaml:3:31: public.t.a is in unique key t_a_key, but redact gives every row the same value; use token",
		},
		"too few results on a unique column": {
			[]string{"public.t: a text unique"},
			"tables: {public.t: {columns: {a: {class: phone}}}}\n",
			"r.yaml:3:31: public.t.a is in unique key t_a_key, but fake.phone has only 79,200 different results: 6.3 collisions expected among 1,000 values; use token, or null",
		},
		"too few results on a short unique column": {
			[]string{"public.t: a varchar10! unique"},
			"tables: {public.t: {columns: {a: {class: phone}}}}\n",
			"r.yaml:3:31: public.t.a is in unique key t_a_key, but fake.phone has only 79,200 different results: 6.3 collisions expected among 1,000 values; use permute",
		},
		"range without headroom": {
			[]string{"public.a: id int! pk seq"},
			"tables: {public.a: {columns: {id: {treat: token, range: [1, 2147483000]}}}}\n",
			"r.yaml:3:50: public.a.id is fed by sequence public.a_id_seq: its range must leave at least 1,000,000 numbers up to 2,147,483,647 for rows inserted after the refresh, it leaves 647",
		},
	}
}

// invalidSubjects returns rules with a wrong subject, or without the subject that they need.
func invalidSubjects() map[string]problem {
	return map[string]problem{
		"as without a subject": {
			[]string{"public.t: a text"},
			"tables: {public.t: {columns: {a: {class: email, as: person}}}}\n",
			"r.yaml:3:49: as needs to know whose row it is: give public.t a `subject: column`",
		},
		"as and domain": {
			[]string{"public.t: id int! pk, a text"},
			"tables: {public.t: {subject: id, columns: {id: {keep: x}, a: {class: email, as: p, domain: d}}}}\n",
			"r.yaml:3:84: public.t.a has both as and domain; a result depends on the row's subject (as) or on the value itself (domain), not on both",
		},
		"as on a shift": {
			[]string{"public.t: id int! pk, a date"},
			"tables: {public.t: {subject: id, columns: {id: {keep: x}, a: {class: birth_date, as: p}}}}\n",
			"r.yaml:3:82: shift follows the table's subject by itself, so that order and intervals stay; remove as",
		},
		"subject missing": {
			[]string{"public.t: id int! pk, a text"},
			"tables: {public.t: {subject: idd, columns: {id: {keep: x}, a: {class: email, as: p}}}}\n",
			"r.yaml:3:30: public.t has no column idd (did you mean id?)",
		},
		"subject redacted": {
			[]string{"public.t: no text, a text"},
			"tables: {public.t: {subject: no, columns: {no: {treat: redact}, a: {class: email, as: p}}}}\n",
			"r.yaml:3:30: subject public.t.no becomes redact; a subject must be kept or tokenised, so that its rows stay together",
		},
	}
}

// unequalReferences returns rules that treat a column and the column it references differently.
func unequalReferences() map[string]problem {
	return map[string]problem{
		"child decided otherwise": {
			[]string{"public.a: id int! pk", "public.b: aid int -> public.a.id"},
			"tables:\n  public.a: {columns: {id: {treat: token, range: [1, 1000]}}}\n  public.b: {columns: {aid: {keep: x}}}\n",
			"r.yaml:5:24: public.b.aid references public.a.id (decided at r.yaml:4:24), so both must get equal results for equal values: one is keep, the other token; remove the rule to follow, or decide alike",
		},
		"child in another domain": {
			[]string{"public.a: id text! pk", "public.b: aid text -> public.a.id"},
			"tables:\n  public.a: {columns: {id: {treat: token, domain: x}}}\n  public.b: {columns: {aid: {treat: token, domain: y}}}\n",
			"r.yaml:5:24: public.b.aid references public.a.id (decided at r.yaml:4:24), so both must get equal results for equal values: their domains are y and x; remove the rule to follow, or decide alike",
		},
		"child of another range": {
			[]string{"public.a: id int! pk", "public.b: aid int -> public.a.id"},
			"tables:\n  public.a: {columns: {id: {treat: token, range: [1, 1000]}}}\n  public.b: {columns: {aid: {treat: token, range: [1, 2000]}}}\n",
			"r.yaml:5:24: public.b.aid references public.a.id (decided at r.yaml:4:24), so both must get equal results for equal values: their parameters differ; remove the rule to follow, or decide alike",
		},
		"child that compares otherwise": {
			[]string{"public.a: id citext! pk", "public.b: aid text -> public.a.id"},
			"tables:\n  public.a: {columns: {id: {treat: token}}}\n",
			"r.yaml:4:24: public.b.aid references public.a.id (decided at r.yaml:4:24), so both must get equal results for equal values: the types text and citext compare differently; write {keep: \"the reason\"} for both columns, or {treat: 'null'} for public.b.aid, or leave out the foreign key, and then rows do not match: objects: {leave_out: {\"public.b.b_aid_fkey\": \"the reason\"}}",
		},
		"child of another form": {
			[]string{"public.a: id text! pk", "public.b: aid varchar24 -> public.a.id"},
			"tables:\n  public.a: {columns: {id: {treat: token}}}\n",
			"r.yaml:4:24: public.b.aid references public.a.id (decided at r.yaml:4:24), so both must get equal results for equal values: the results have different forms (base62 and base32); fix the form with a parameter on the key; write {keep: \"the reason\"} for both columns, or {treat: 'null'} for public.b.aid, or leave out the foreign key, and then rows do not match: objects: {leave_out: {\"public.b.b_aid_fkey\": \"the reason\"}}",
		},
		"parent skipped": {
			[]string{"public.a: id int! pk", "public.b: aid int -> public.a.id"},
			"tables:\n  public.a: {skip: log}\n  public.b: {columns: {aid: {keep: x}}}\n",
			"r.yaml:5:24: public.b.aid references public.a.id through b_aid_fkey, but the rows of public.a stay behind (r.yaml:4:14); skip public.b too, or make the column null",
		},
	}
}

// rulesOfTheWholeSet returns rules that contradict each other.
func rulesOfTheWholeSet() map[string]problem {
	return map[string]problem{
		"foreign tables without servers": {
			nil, "objects: {foreign_servers: drop, foreign_tables: {keep: x}}\n",
			"r.yaml:3:34: foreign tables cannot be kept where foreign_servers are dropped (r.yaml:3:11)",
		},
		"class without this kind": {
			[]string{"public.t: a text"},
			"tables: {public.t: {columns: {a: {class: own}}}}\nclasses: {own: {local: {treat: redact}}}\n",
			"r.yaml:3:31: class own has no treatment for a staging environment (r.yaml:4:11); add staging or default",
		},
		"two things at once": {
			[]string{"public.t: a int, b text!"},
			"tables: {public.t: {columns: {a: {treat: mask}, b: {treat: null}}}}\n",
			"r.yaml:3:31: public.t.a: mask cannot take type integer; it takes text, and arrays of these" + integerTreatments + "\n" +
				"r.yaml:3:49: public.t.b: null cannot take a NOT NULL column; use redact or constant",
		},
	}
}

// integerTreatments is the end of the message for a treatment that cannot take an integer.
const integerTreatments = "; treatments of integer: constant, redact, generalize.number, generalize.age, noise, map, token, permute, pan, fake.gender, fake.integer, fake.choice, expr, command, sample"

func TestProblems(t *testing.T) {
	for _, problems := range []map[string]problem{unknownNames(), treatmentsThatDoNotFit(), invalidSubjects(), unequalReferences(), rulesOfTheWholeSet()} {
		for name, c := range problems {
			t.Run(name, func(t *testing.T) {
				_, err := build(t, schema(t, c.schema...), c.rules)
				if got := texts(err); got != c.want {
					t.Errorf("got\n%s\nwant\n%s", got, c.want)
				}
			})
		}
	}
}

func TestPartitionsFollowTheirRoot(t *testing.T) {
	db := schema(t, "public.orders: id int! part, note text", "public.orders_1: id int!, note text")
	root := catalog.Name{Schema: "public", Name: "orders"}
	db.Tables[0].Partitioned = true
	db.Tables[1].PartitionOf, db.Tables[1].Root, db.Tables[1].Default = &root, &root, true
	p := mustBuild(t, db, "tables: {public.orders: {columns: {id: {keep: x}, note: {class: free_text}}}}\n")
	if len(p.Tables) != 1 || p.Tables[0].Name != root {
		t.Errorf("tables: %+v", p.Tables)
	}
	_, err := build(t, db, "tables: {public.orders: {columns: {id: {keep: x}, note: {class: free_text}}}, public.orders_1: {skip: x}}\n")
	if got := texts(err); got != "r.yaml:3:79: public.orders_1 is a partition; its rules are those of its root public.orders" {
		t.Error(got)
	}
	p = mustBuild(t, db, "tables: {public.orders: {columns: {id: {treat: token, range: [1, 9999]}, note: {class: free_text}}}}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "partition-key-treated" {
		t.Errorf("findings: %+v", p.Findings)
	}
}

func TestKeysOfPartitionsCount(t *testing.T) {
	db := schema(t, "public.orders: id int!, mail text", "public.orders_1: id int!, mail text unique")
	root := catalog.Name{Schema: "public", Name: "orders"}
	db.Tables[0].Partitioned = true
	db.Tables[1].PartitionOf, db.Tables[1].Root = &root, &root
	_, err := build(t, db, "tables: {public.orders: {columns: {id: {keep: x}, mail: {treat: redact}}}}\n")
	if !strings.Contains(texts(err), "unique key orders_1_mail_key") {
		t.Error(texts(err))
	}
}

func TestWhatStaysUnique(t *testing.T) {
	two := func(nullsNotDistinct bool) *catalog.Database {
		db := schema(t, "public.t: id int! pk, a text, b text")
		db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "t_a_b", Columns: []string{"a", "b"}, NullsNotDistinct: nullsNotDistinct})
		return db
	}
	for name, c := range map[string]struct {
		db    *catalog.Database
		rules string
		fails bool
	}{
		"null in a unique key":             {two(false), "a: {treat: null}, b: {keep: x}", false},
		"null where NULLs collide":         {two(true), "a: {treat: null}, b: {treat: null}", true},
		"null in some rows":                {two(false), "a: {treat: null, when: 'id > 5', else: {treat: token}}, b: {keep: x}", false},
		"null in some rows, NULLs collide": {two(true), "a: {treat: null, when: 'id > 5', else: {treat: token}}, b: {keep: x}", true},
		"null in other rows":               {two(true), "a: {treat: token}, b: {treat: token, when: 'id > 5', else: {treat: null}}", true},
		"one lossy member":                 {two(false), "a: {treat: redact}, b: {keep: x}", true},
		"both tokens":                      {two(false), "a: {treat: token}, b: {treat: token}", false},
		"e-mail addresses are many enough": {two(false), "a: {class: email}, b: {keep: x}", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, c.db, "tables: {public.t: {columns: {id: {keep: x}, "+c.rules+"}}}\n")
			if (err != nil) != c.fails {
				t.Error(texts(err))
			}
		})
	}
	// A key stays unique if its columns include all columns of another unique key.
	db := schema(t, "public.t: id int! pk, a text")
	db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "t_id_a", Columns: []string{"id", "a"}})
	mustBuild(t, db, "tables: {public.t: {columns: {id: {keep: x}, a: {treat: redact}}}}\n")
}

func TestCollisionsFollowTheBirthdayBound(t *testing.T) {
	db := schema(t, "public.t: a text! unique")
	db.Tables[0].Size.Rows = 10_000_000
	if p := mustBuild(t, db, "tables: {public.t: {columns: {a: {class: email}}}}\n"); len(p.Findings) != 0 {
		t.Errorf("a finding about an expectation of almost zero hides the others: %+v", p.Findings)
	}
	_, err := build(t, db, "tables: {public.t: {columns: {a: {class: phone}}}}\n")
	if want := figure(1e14/(2*79_200)) + " collisions"; err == nil || !strings.Contains(texts(err), want) {
		t.Errorf("%s does not say %s", texts(err), want)
	}
	db.Tables[0].Columns[0].Stats.Distinct = 5 // with few values, few collisions are expected
	db.Tables[0].Columns[0].Type = sketch.Type(t, "text")
	if _, err := build(t, db, "tables: {public.t: {columns: {a: {class: phone}}}}\n"); err != nil {
		t.Log("5 values of 79,200:", texts(err)) // 25/158400 = 0.00016: tolerated
		t.Fail()
	}
}

// A treatment that keeps a part of each value gets a finding if the column is in a key: the plan cannot know how many
// values have the same part.
func TestP3CollisionsOfAPartAreUnknown(t *testing.T) {
	db := schema(t, "public.t: a text! unique")
	db.Tables[0].Size.Rows = 100
	p := mustBuild(t, db, "tables: {public.t: {columns: {a: {treat: mask, keep_first: 6, keep_last: 6}}}}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "collisions-unknown" || !strings.Contains(p.Findings[0].Text, "use token") {
		t.Errorf("findings: %+v", p.Findings)
	}
}

func TestDecisionsSayWhyAndWhere(t *testing.T) {
	db := schema(t,
		"public.customers: id int! pk, email text, born date, total int gen",
		"public.orders: id int! pk, customer_id int -> public.customers.id, mail text",
	)
	p := mustBuild(t, db, `tables:
  public.customers:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      email: {class: email, as: person}
      born: {class: birth_date}
  public.orders:
    subject: customer_id
    columns:
      id: {treat: token, range: [1, 100000]}
      mail: {class: email, as: person}
`)
	for _, c := range []struct{ table, column, treatment, reason, pos string }{
		{"customers", "id", "keep", "kept: surrogate key", "r.yaml:7:7"},
		{"customers", "email", "fake.email", "class email (pack baseline)", "r.yaml:8:7"},
		{"customers", "total", "", "generated", ""},
		{"orders", "customer_id", "keep", "follows public.customers.id", "r.yaml:7:7"},
		{"orders", "id", "token", "treated by its rule", "r.yaml:13:7"},
	} {
		got := p.at(t, c.table, c.column)
		if got.Use.Treatment != c.treatment || got.Reason != c.reason || got.Pos != c.pos {
			t.Errorf("%s.%s: %q because %q at %q", c.table, c.column, got.Use.Treatment, got.Reason, got.Pos)
		}
	}
	// All rows of one subject, in all tables, describe the same invented person. A date of birth has its own shift.
	one, two := p.at(t, "customers", "email").Use, p.at(t, "orders", "mail").Use
	if one.As != two.As || one.As != "public.customers.id/person" || one.Subject != "id" || two.Subject != "customer_id" {
		t.Errorf("subjects: %+v and %+v", one, two)
	}
	if born := p.at(t, "customers", "born").Use; born.Subject != "id" || born.As != "public.customers.id/birth" {
		t.Errorf("born: %+v", born)
	}
	if id := p.at(t, "orders", "id").Use; id.Domain != "public.orders.id" {
		t.Errorf("domain of a key without class: %q", id.Domain)
	}
	if got := p.at(t, "customers", "email").Needs; len(got) != 1 || got[0] != "id" {
		t.Errorf("needs %v", got)
	}
}

func TestFindingsNeverQuoteTheSchema(t *testing.T) {
	p := mustBuild(t, schema(t, "public.t: a text check"), "tables: {public.t: {columns: {a: {treat: redact}}}}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "check-may-break" || strings.Contains(p.Findings[0].Text, "literal") {
		t.Errorf("findings: %+v", p.Findings)
	}
}

func TestUndecidedAndInvalidTogether(t *testing.T) {
	_, err := build(t, schema(t, "public.t: a int, b text"), "tables: {public.t: {columns: {a: {treat: mask}}}}\n")
	var invalid *Invalid
	var undecided *Undecided
	if !errors.As(err, &invalid) || !errors.As(err, &undecided) {
		t.Errorf("got %v", err)
	}
}

func TestTargetKindIsChecked(t *testing.T) {
	set := rules(t, rulesHead)
	for _, kind := range []string{"", "production", "stagin"} {
		if _, err := Build(set, &catalog.Database{}, kind); err == nil {
			t.Errorf("%q is no target", kind)
		}
	}
}

// TestPackTreatmentsFit checks every class of the packs on the types that its values usually have.
func TestPackTreatmentsFit(t *testing.T) {
	natural := map[string][]string{
		"birth_date": {"date"}, "date_of_event": {"date"}, "ip_address": {"inet", "text"},
		"money": {"int", "numeric"}, "amount": {"int", "numeric"}, "file": {"bytea"}, "photo": {"bytea", "text"}, "identifier": {"text", "uuid"},
		"pan": {"text", "bigint"}, "national_id": {"text", "int"}, "password": {"text", "bytea"}, "secret": {"text", "uuid"},
	}
	set := rules(t, rulesHead)
	for name, class := range set.Classes {
		if class.Description == "" {
			t.Errorf("class %s has no description", name)
		}
		types := natural[name]
		if types == nil {
			types = []string{"text", "citext"}
		}
		for _, typ := range types {
			for _, kind := range ruleset.TargetKinds() {
				rule := class.For(kind).Rule
				u := transform.Use{Treatment: rule.Treatment, Params: rule.Params, Domain: name}
				if _, err := library.Check(transform.Column{Name: "c", Type: sketch.Type(t, typ)}, u); err != nil {
					t.Errorf("class %s on %s in %s: %v", name, typ, kind, err)
				}
			}
		}
	}
}
