package integration

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// crowd is a database of many people. Their names, streets and cities are those that treatments invent.
const crowd = `
CREATE TABLE person (id bigint PRIMARY KEY, given_name text, family_name text, display text GENERATED ALWAYS AS (given_name || ' ' || family_name) STORED,
	email text, login text, phone text, card text, street text, city text, born date, note text, doc jsonb, ip inet, token uuid, amount numeric(10, 2), number bigint, digest text, extra text, size int);
CREATE TABLE parcel (id bigint PRIMARY KEY, person_id bigint REFERENCES person, recipient text, phone text, weight numeric(8, 3), sent timestamptz, code text);`

const crowdRules = `revision: 1
packs: [baseline]
tables:
  public.person:
    subject: id
    columns:
      id: {keep: surrogate key}
      given_name: {class: given_name, as: person}
      family_name: {class: family_name, as: person}
      email: {class: email, as: person}
      login: {class: user_name, as: person}
      phone: {class: phone}
      card: {class: pan}
      street: {class: street}
      city: {class: city}
      born: {class: birth_date}
      note: {treat: scrub, mentions: [given_name, family_name, email, phone]}
      doc: {json: {$.contact.email: {class: email, as: person}, $.contact.name: {class: full_name, as: person}, $.shelf: {keep: a place}, "$.tags[*]": {keep: words}}}
      ip: {treat: fake.ipv4}
      token: {treat: token}
      amount: {treat: noise, ratio: 0.1}
      number: {keep: random}
      digest: {keep: random}
      extra: {json: {$.k: {treat: redact}}, invalid: redact}
      size: {keep: "a size from 1 to 9"}
  public.parcel:
    subject: person_id
    columns:
      id: {keep: surrogate key}
      person_id: {keep: surrogate key}
      recipient: {class: full_name, as: person}
      phone: {class: phone}
      weight: {keep: a weight}
      sent: {keep: a time}
      code: {keep: random}
`

// crowded makes the crowd. The environment variable CROWD is the number of people, 20,000 without it.
func crowded(t *testing.T) string {
	t.Helper()
	size := 20000
	if s := os.Getenv("CROWD"); s != "" {
		if _, err := fmt.Sscan(s, &size); err != nil {
			t.Fatal(err)
		}
	}
	url := database(t, Server(t), "crowd", crowd)
	conn := connect(t, url)
	p := newInventor()
	copyRows(t, conn, "person", size, []string{"id", "given_name", "family_name", "email", "login", "phone", "card", "street", "city", "born", "note", "doc", "ip", "token", "amount", "number", "digest", "extra", "size"}, p.person)
	p = newInventor() // the same people again
	copyRows(t, conn, "parcel", size, []string{"id", "person_id", "recipient", "phone", "weight", "sent", "code"}, p.parcel)
	return url
}

func copyRows(t *testing.T, conn *pgx.Conn, table string, n int, columns []string, row func(i int) []any) {
	t.Helper()
	i := 0
	_, err := conn.CopyFrom(t.Context(), pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		if i++; i > n {
			return nil, nil
		}
		return row(i), nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// inventor makes people from the words of the treatments.
type inventor struct {
	r                             *rand.Rand
	given, family, streets, towns []string
}

func newInventor() *inventor {
	words := func(treatment string) []string {
		return library.Dictionary(transform.Column{Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text, Binary: true}}, transform.Use{Treatment: treatment})
	}
	return &inventor{rand.New(rand.NewPCG(1, 2)), words("fake.given_name"), words("fake.family_name"), words("fake.street"), words("fake.city")}
}

// singleNames is the number of people with one family name. There are about 150,000 pairs of a given and a family name.
// The other people have two family names, so that most full names are rare, as those of a real population are.
const singleNames = 100_000

// crowdName is what a person and the person's parcels have in common.
type crowdName struct{ given, family, phone string }

func (p *inventor) name(i int) crowdName {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	if i == 1 {
		// The statistics of the column size list its values from 1 to 9. Read as one number, they are this telephone
		// number.
		return crowdName{"Ada", "Byron", "123456789"}
	}
	n := crowdName{pick(r, p.given), pick(r, p.family), fmt.Sprintf("+1 %d-555-%04d", 201+r.IntN(780), r.IntN(10000))}
	if i > singleNames {
		n.family += "-" + pick(r, p.family)
	}
	return n
}

func (p *inventor) person(i int) []any {
	n, r := p.name(i), p.r
	email := fmt.Sprintf("%s.%s%d@%s.example", strings.ToLower(n.given), strings.ToLower(n.family), i, pick(r, []string{"post", "inbox", "mail"}))
	street := fmt.Sprintf("%d %s", 1+r.IntN(300), pick(r, p.streets))
	note := fmt.Sprintf("%s %s called about invoice %d. Write to %s or call %s.", n.given, n.family, 10000000+r.IntN(80000000), email, n.phone)
	if i%3 == 0 {
		note = "Nothing to report. " + pick(r, p.family) + " Street is closed in " + pick(r, p.towns) + "."
	}
	doc := map[string]any{"contact": map[string]any{"email": email, "name": n.given + " " + n.family}, "shelf": fmt.Sprintf("%c%d", 'A'+r.IntN(26), r.IntN(100)), "tags": []string{"gold", pick(r, p.towns)}}
	born := fmt.Sprintf("%d-%02d-%02d", 1930+r.IntN(75), 1+r.IntN(12), 1+r.IntN(28))
	return []any{
		i, n.given, n.family, email, fmt.Sprintf("%s%s%d", strings.ToLower(n.given[:1]), strings.ToLower(n.family), i), n.phone, luhn(fmt.Sprintf("4%014d", r.Int64N(1e14))),
		street, pick(r, p.towns), born, note, doc, fmt.Sprintf("%d.%d.%d.%d", 20+r.IntN(100), r.IntN(256), r.IntN(256), r.IntN(256)),
		uuid(r), fmt.Sprintf("%d.%02d", r.IntN(100000), r.IntN(100)), r.Int64N(1e12), fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()),
		pick(r, []string{`{"k": "v"}`, "not JSON"}), 1 + i%9,
	}
}

func (p *inventor) parcel(i int) []any {
	n, r := p.name(i), p.r
	return []any{i, i, n.given + " " + n.family, n.phone, fmt.Sprintf("%d.%03d", r.IntN(30), r.IntN(1000)), fmt.Sprintf("2025-%02d-%02d %02d:00:00+00", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24)), fmt.Sprintf("%020d", r.Uint64())}
}

// uuid returns a random uuid.
func uuid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

// luhn appends the check digit of a card number.
func luhn(number string) string {
	sum := 0
	for i, c := range number {
		d := int(c - '0')
		if (len(number)-i)%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprint(number, (10-sum%10)%10)
}
