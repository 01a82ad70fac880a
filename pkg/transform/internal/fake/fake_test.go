package fake_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

func asPerson(kind string) transform.Use {
	return transform.Use{Treatment: kind, As: "person", Subject: "id", SubjectType: &transformtest.Int4}
}

// living returns a use of a fake for a person in a locale.
func living(kind, locale string) transform.Use {
	u := asPerson(kind)
	u.Params = transform.Params{"locale": locale}
	return u
}

func inAscii(s string) string { return string(locale.AppendLatin(nil, s)) }

func TestColumnsOfOneSubjectDescribeOnePerson(t *testing.T) {
	for _, l := range locale.All() {
		tr := map[string]transform.Transform{"fake.gender": transformtest.Compile(t, transformtest.Text, asPerson("fake.gender"))}
		for _, kind := range []string{"given_name", "middle_name", "family_name", "full_name", "initials", "title", "email", "user_name"} {
			tr["fake."+kind] = transformtest.Compile(t, transformtest.Text, living("fake."+kind, l.Name))
		}
		get := func(kind, subject string) string {
			return transformtest.Run(t, tr[kind], "whatever "+kind, transformtest.Row(subject))
		}
		for i := range 60 {
			id := strconv.Itoa(i)
			given, family, email, login := get("fake.given_name", id), get("fake.family_name", id), get("fake.email", id), get("fake.user_name", id)
			if full := get("fake.full_name", id); full != given+" "+family {
				t.Fatalf("%q is not %q and %q", full, given, family)
			}
			suffix := login[len(login)-11:]
			if want := inAscii(given) + "." + inAscii(family) + "." + suffix + "@example."; !strings.HasPrefix(email, want) {
				t.Fatalf("%q does not start with %q", email, want)
			}
			if login != inAscii(given)+"_"+suffix {
				t.Fatalf("%q is not %q's", login, given)
			}
			if initials := get("fake.initials", id); !strings.HasPrefix(given, firstOf(initials)) || utf8.RuneCountInString(initials) != 2 {
				t.Fatalf("%q are not the initials of %s %s", initials, given, family)
			}
			list, title := l.Male, l.Sir
			if get("fake.gender", id) == "female" {
				list, title = l.Female, l.Madam
			}
			if !contains(list, given) || !contains(list, get("fake.middle_name", id)) || get("fake.title", id) != title {
				t.Fatalf("%s: %s, %s, %s disagree", l.Name, given, get("fake.middle_name", id), get("fake.title", id))
			}
			if l.Feminine && strings.HasSuffix(family, "ki") && title == l.Madam || strings.HasSuffix(family, "ka") && title == l.Sir && l.Feminine && !contains(l.Family, family) {
				t.Fatalf("%s %s", title, family)
			}
		}
	}
}

func firstOf(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// City, postcode, region, coordinates and address line of one subject must describe the same city.
func TestColumnsOfOneSubjectDescribeOneCity(t *testing.T) {
	for _, l := range locale.All() {
		byName := map[string]*locale.City{}
		for i := range l.Cities {
			byName[l.Cities[i].Name] = &l.Cities[i]
		}
		tr := map[string]transform.Transform{}
		for _, kind := range []string{"city", "postcode", "region", "street", "address", "latitude", "longitude", "country", "country_code"} {
			tr[kind] = transformtest.Compile(t, transformtest.Text, living("fake."+kind, l.Name))
		}
		for i := range 300 {
			got := map[string]string{}
			for kind, tr := range tr {
				got[kind] = transformtest.Run(t, tr, "x", transformtest.Row(strconv.Itoa(i)))
			}
			c := byName[got["city"]]
			if c == nil {
				t.Fatalf("%s is not a city of %s", got["city"], l.Name)
			}
			if !matches(c.Postcode, got["postcode"]) || got["region"] != l.Regions[c.Region].Name || got["country"] != l.Country || got["country_code"] != l.Alpha2 {
				t.Fatalf("%v", got)
			}
			if !strings.HasPrefix(got["address"], got["street"]+", ") || !strings.Contains(got["address"], got["city"]) || !strings.Contains(got["address"], got["postcode"]) {
				t.Fatalf("%v", got)
			}
			lat, _ := strconv.ParseFloat(got["latitude"], 64)
			lon, _ := strconv.ParseFloat(got["longitude"], 64)
			if d := lat - float64(c.Latitude)/100; d > 0.0501 || d < -0.0501 {
				t.Fatalf("%s has latitude %s", c.Name, got["latitude"])
			}
			if d := lon - float64(c.Longitude)/100; d > 0.0501 || d < -0.0501 {
				t.Fatalf("%s has longitude %s", c.Name, got["longitude"])
			}
		}
	}
}

// matches reports whether a text is a possible result of a pattern.
func matches(pattern, s string) bool {
	if len(pattern) != len(s) {
		return false
	}
	for i := range len(pattern) {
		switch c := pattern[i]; {
		case c == '#' && (s[i] < '0' || s[i] > '9'), c == '%' && (s[i] < '1' || s[i] > '9'), c == '@' && strings.IndexByte("ABDEFGHJLNPQRTUWXYZ", s[i]) < 0:
			return false
		case c != '#' && c != '%' && c != '@' && c != s[i]:
			return false
		}
	}
	return true
}

func TestTypedFakesOfOnePersonAgree(t *testing.T) {
	text, date, stamp := transformtest.Compile(t, transformtest.Text, asPerson("fake.birth_date")), transformtest.Compile(t, transformtest.Date, asPerson("fake.birth_date")), transformtest.Compile(t, transformtest.StampTZ, asPerson("fake.birth_date"))
	word, number := transformtest.Compile(t, transformtest.Text, asPerson("fake.gender")), transformtest.Compile(t, transformtest.Int2, asPerson("fake.gender"))
	for i := range 500 {
		r := transformtest.Row(strconv.Itoa(i))
		born := transformtest.Run(t, text, "x", r)
		if transformtest.Run(t, date, "infinity", r) != born || transformtest.Run(t, stamp, "0044-03-15 00:00:00+00 BC", r) != born+" 00:00:00+00" {
			t.Fatalf("born %s and %s", born, transformtest.Run(t, date, "x", r))
		}
		if born < "1940-01-01" || born > "2004-12-31" {
			t.Fatalf("born %s", born)
		}
		if (transformtest.Run(t, word, "x", r) == "female") != (transformtest.Run(t, number, "0", r) == "2") {
			t.Fatal("two genders")
		}
	}
}

func TestSubjectsJoinAcrossTablesAndTypes(t *testing.T) {
	parent, child := asPerson("fake.email"), asPerson("fake.email")
	child.SubjectType = &transformtest.Numeric
	if a, b := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, parent), "x", transformtest.Row("5")), transformtest.Run(t, transformtest.Compile(t, transformtest.Text, child), "y", transformtest.Row("5.0")); a != b {
		t.Errorf("%s and %s", a, b)
	}
	other := asPerson("fake.email")
	other.As = "employee"
	if a, b := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, parent), "x", transformtest.Row("5")), transformtest.Run(t, transformtest.Compile(t, transformtest.Text, other), "x", transformtest.Row("5")); a == b {
		t.Error("customer 5 and employee 5 are one person")
	}
}

