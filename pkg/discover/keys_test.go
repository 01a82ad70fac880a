package discover

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/labelled"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// uncommented returns a draft whose TODO lines are rules.
func uncommented(draft string) string {
	return regexp.MustCompile(`(?m)^( +)# (.*) # TODO: .*$`).ReplaceAllString(draft, "$1$2")
}

// passesUncommented checks that a draft passes as soon as its TODO lines are uncommented.
func passesUncommented(t *testing.T, db *catalog.Database, draft string) {
	t.Helper()
	set, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte(uncommented(draft))}}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, draft)
	}
	if _, err := plan.Build(set, db, "staging"); err != nil {
		t.Errorf("%s: %v", db.Name, err)
	}
}

func TestDraftsOfLabelledSchemasPass(t *testing.T) {
	schemas, err := labelled.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schemas {
		t.Run(s.Name, func(t *testing.T) {
			db := s.Database()
			draft, err := Draft(db)
			if err != nil {
				t.Fatal(err)
			}
			passesUncommented(t, db, draft)
			for _, c := range s.Columns {
				if kept(draft, c.Table, c.Name) && c.Sensitive && c.Kind != "amount" {
					t.Errorf("%s is drafted as kept, and holds %s", c.Table.Column(c.Name), c.Kind)
				}
			}
		})
	}
}

// kept reports whether a draft has a rule that keeps the column.
func kept(draft string, table catalog.Name, column string) bool {
	_, body, ok := strings.Cut(draft, "  "+table.String()+":\n")
	if !ok {
		return false
	}
	body, _, _ = strings.Cut(body, "\n  p")
	return regexp.MustCompile(`(?m)^      ` + regexp.QuoteMeta(column) + `: +\{keep`).MatchString(body)
}

