package guess

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/labelled"
	"github.com/masker-project/masker/pkg/catalog"
)

// rows returns tables in the notation "table: column type, column type = kind". A column without a kind has no guess.
func rows() []string {
	return []string{
		// What a word means depends on its table and on the columns beside it. For example, a state beside a city is a
		// region, and the state of a job is not.
		"vendors: city text = city, state text = region, zip text = postcode",
		"branches: plz text = postcode, ort text = city, land text, bundesland text = region",
		"jobs: state text, attempts integer",
		"orders: state text, created_at timestamptz",
		"mail_log: to_address text = email, from_address text = email, cc_addresses text[] = email, sent_at timestamptz",
		"outbox_messages: recipient_addresses text = email, subject text = free_text",
		"shipments: to_address text = street, city text = city",
		"soil_samples: acid_level numeric, candidate_no integer = identifier",
		"wines: acid_level numeric, vintage_year integer",
		"cards: exp_year integer, exp_month smallint, cvv integer = secret, card_year integer",
		// A column can hold a property of a kind, and not the kind itself. For example, email_type holds no mail
		// address.
		"contacts: email_type text, email_settings jsonb, email text = email, phone_type text, phone_verified boolean, email_format text",
		"accounts: recipient_type text, return_code integer, hash_algo text, token_uri text, password_policy text, token_lifetime integer",
		"clients: tipo_correo text, type_email text, tipo_telefono text, modele_courriel text, address_type text, passport_type text",
		"people: address_count integer, name_format text, phone_count integer, email_template text",
		"tokens: token_type text, token_endpoint text, key_version integer, signing_algorithm text",
		"user_tokens: user_token integer, user_id integer",
		// The names of things are not personal data. The names of people are.
		"products: display_name text, product_name text, file_name text, host_name text, tag_name text",
		"feature_flags: display_name text, flag_display_name text, label_name text",
		"event_types: event_display_name text, table_name text, role_name text, group_name text",
		"settings: name text, value text, display_name text",
		"users: display_name text = full_name, name text = full_name, role_name text",
		"providers: legal_name text = full_name, specialty text",
		"companies: legal_name text = company, name text = company",
		"tickets: customer_name text = full_name, agent_name text = full_name, product_name text",
		"sales: nom_vendeur text = full_name, nombre_cliente text = full_name, nome_paziente text = full_name, arztname text = full_name",
		"pupils: firstnames text = given_name, lastnames text = family_name, givennames text = given_name",
		// Some names consist of words that are written together, or begin with capital letters, or are short.
		"t1: firstname text = given_name, LastName text = family_name, phonenumber text = phone, creditcardnumber text = pan",
		"t2: dateofbirth date = birth_date, emailaddr text = email, customerphone text = phone, homeaddress text = street, ipaddress text = ip_address",
		"t3: privattelefonnummer text = phone, kundenemailadresse text = email, nationalIDNumber text = national_id",
		"t4: fnm text = given_name, lnm text = family_name, eml text = email, dob date = birth_date",
		// These columns hold numbers that identify persons, or other numbers.
		"t0: national_register_no bigint = national_id, codice_sanitario bigint = national_id, registry_number bigint",
		"visits: patient_number integer = identifier, doctor_no text = identifier, visit_number integer, room_number text",
		"exams: student_code text = identifier, exam_code text, course_number text, numero_estudiante integer = identifier",
		"parts: part_number text, model_number text, batch_number integer, order_number text, numero_producto text",
		// These columns hold secrets and other data of logins.
		"logins: encrypted_pii bytea = personal, password_hash text = password, reset_token text = secret, api_key text = secret",
		"sessions: session_token text = secret, cookie text = secret, remember_token text = secret, user_agent text = user_agent",
	}
}

func moreRows() []string {
	return []string{
		// These columns of several types hold special categories of personal data, except for the last row: there, the
		// words mean something else.
		"staff: union_member boolean = union, has_diabetes boolean = health, religion integer = religion, ethnicity enum = ethnicity",
		"mitglieder: schwerbehindert boolean = health, gewerkschaftsmitglied boolean = union, konfession enum = religion, partei smallint = politics",
		"membres: handicape boolean = health, opinion_politique smallint = politics, orientation_sexuelle enum = sexual_life, condamnations integer = conviction",
		"empleados: discapacidad boolean = health, sindicato integer = union, raza smallint = ethnicity, antecedentes_penales boolean = conviction",
		"dipendenti: iscrizione_sindacale boolean = union, stato_di_salute enum = health, razza text = ethnicity, impronta_digitale bytea = biometrics",
		"leden: geloofsovertuiging enum = religion, vakbondslid boolean = union, strafblad boolean = conviction, zwanger boolean = health",
		"funcionarios: raca enum = ethnicity, gravida boolean = health, religiao integer = religion",
		"pracownicy: wyznanie enum = religion, niepelnosprawnosc boolean = health, karalnosc boolean = conviction",
		"medlemmar: facklig_tillhorighet boolean = union, sjukskriven boolean = health, trossamfund text = religion",
		"events: race_number integer, party_size integer, union_type text",
		// These columns hold quasi-identifiers, or only have words that quasi-identifiers have too.
		"voters: birth_year smallint = birth_year, marital_status enum = marital_status, gender smallint = gender, salary_band text = money, zip integer = postcode",
		"meters: year smallint, zone integer, page integer, percentage numeric",
		// These words contain other words, such as age in message.
		"pages: message_size integer, storage_class text, language text, capital text, passage integer, package_id integer, image_count integer",
		"lists: shipping_method text, discount_code text, mission text, update_reason_code text",
	}
}

