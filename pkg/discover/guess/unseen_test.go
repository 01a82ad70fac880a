package guess

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// TestKindsOfMistakesInUnseenSchemas checks rules that came from the wrong guesses in schemas for which nobody had
// tuned the vocabulary. All names are invented.
func TestKindsOfMistakesInUnseenSchemas(t *testing.T) {
	guessed(t, []string{
		// Capital letters before a word in lower case are an acronym.
		"qx: IPaddress text = ip_address, SSNnumber text = national_id, IBANcode text = iban, VATnumber text = national_id, CPFcliente text = national_id",
		// A document can hold what reaches or identifies a person.
		"qx_people: address jsonb = street, phones jsonb = phone, email jsonb = email, iban jsonb = iban, label jsonb",
		// In a table of things, a name beside a card or a birth date is the name of a person.
		"payments: name text = full_name, pan text = pan, amount numeric = amount",
		"signup_flows: name text = full_name, birth_date date = birth_date",
		"policies: nombre text = given_name, apellido text = family_name, modelo text",
		"payment_methods: name text, label text",
		// A name after "by" is the name of a person.
		"qx_requests: raised_by_name text = full_name, createdby_name text = full_name, raised_by_id integer",
		// If the key of a table is a text, its references are texts too.
		"leases: id text, tenantId text, userId text, rent numeric",
		// A number whose name is only a city is the key of a city, and shows that a PIN beside it is a postcode.
		"candidates_qx: city integer, state integer, pincode text = postcode",
		// An age after a role is the age of a person. Rates are money in tables of people only.
		"digests: applicant_age integer = age, page integer",
		"cost_tables: email text = email, client_rate numeric, rate numeric",
		// Numbers of taxes in a table of taxes are no numbers of persons.
		"tax: taxnumber text, label text",
		// A session is a secret beside a user agent. Keys and passwords can also be numbers.
		"debugs: session text = secret, user_agent text = user_agent",
		"terms_qx: session text, label text",
		"qx_sites: service_key text = secret, data_key text = secret, p256dh_key bytea = secret",
		"qx_boxes: voicemail_password integer = password, passcode bigint = secret, password_length integer",
		"vouchers: voucher integer = secret, page integer",
		// Who makes or gets a telephone call, and names of accounts.
		"sip: forward text = phone, exten text = phone, default_user text = user_name, allowed_ips text = ip_address, forward_delay integer",
		// Roles at ceremonies and of people who make contracts.
		"weddings: novio text = full_name, bride text = full_name, trauzeuge text = full_name, mariee text = marital_status, contratante text = full_name",
		"baptisms_qx: paterno text = family_name, nombre text = given_name, apellido text = family_name, ec text = marital_status, branch_ec text",
		// Pictures by their path.
		"qx_members: email text = email, avatar text = url, photo text = url, profileimg text = url",
		// Illnesses, bails and statements.
		"qx_cases: p1_polio2m boolean = health, measles boolean = health, on_bail boolean = conviction, employee_statement text = free_text",
		// Two words of the vocabulary in one word can say something else.
		"qx_parts: balkon integer, skonto integer, formel text, determination text, unit_name text, city integer",
	})
}

// TestMoreKindsOfMistakesInUnseenSchemas is like TestKindsOfMistakesInUnseenSchemas.
func TestMoreKindsOfMistakesInUnseenSchemas(t *testing.T) {
	guessed(t, []string{
		"qx_eleves: mail_eleve text = email, carbon_copy text = email, mail_identifier text = email, is_male boolean = gender",
		"qx_personer: person_ident text = national_id, num_assurance_maladie text = national_id, geslachtsnaam text = family_name, geslachtsaanduiding text = gender",
		"qx_visits: sctid_code text = health, cie10_codes text = health, snomed_term text = health, used_drugs text = health, stridor boolean = health",
		"citizens: national_id integer = national_id, type_id integer, office_id integer, batch_id integer",
		"qx_sessions: val bytea = secret, label text",
		"terms_of_year: city text = city, beginn integer, ende integer",
	})
}

// TestKeysOfTables checks keys whose names end with id, but have other words too.
func TestKeysOfTables(t *testing.T) {
	names := []string{"user", "author", "member", "editor"}
	db := &catalog.Database{}
	text := catalog.Type{Name: "char(32)", Base: "char", Family: catalog.Text, MaxLen: 32}
	for i, n := range names {
		at := catalog.Name{Schema: "public", Name: "qx_" + n}
		db.Tables = append(db.Tables, &catalog.Table{
			Name: at, Size: catalog.Size{Rows: -1}, Columns: []catalog.Column{{Name: n + "_id", Type: text}, {Name: names[(i+1)%4] + "_id", Type: text}},
			Keys: []catalog.Key{{Name: n + "_pkey", Primary: true, Columns: []string{n + "_id"}}},
		})
	}
	g := detectors(t).Database(db)
	for _, table := range db.Tables {
		for _, c := range table.Columns {
			if got := kindOf(g.Of(table.Name, c.Name)); got != "" {
				t.Errorf("%s: %q", table.Name.Column(c.Name), got)
			}
		}
	}
}