// A row without a subject must not stop the refresh. Rows without a subject must not all become one person.
func TestWithoutASubjectTheValueDecides(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Text, asPerson("fake.email"))
	none := transformtest.Siblings{nil}
	a, b := transformtest.Run(t, tr, "x@x.org", none), transformtest.Run(t, tr, "y@x.org", none)
	if a == b || a != transformtest.Run(t, tr, "x@x.org", none) {
		t.Errorf("%s, %s", a, b)
	}
	if a == transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "fake.email"}), "x@x.org", nil) {
		t.Error("joins with the values of a domain")
	}
}

func TestAnotherKeyOrEnvironmentDoesNotJoin(t *testing.T) {
	for _, u := range []transform.Use{{Treatment: "fake.email"}, {Treatment: "token"}} {
		seen := map[string]bool{}
		for _, k := range []transform.Keys{transformtest.Keys(t), transformtest.KeysFor(t, 1, "example"), transformtest.KeysFor(t, 0, "laptop")} {
			tr, err := library.Compile(transformtest.Column(transformtest.Text), u, k)
			if err != nil {
				t.Fatal(err)
			}
			seen[transformtest.Run(t, tr, "ada@x.org", nil)] = true
		}
		if len(seen) != 3 {
			t.Errorf("%s joins: %v", u.Treatment, seen)
		}
	}
}

// A result of a fake shows some bits of its seed. A token of the same domain must not contain these bits.
func TestFakesAndTokensOfADomainShareNoBits(t *testing.T) {
	token := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "token", Domain: "d"}), "v", nil)
	login := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "fake.user_name", Domain: "d"}), "v", nil)
	if strings.Contains(token, login[len(login)-11:]) {
		t.Error("the login shows part of the token")
	}
	if treatment.Domain(transform.Use{Domain: "d"}, "token") == treatment.Domain(transform.Use{Domain: "d"}, "fake") {
		t.Error("one seed for both")
	}
}

// safeShapes returns, for some fakes, the form that results must have in columns of every length and in every locale.
// E-mail addresses, domain names, links and network addresses of these forms reach nobody.
func safeShapes() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"fake.email":       regexp.MustCompile(`^([a-z]+\.){0,2}[a-z2-7]{8,11}@example\.(com|org|net)$`),
		"fake.user_name":   regexp.MustCompile(`^([a-z]+_)?[a-z2-7]{8,11}$`),
		"fake.domain_name": regexp.MustCompile(`^([a-z]+-)?[a-z2-7]{8,11}\.example$`),
		"fake.url":         regexp.MustCompile(`^https://example\.(com|org|net)/([a-z]+/)?[a-z2-7]{8,11}$`),
		"fake.ipv4":        regexp.MustCompile(`^(192\.0\.2|198\.51\.100|203\.0\.113)\.[1-9][0-9]{0,2}$`),
		"fake.ipv6":        regexp.MustCompile(`^2001:db8(:[1-9a-f][0-9a-f]{0,3}){6}$`),
		"fake.mac_address": regexp.MustCompile(`^02(:[0-9a-f]{2}){5}$`),
		"fake.uuid":        regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
		"fake.birth_date":  regexp.MustCompile(`^(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]$`),
		"fake.sentence":    regexp.MustCompile(`^[A-Z][a-z]*( [a-z]+)*\.$`),
		"fake.paragraph":   regexp.MustCompile(`^([A-Z][a-z]*( [a-z]+)*\. ?)+$`),
	}
}

