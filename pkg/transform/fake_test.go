package transform

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func asPerson(kind string) Use {
	return Use{Treatment: kind, As: "person", Subject: "id", SubjectType: &tInt4}
}

func TestColumnsOfOneSubjectDescribeOnePerson(t *testing.T) {
	get := func(kind, subject string) string {
		return run(t, compile(t, tText, asPerson(kind)), "whatever "+kind, row(subject))
	}
	for i := range 200 {
		id := strconv.Itoa(i)
		given, family, email, login := get("fake.given_name", id), get("fake.family_name", id), get("fake.email", id), get("fake.user_name", id)
		if full := get("fake.full_name", id); full != given+" "+family {
			t.Fatalf("%q is not %q and %q", full, given, family)
		}
		suffix := login[len(login)-suffixLen:]
		if want := letters([]string{given})[0] + "." + letters([]string{family})[0] + "." + suffix + "@example."; !strings.HasPrefix(email, want) {
			t.Fatalf("%q does not start with %q", email, want)
		}
		if !strings.HasPrefix(login, letters([]string{given})[0]+"_") {
			t.Fatalf("%q is not %q's", login, given)
		}
	}
}

func TestOneCityHasOnePrefix(t *testing.T) {
	prefix := map[string]string{}
	city, code := compile(t, tText, asPerson("fake.city")), compile(t, tText, asPerson("fake.postcode"))
	for i := range 2000 {
		r := row(strconv.Itoa(i))
		c, p := run(t, city, "x", r), run(t, code, "x", r)
		if len(p) != 5 || prefix[c] != "" && prefix[c] != p[:3] {
			t.Fatalf("%s has %s and %s", c, p, prefix[c])
		}
		prefix[c] = p[:3]
	}
}

func TestSubjectsJoinAcrossTablesAndTypes(t *testing.T) {
	parent, child := asPerson("fake.email"), asPerson("fake.email")
	child.SubjectType = &tNumeric
	if a, b := run(t, compile(t, tText, parent), "x", row("5")), run(t, compile(t, tText, child), "y", row("5.0")); a != b {
		t.Errorf("%s and %s", a, b)
	}
	other := asPerson("fake.email")
	other.As = "employee"
	if a, b := run(t, compile(t, tText, parent), "x", row("5")), run(t, compile(t, tText, other), "x", row("5")); a == b {
		t.Error("customer 5 and employee 5 are one person")
	}
}

// A row without a subject must neither stop the run nor make all such rows one person.
func TestWithoutASubjectTheValueDecides(t *testing.T) {
	tr := compile(t, tText, asPerson("fake.email"))
	none := siblings{nil}
	a, b := run(t, tr, "x@x.org", none), run(t, tr, "y@x.org", none)
	if a == b || a != run(t, tr, "x@x.org", none) {
		t.Errorf("%s, %s", a, b)
	}
	if a == run(t, compile(t, tText, Use{Treatment: "fake.email"}), "x@x.org", nil) {
		t.Error("joins with the values of a domain")
	}
}

func TestAnotherKeyOrEnvironmentDoesNotJoin(t *testing.T) {
	for _, u := range []Use{{Treatment: "fake.email"}, {Treatment: "token"}} {
		seen := map[string]bool{}
		for _, k := range []Keys{testKeys(t), keysFor(t, 1, "example"), keysFor(t, 0, "laptop")} {
			tr, err := Compile(column(tText), u, k)
			if err != nil {
				t.Fatal(err)
			}
			seen[run(t, tr, "ada@x.org", nil)] = true
		}
		if len(seen) != 3 {
			t.Errorf("%s joins: %v", u.Treatment, seen)
		}
	}
}

// A fake shows bits of its seed; they must not be a token's of the same domain.
func TestFakesAndTokensOfADomainShareNothing(t *testing.T) {
	token := run(t, compile(t, tText, Use{Treatment: "token", Domain: "d"}), "v", nil)
	login := run(t, compile(t, tText, Use{Treatment: "fake.user_name", Domain: "d"}), "v", nil)
	if strings.Contains(token, login[len(login)-suffixLen:]) {
		t.Error("the login shows part of the token")
	}
	if ownDomain(Use{Domain: "d"}, "token") == ownDomain(Use{Domain: "d"}, "fake") {
		t.Error("one seed for both")
	}
}