// keptByHand returns the codes of the findings about rules that keep the only column of a table.
func keptByHand(t *testing.T, db *catalog.Database, column string) (codes []string) {
	t.Helper()
	text := "revision: 1\ntables:\n  public.records: {columns: {" + column + ": {keep: measured}}}\n"
	set, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

// TestNaturalKeysAreNotKept checks integers, booleans and enums that are keys of a table or special categories, in several
// languages. A draft does not keep them. If rules keep them, the plan has a finding.
func TestNaturalKeysAreNotKept(t *testing.T) {
	enum := catalog.Type{Name: "public.e", Base: "e", Family: catalog.Enum, Labels: []string{"a", "b"}}
	for _, c := range []struct {
		typ   catalog.Type
		names string
	}{
		{integer, "ssn phone mobile_number passport_no card_number cpr personnummer aadhaar imei steuer_id patient_number national_id pesel bsn cpf dni msisdn " +
			"telefonnummer movil numero_securite_sociale kundennummer personalnummer codigo_cliente lidnummer empno customer_no member_number tax_id nhs_number cedula"},
		{boolean, "has_diabetes schwerbehindert gewerkschaftsmitglied handicape sindicato vorbestraft union_member is_pregnant niepelnosprawny zwanger"},
		{enum, "religion konfession opinion_politique orientacion_sexual ethnicity raza political_party gruppo_sanguigno wyznanie hiv_status"},
	} {
		for _, n := range strings.Fields(c.names) {
			table := &catalog.Table{Name: name("records"), Size: catalog.Size{Rows: -1}, Columns: []catalog.Column{{Name: n, Type: c.typ, NotNull: true}}}
			if c.typ.Family == catalog.Integer {
				table.Keys = []catalog.Key{{Name: "records_pkey", Primary: true, Columns: []string{n}}}
			}
			db := &catalog.Database{Tables: []*catalog.Table{table}}
			draft, err := Draft(db)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(draft, n+": {keep") {
				t.Errorf("%s %s is drafted as kept:\n%s", n, c.typ.Name, draft)
			}
			passesUncommented(t, db, draft)
			if codes := keptByHand(t, db, n); !slices.Contains(codes, "kept-looks-personal") {
				t.Errorf("%s %s is kept by hand without a finding: %v", n, c.typ.Name, codes)
			}
		}
	}
}

// TestNaturalKeysInMoreLanguagesAreNotKept is like TestNaturalKeysAreNotKept, with words of more languages. All columns
// are in one database, each in a table of its own.
func TestNaturalKeysInMoreLanguagesAreNotKept(t *testing.T) {
	enum := catalog.Type{Name: "public.e", Base: "e", Family: catalog.Enum, Labels: []string{"a", "b"}}
	db, columns := &catalog.Database{}, map[catalog.Name]string{}
	for _, c := range []struct {
		typ   catalog.Type
		names string
	}{
		{integer, "klantnummer rijbewijsnummer nr_pacjenta nr_legitymacji tckimlikno hasta_no vergi_numarasi kundnr elevnr rodnecislo cislo_pasu " +
			"osobni_cislo numero_utente telemovel processo_clinico codice_paziente partita_iva taj_szam ugyfelszam potilasnumero henkilotunnus cnp " +
			"numar_pacient broj_telefona jmbg cprnr"},
		{boolean, "gehandicapt strafblad pali_papierosy czlonek_zwiazku szczepiony engelli sendika_uyesi sabikali funktionshindrad straffad tehotna " +
			"clen_odboru trestany doente sindicalizado disabile condannato terhes vallasos buntetett sairas bolnav"},
		{enum, "geloof seksuele_geaardheid partij wyznanie orientacja_seksualna przynaleznosc_partyjna mezhep etnik_koken cinsel_yonelim siyasi_gorus " +
			"trosuppfattning etnicitet blodgrupp vyznani politicka_strana cor_raca orientacao_sexual tipo_deficiencia tipo_disabilita vallas uskonto"},
	} {
		for _, n := range strings.Fields(c.names) {
			table := &catalog.Table{Name: name(fmt.Sprintf("records_%d", len(columns))), Size: catalog.Size{Rows: -1}, Columns: []catalog.Column{{Name: n, Type: c.typ, NotNull: true}}}
			if c.typ.Family == catalog.Integer {
				table.Keys = []catalog.Key{{Name: table.Name.Name + "_pkey", Primary: true, Columns: []string{n}}}
			}
			db.Tables, columns[table.Name] = append(db.Tables, table), n
		}
	}
	draft, err := Draft(db)
	if err != nil {
		t.Fatal(err)
	}
	passesUncommented(t, db, draft)
	found := keptTables(t, db)
	for table, column := range columns {
		if kept(draft, table, column) {
			t.Errorf("%s is drafted as kept", column)
		}
		if !found[table] {
			t.Errorf("%s is kept by hand without a finding", column)
		}
	}
}

// keptTables returns the tables with a finding about a rule that keeps a column, if rules keep all columns.
func keptTables(t *testing.T, db *catalog.Database) map[catalog.Name]bool {
	t.Helper()
	var b strings.Builder
	b.WriteString("revision: 1\ntables:\n")
	for _, table := range db.Tables {
		b.WriteString("  " + table.Name.String() + ": {columns: {" + table.Columns[0].Name + ": {keep: measured}}}\n")
	}
	set, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte(b.String())}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	found := map[catalog.Name]bool{}
	for _, f := range p.Findings {
		if f.Code == "kept-looks-personal" {
			found[*f.Table] = true
		}
	}
	return found
}