// parsed reads a row. It returns the row's table, and the kind that each column holds.
func parsed(t *testing.T, row string) (*catalog.Database, catalog.Name, map[string]string) {
	t.Helper()
	name, columns, _ := strings.Cut(row, ": ")
	var b strings.Builder
	b.WriteString("table,column,type,constraint,kind\n")
	for _, c := range strings.Split(columns, ", ") {
		c, kind, _ := strings.Cut(c, " = ")
		f := strings.Fields(c)
		b.WriteString(strings.Join([]string{name, f[0], f[1], "", kind}, ",") + "\n")
	}
	s, err := labelled.Read(name, strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, c := range s.Columns {
		want[c.Name] = c.Kind
	}
	return s.Database(), s.Columns[0].Table, want
}

func TestNamesInTheirContext(t *testing.T) { guessed(t, slices.Concat(rows(), moreRows())) }

// guessed checks the kind of each column of the rows.
func guessed(t *testing.T, rows []string) {
	t.Helper()
	d := detectors(t)
	for _, row := range rows {
		db, table, want := parsed(t, row)
		g := d.Database(db)
		for _, c := range db.Tables[0].Columns {
			if got := kindOf(g.Of(table, c.Name)); got != want[c.Name] {
				t.Errorf("%s.%s: %q, want %q; words %v", table.Name, c.Name, got, want[c.Name], d.Tokens(c.Name))
			}
		}
	}
}

func detectors(t *testing.T) *Detectors {
	t.Helper()
	d, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func kindOf(g *Guess) string {
	if g == nil {
		return ""
	}
	return g.Kind
}

func TestComments(t *testing.T) {
	d := detectors(t)
	for comment, want := range map[string]string{
		"PII": "personal", "Sensitive: do not export": "personal", "enthält personenbezogene Daten": "personal",
		"contains personal data": "personal", "données personnelles": "personal", "Krankheit des Kunden": "health",
		"": "", "not sensitive": "", "no PII here": "", "keine personenbezogenen Daten": "", "personal preference of the team": "",
		"case-sensitive code": "", "code of the plant": "",
	} {
		c := catalog.Column{Name: "v1", Type: catalog.Type{Family: catalog.Text}, Comment: comment}
		name := catalog.Name{Schema: "public", Name: "misc"}
		g := d.Database(&catalog.Database{Tables: []*catalog.Table{{Name: name, Columns: []catalog.Column{c}}}})
		if got := kindOf(g.Of(name, "v1")); got != want {
			t.Errorf("%q: %q, want %q", comment, got, want)
		}
		if g := g.Of(name, "v1"); g != nil && comment != "" && strings.Contains(g.Why, comment) {
			t.Errorf("%q is quoted: %s", comment, g.Why)
		}
	}
}

func TestReferencesCarryGuesses(t *testing.T) {
	s, err := labelled.Read("refs", strings.NewReader("table,column,type,constraint\np,ssn,integer,PRIMARY KEY\nq,owner,integer,REFERENCES p(ssn)\nr,parent,integer,REFERENCES q(owner)\n"))
	if err != nil {
		t.Fatal(err)
	}
	g := detectors(t).Database(s.Database())
	for _, c := range s.Columns {
		if got := kindOf(g.Of(c.Table, c.Name)); got != "national_id" {
			t.Errorf("%s.%s: %q", c.Table.Name, c.Name, got)
		}
	}
}

func TestTokens(t *testing.T) {
	d := detectors(t)
	for name, want := range map[string]string{
		"FirstName": "first name", "firstname": "firstname", "emailaddr": "emailaddr", "USER_ID": "user id", "HTTPServerPort": "http server port",
		"pan_last4": "pan last four", "Straße": "strasse", "thumbnailphotofilename": "thumbnail photo filename", "customerphone": "customer phone",
		"geändert_am": "geandert am", "": "", "___": "", "passage": "passage",
		"bndslnd": "bundesland", "nachnam": "nachname", "paaroerende": "parorende", "bilnr": "bilnr", "zzyxnavn": "zzyx navn",
	} {
		if got := strings.Join(d.Tokens(name), " "); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestWrongVocabulariesAreRefused(t *testing.T) {
	for _, text := range []string{"+ a", "[email nothing]\n+ a", "[email text] often\n+ a", "[]\n+ a", "[email text]\nmail", "[email text"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"FirstName", "a\u0301b", "ＮＡＭＥ", strings.Repeat("name", 40), "\xff\x00", "田中_名前"} {
		f.Add(s)
	}
	d, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		tokens := d.Tokens(name)
		if slices.Contains(tokens, "") {
			t.Fatalf("%q: %q", name, tokens)
		}
		table := catalog.Name{Schema: "s", Name: name}
		c := catalog.Column{Name: name, Comment: name, Type: catalog.Type{Family: catalog.Text}}
		d.Database(&catalog.Database{Tables: []*catalog.Table{{Name: table, Columns: []catalog.Column{c}}}})
	})
}