func TestFakesFitAnyColumnTheyAccept(t *testing.T) {
	shapes := map[string]*regexp.Regexp{
		"fake.email":     regexp.MustCompile(`^([a-z]+\.){0,2}[a-z2-7]{8}@example\.(com|org|net)$`),
		"fake.user_name": regexp.MustCompile(`^([a-z]+_)?[a-z2-7]{8}$`),
		"fake.phone":     regexp.MustCompile(`^(\+1-)?[2-9][0-9]{2}-?555-?01[0-9]{2}$`),
		"fake.postcode":  regexp.MustCompile(`^[1-9][0-9]{4}$`),
	}
	for _, kind := range append(personFakes(), placeFakes()...) {
		for room := kind.least; room <= kind.full(newDictionary())+1; room++ {
			typ := catalog.Type{Name: "varchar", Base: "varchar", Family: catalog.Text, MaxLen: room}
			tr := compile(t, typ, Use{Treatment: kind.name})
			for i := range 60 {
				out := run(t, tr, strconv.Itoa(i), nil)
				if len(out) == 0 || len(out) > room || strings.TrimSpace(out) != out || strings.Contains(out, "..") {
					t.Fatalf("%s in %d: %q", kind.name, room, out)
				}
				if re := shapes[kind.name]; re != nil && !re.MatchString(out) {
					t.Fatalf("%s in %d: %q has another shape", kind.name, room, out)
				}
			}
		}
	}
}

// The stated space must not be more than there is: the plan accepts unique columns by it.
func TestSpacesAreHonest(t *testing.T) {
	for _, kind := range append(personFakes(), placeFakes()...) {
		for _, room := range []int{kind.least, kind.least + 3, unlimited} {
			space := kind.space(newDictionary(), room)
			if space > 200_000 {
				continue // cannot be counted out here
			}
			seen := map[string]bool{}
			f := &fake{kind: kind, dict: newDictionary(), room: room}
			var seed Seed
			for i := range 60_000 {
				seed[0], seed[1], seed[9] = byte(i), byte(i>>8), byte(i*7)
				out, _ := f.append(nil, nil, &seed)
				seen[string(out)] = true
			}
			if n := float64(len(seen)); space < 5000 && n < space*0.99 {
				t.Errorf("%s in %d: %v results, states %v", kind.name, room, n, space)
			}
		}
	}
}

func TestPhonesUseEveryAreaCodeButServices(t *testing.T) {
	seen := map[string]bool{}
	tr := compile(t, tText, Use{Treatment: "fake.phone"})
	for i := range 20_000 {
		seen[run(t, tr, strconv.Itoa(i), nil)[3:6]] = true
	}
	for code := range seen {
		if code[1:] == "11" {
			t.Errorf("area code %s is a service", code)
		}
	}
	if len(seen) != areaCodes {
		t.Errorf("%d area codes", len(seen))
	}
}

func TestDictionariesAreWhatFakesNeed(t *testing.T) {
	d := newDictionary()
	if len(d.given) < 1000 || len(d.family) < 400 || len(d.city) < 50 || len(d.city) > 900 {
		t.Errorf("%d given names, %d family names, %d cities", len(d.given), len(d.family), len(d.city))
	}
	for _, list := range [][]string{d.givenMail, d.familyMail} {
		for _, s := range list {
			if s == "" {
				t.Error("a name without letters")
			}
		}
	}
	if v := Version(); v != Version() || !strings.Contains(Version(), "canonical forms 1") {
		t.Errorf("version %q", Version())
	}
}

// Every treatment's price per value, PRF and canonical form included.
func BenchmarkTreatment(b *testing.B) {
	text := "ada.lovelace@example.com"
	cases := []struct {
		typ catalog.Type
		use Use
		in  string
	}{
		{tText, Use{Treatment: "redact"}, text},
		{tText, Use{Treatment: "mask", Params: Params{"keep_first": int64(1), "keep_last": int64(4)}}, text},
		{tText, Use{Treatment: "token"}, text},
		{textType(22), Use{Treatment: "token"}, text},
		{tUUID, Use{Treatment: "token"}, "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
		{tInt4, Use{Treatment: "token", Params: Params{"range": []any{int64(1), int64(1 << 20)}}}, "4711"},
		{tInt8, Use{Treatment: "token", Params: Params{"range": []any{int64(1), int64(1 << 40)}}}, "4711"},
		{tDate, Use{Treatment: "shift"}, "1984-02-29"},
		{tStampTZ, Use{Treatment: "shift", Subject: "id", SubjectType: &tInt4}, "2024-02-29 10:00:00.123456+00"},
		{arrayOf(tText), Use{Treatment: "mask"}, "{abc,def,NULL}"},
		{tJSONB, Use{Treatment: "json", Paths: []Path{{"$.contact.email", Use{Treatment: "fake.email"}}, {"$.theme", Use{Treatment: "keep"}}}}, `{"theme": "dark", "contact": {"email": "ada@x.org"}}`},
	}
	for _, k := range append(personFakes(), placeFakes()...) {
		cases = append(cases, struct {
			typ catalog.Type
			use Use
			in  string
		}{tText, Use{Treatment: k.name}, text})
	}
	var r Row = row("17")
	for _, c := range cases {
		b.Run(c.use.Treatment+"/"+strings.ReplaceAll(c.typ.Name, " ", "_"), func(b *testing.B) {
			tr, cell, dst := compile(b, c.typ, c.use), Cell{Text: []byte(c.in)}, make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tr.Append(dst, cell, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