func TestOnlyFedKeysAreSurrogates(t *testing.T) {
	for row, want := range map[string]bool{
		"id,integer,PRIMARY KEY": true, "id,bigint,GENERATED ALWAYS AS IDENTITY PRIMARY KEY": true, "film_id,serial,PRIMARY KEY": true,
		"key,uuid,DEFAULT gen_random_uuid() PRIMARY KEY": true, "ref,integer,PRIMARY KEY": false, "code,uuid,PRIMARY KEY": false,
		"id,text,PRIMARY KEY": false, "id,integer,": false, "level,integer,PRIMARY KEY": false,
	} {
		s, err := labelled.Read("keys", strings.NewReader("table,column,type,constraint\nthings,"+row+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		draft, err := Draft(s.Database())
		if err != nil {
			t.Fatal(err)
		}
		column, _, _ := strings.Cut(row, ",")
		if got := kept(draft, name("things"), column); got != want {
			t.Errorf("%s: kept %t\n%s", row, got, draft)
		}
	}
}

func TestAddressesAndQuasiIdentifiersAreMarked(t *testing.T) {
	people := newTable("people", col("id", integer), col("last_name", text), col("street", text), col("city", text), col("zip", text), col("birth_year", integer))
	draft, err := Draft(&catalog.Database{Tables: []*catalog.Table{people}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"    subject: id\n", "{class: street, as: person}", "{class: city, as: person}",
		"{class: postcode, as: person} # a quasi-identifier", "birth year, a quasi-identifier",
	} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(draft)
	}
}

// A guess and the rules of TODO lines must fit together.
func TestDraftsPassAsAWhole(t *testing.T) {
	users := newTable("users", col("id", integer), col("context", text), col("token", catalog.Type{Name: "bytea", Base: "bytea", Family: catalog.Bytes}))
	users.Columns[1].NotNull, users.Columns[2].NotNull = true, true
	users.Keys = append(users.Keys, catalog.Key{Name: "users_context_token", Columns: []string{"context", "token"}})
	db := &catalog.Database{Tables: []*catalog.Table{users}}
	draft, err := Draft(db)
	if err != nil {
		t.Fatal(err)
	}
	passesUncommented(t, db, draft)
	if want := "# context: {treat: token}"; !strings.Contains(draft, want) {
		t.Errorf("the draft lacks %q:\n%s", want, draft)
	}
}

// A telephone number in a short unique column has no room for a token, and there are too few invented numbers. The draft
// permutes it, and does not keep it.
func TestShortPersonalKeysArePermuted(t *testing.T) {
	customers := newTable("customers", col("id", integer), col("phone_number", catalog.Type{Name: "character varying(15)", Base: "varchar", Family: catalog.Text, MaxLen: 15}))
	customers.Columns[1].NotNull = true
	customers.Keys = append(customers.Keys, catalog.Key{Name: "customers_phone_number_key", Columns: []string{"phone_number"}})
	db := &catalog.Database{Tables: []*catalog.Table{customers}}
	draft, err := Draft(db)
	if err != nil {
		t.Fatal(err)
	}
	passesUncommented(t, db, draft)
	if want := `# phone_number: {treat: permute, separators: " +-./()_:#@,"}`; !strings.Contains(draft, want) {
		t.Errorf("the draft lacks %q:\n%s", want, draft)
	}
}

// Many databases declare no foreign keys. A column whose name says that it references a surrogate key is kept by its
// TODO line, so that rows can still be joined. Another number is redacted.
func TestNumbersThatReferenceKeysByNameStay(t *testing.T) {
	key := func(name string) catalog.Column {
		c := col(name, integer)
		c.NotNull, c.Identity = true, "always"
		return c
	}
	primary := func(t *catalog.Table) *catalog.Table {
		t.Keys = []catalog.Key{{Name: t.Name.Name + "_pkey", Columns: []string{t.Columns[0].Name}, Primary: true}}
		return t
	}
	uuid := catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}
	db := &catalog.Database{Tables: []*catalog.Table{
		primary(newTable("app_topics", key("topic_id"))), primary(newTable("app_categories", key("id"))), primary(newTable("couriers", col("id", uuid))),
		primary(newTable("app_posts", key("post_id"), col("topic_id", integer), col("category_id", integer), col("fk_category", integer), col("icon_id", integer), col("category", integer), col("courier", uuid))),
	}}
	draft, err := Draft(db)
	if err != nil {
		t.Fatal(err)
	}
	passesUncommented(t, db, draft)
	for column, want := range map[string]string{
		"topic_id": `{keep: "REVIEW: by its name, it references public.app_topics.topic_id"}`, "category_id": `{keep: "REVIEW: by its name, it references public.app_categories.id"}`,
		"fk_category": `{keep: "REVIEW: by its name, it references public.app_categories.id"}`, "courier": `{keep: "REVIEW: by its name, it references public.couriers.id"}`,
		"icon_id": "{treat: redact}", "category": "{treat: redact}",
	} {
		if !regexp.MustCompile(`(?m)^      # ` + column + `: +` + regexp.QuoteMeta(want) + ` # TODO: `).MatchString(draft) {
			t.Errorf("%s: the draft lacks %s:\n%s", column, want, draft)
		}
	}
}