// safePhones returns the forms of telephone numbers that belong to nobody. The numbers consist of digits, with the
// country's code or in national form.
func safePhones() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"en":    regexp.MustCompile(`^1?[2-9]([02-9][0-9]|1[02-9])55501[0-9]{2}$`),
		"en_GB": regexp.MustCompile(`^(44|0)(7700900|2079460|1134960|1144960|1154960|1164960|1174960|1184960|1214960|1314960|1414960|1514960|1614960|1632960)[0-9]{3}$`),
		"de":    regexp.MustCompile(`^(49|0)((3023125|4066969|6990009|8999998|2214710)[0-9]{3}|176040690[0-9]{2})$`),
		"fr":    regexp.MustCompile(`^(33|0)(19900|26191|35301|46571|53649|63998)[0-9]{4}$`),
		"es":    regexp.MustCompile(`^(34)?3[0-9]{8}$`),
		"it":    regexp.MustCompile(`^(39)?9[0-9]{9}$`),
		"nl":    regexp.MustCompile(`^(31|0)69[0-9]{7}$`),
		"pl":    regexp.MustCompile(`^(48)?37[0-9]{7}$`),
		"pt":    regexp.MustCompile(`^(351)?5[0-9]{8}$`),
	}
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Results must fit columns of every length, in every locale. They must have the form of their kind and come from
// reserved ranges.
func TestFakesFitAnyColumnTheyAccept(t *testing.T) {
	shapes, phones := safeShapes(), safePhones()
	for _, k := range fakes() {
		if spec, _ := library.Lookup(k.Name); !spec.Takes(catalog.Text) {
			continue
		}
		for _, l := range locale.All() {
			u := transform.Use{Treatment: k.Name, Params: transform.Params{}}
			for name, v := range transformtest.FakeParams(k.Name, catalog.Text) {
				u.Params[name] = v
			}
			if !anywhere(k) {
				u.Params["locale"] = l.Name
			} else if l != locale.All()[0] {
				continue
			}
			for _, room := range roomsOf(t, u) {
				tr := transformtest.Compile(t, treatment.TextType(room), u)
				for i := range 40 {
					out := transformtest.Run(t, tr, strconv.Itoa(i), nil)
					if out == "" || room > 0 && utf8.RuneCountInString(out) > room || strings.TrimSpace(out) != out || strings.Contains(out, "..") || !utf8.ValidString(out) {
						t.Fatalf("%s of %s in %d: %q", k.Name, l.Name, room, out)
					}
					if re := shapes[k.Name]; re != nil && !re.MatchString(out) {
						t.Fatalf("%s in %d: %q has the wrong form", k.Name, room, out)
					}
					if k.Name == "fake.phone" && !phones[l.Name].MatchString(digitsOf(out)) {
						t.Fatalf("%s in %d: %s may be somebody's number", l.Name, room, out)
					}
				}
			}
		}
	}
}

// roomsOf returns lengths of columns that a use accepts, from the shortest to a length that cuts no result. 0 means no
// limit.
func roomsOf(t *testing.T, u transform.Use) []int {
	t.Helper()
	rooms := []int{0}
	for room := 1; room <= 130; room++ {
		if n := len(rooms); n > 12 && room%9 > 0 {
			continue // skip most of the long columns
		}
		traits, err := library.Check(transformtest.Column(treatment.TextType(room)), u)
		if err != nil {
			continue
		}
		rooms = append(rooms, room)
		if traits.Shape == "" && room > 60 {
			break
		}
	}
	if len(rooms) < 2 {
		t.Fatalf("%s fits nowhere", u.Treatment)
	}
	return rooms
}

func TestPhonesUseEveryAreaCodeButServices(t *testing.T) {
	seen := map[string]bool{}
	tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "fake.phone"})
	for i := range 20_000 {
		seen[transformtest.Run(t, tr, strconv.Itoa(i), nil)[3:6]] = true
	}
	for code := range seen {
		if code[1:] == "11" {
			t.Errorf("area code %s is a service", code)
		}
	}
	if len(seen) != 800-8 {
		t.Errorf("%d area codes", len(seen))
	}
}

// fakes returns the treatments that invent values.
func fakes() (list []*transform.Spec) {
	for _, s := range library.All() {
		if strings.HasPrefix(s.Name, "fake.") {
			list = append(list, s)
		}
	}
	return list
}

// anywhere reports whether a fake gives the same results in every country.
func anywhere(s *transform.Spec) bool {
	return !slices.ContainsFunc(s.Params, func(p transform.Param) bool { return p.Name == "locale" })
}
