package guess

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/labelled"
	"github.com/masker-project/masker/pkg/catalog"
)

// ruled returns rows for the rules about words, types, neighbours and tables, in the notation of rows.
func ruled() []string {
	return []string{
		// All words for number mean the same, and the word name can follow or precede its adjective.
		"staff: tax_account_nr text = national_id, tax_account_no text = national_id, name_maiden text = family_name, name_middle text = middle_name",
		"forms: id_nr text = national_id, d_number integer",
		// If a word can be split in two ways, the way with the shorter last word is right.
		"visits: lastip text = ip_address, mothersname text = full_name, tariffname text, dbpassword text = password",
		"logs: ipcreation text = ip_address, idusuario text = identifier, mothername text = full_name",
		// A narrow column holds a code or a switch, and no name.
		"parties: ist_organisation varchar(1), change_mdp varchar(1), email_ok varchar(1), last_name varchar(40) = family_name",
		// A column of integers can hold IP addresses or birth dates. A column of fractions holds no national numbers.
		"peers: ipaddr bigint = ip_address, birthdate integer = birth_date, vat numeric, vat_no text = national_id",
		// A number is a house number if it comes shortly after a street.
		"deals: number text, street text = street, city text = city, dateline integer",
		"homes: strasse text = street, nr text = street, plz text = postcode, ort text = city",
		// An address beside a city and a postcode is a street.
		"houses: adres text = street, postcode text = postcode, woonplaats text = city",
		"farms: adresse text = address, ville text = city",
		// Other names beside a family name are given names.
		"insurees: last_name text = family_name, other_names text = given_name",
		// General names, such as code and value, mean what the name of the table says.
		"call_log: src text = phone, dst text = phone, called_station text = phone, duration integer",
		"file_log: src text, dst text",
		"invitations: code text = secret, status text",
		"access_tokens: hash text = secret, value text = secret, name text",
		"user_sessions: id text = secret, data bytea = secret",
		"training_sessions: id text, code text, data text",
		"health_status: patient_id integer, description text = health",
		"health_codes: code text, description text",
		// A role is the name of a person also in a table of things, if it is no part of a program.
		"bus_lines: conductor text = full_name, contact text = full_name",
		"print_config: driver text, editor text",
		// A name is the name of a person beside a number of this person.
		"documents: name text = full_name, passport_no text = national_id, street text = street",
		"buildings: name text, passport_no text = national_id",
		"phone_numbers: number text = phone, name text = full_name",
		"claims: naam text = full_name, iban text = iban",
		// The parts of mail.
		"mail_queue: mailto text = email, fromaddress text = email, recipient_name text = full_name, email_subject text = free_text",
		"email_history: cclist text = email, mail_forward text = email, text text = free_text",
		// A name that begins with a word for type can still name a special category.
		"ospiti: tipo_disabilita enum = health, tipo_religione enum = religion, tipo_telefono text",
		// These words mean something else in other names.
		"events: end_time integer, ship_via text, date_fin integer, form_dir text, city text = city",
		"domini: quota_mail integer, exchange_rate numeric, email text = email",
		// A password that is temporary or encrypted, and what makes a login secure.
		"qx_users: email text = email, pass_temp text = password, pwd_crypted text = password, temp numeric = health, actkey text = secret, form_salt text = secret, oauth_state text = secret, login_state text",
		// A known word and a letter are no short form of a longer word.
		"qx_plans: dateo date, dateob date, title text",
		// Interest is money if it is a number, and the key of a treatment is no treatment.
		"qx_loans: customer_id integer, loan_interest numeric, interests text = personal",
		"qx_intake: patient_id integer, medicationrequestid text, medication text = health",
		// Names and texts in forums and in lists of contacts.
		"qx_contacts: email text = email, sort_name text = full_name, household_name text = full_name, email_greeting_display text = full_name, email_greeting_id integer, external_identifier text = identifier",
		"qx_reports: user_id integer, report_text text = free_text, reported_post_text text = free_text, mail_admin text = email",
	}
}

func TestRules(t *testing.T) { guessed(t, ruled()) }

// TestNeighboursOfSchemas checks rules that came from the wrong guesses in schemas of others. All names are invented.
func TestNeighboursOfSchemas(t *testing.T) {
	guessed(t, []string{
		// Letters that many names share are no prefix if the names are words.
		"billing_people: password text = password, payer text = full_name, payment_type text, payment_tax numeric, payment_fee numeric = amount, payer_email text = email, payment_cost numeric = amount, payment_total numeric = amount",
		// A code beside parts of an address is a postcode, and a secret beside a card.
		"applicants: city text = city, state text = region, pin_code text = postcode, home_pin_code text = postcode",
		"wallets: card_number text = pan, pin_code text = secret",
		// Any word of a table's name can say that the table is about mail.
		"qx_mail_stack: recipient text = email, cc text = email, cci text = email",
		"mail_archive: sender jsonb = email, recipients jsonb = email",
		// In a table of contacts, the contact is a telephone number.
		"client_contacts: client_id integer, contact text = phone",
		// Questions and answers beside a password can be used in place of the password.
		"logins: username text = user_name, password text = password, answer text = secret, frage1 text = secret",
		"quizzes: question text, answer text",
		// A name is a family name beside a given name with the same other words.
		"deals: guide_name text = family_name, guide_firstname text = given_name, helper_name text = full_name",
		// The role of a person says whose number or address it is.
		"files: email_responsable text = email, telefono_titular text = phone, iban_intestatario text = iban, email_empresa text = email",
		// An address of a person is no address of a machine.
		"vehicles: owner_address text = street, owner_phone text = phone",
		"node_list: owner_address text",
		// The number of a licence or a document is a national number only in some tables. In a table of companies, a
		// register number is none.
		"firms: license_number text = national_id, kvk_nummer text",
		"driver_licence: licence_no text = national_id",
		"drivers: licence_no text = identifier, email text = email",
		"facts: idtipodocumento integer, numero_documento text = national_id",
		// The name of an IP address can have the version of the protocol.
		"sessions_radius: framedipv6address text = ip_address, ipv4 text = ip_address, framedipv6prefix text = ip_address",
		// A word for number can be glued to the word that it belongs to.
		"warga: noktp text = national_id, nopaspor text, notelp text = phone, nohp text = phone, notes text = free_text, nrpesel text = national_id",
		// The name of the table can say what a number or a value is.
		"sms_outbox: sender_number text = phone, value text",
		"user_emails: value text = email, label text",
		// Beside a telephone number and an email address, a word such as owner is the name of a person.
		"hot_spots: owner text = full_name, phone text = phone, email text = email",
		"hot_words: owner text, label text",
		// Subjects of a company's mail templates are no texts about people.
		"shops: order_subject text, email text = email",
		// A PIN in a list of addresses is a postcode, and a secret in a table of people.
		"places: street text = street, city text = city, pin text = postcode",
		"card_users: street text = street, city text = city, pin text = secret, email text = email",
		// After a password, a word for a machine says what the password opens.
		"setups: password_gateway text = password, password_policy text, token_server text = secret",
		// Turkish endings say that something belongs to somebody.
		"kullanicilar: telefonu text = phone, sifresi text = password, cinsiyeti text = gender, tcno text = national_id",
		// Four letters are too few for a guess about faith or health.
		"sales_id: harga_beli numeric, persen_jasa numeric, number_invalid integer, how_did_you_hear text",
		// Words that mean something else in most tables.
		"meters: cpt_total integer, std_value numeric, pol_count integer, flat_rate numeric, dbserver text, trans_status text",
	})
}

func TestSecretsAreNamedInManyLanguages(t *testing.T) {
	d := detectors(t)
	for _, name := range strings.Fields("consumer_key confirm_code confirmcode verifykey validation_code aes_key totp_seed forgotten_password_code " +
		"code_activation cle_api codigo_verificacion clave_api codigo_ativacao chave_acesso codice_conferma chiave_api " +
		"aktivierungscode freischaltcode zugriffstoken verificatiecode kod_weryfikacyjny verifieringskod dogrulama_kodu overovaci_kod " +
		"wifi_key update_key kode_otp geheimfrage tajny_klucz gizli_anahtar sikkerhetskode engangskod beveiligingscode mot_secret codigo_segreto hint_answer") {
		db, table, _ := parsed(t, "users: "+name+" text")
		if got := kindOf(d.Database(db).Of(table, name)); got != "secret" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// schemaOf makes a database of tables in the notation of rows.
func schemaOf(t *testing.T, rows ...string) (*catalog.Database, []labelled.Column) {
	t.Helper()
	var b strings.Builder
	b.WriteString("table,column,type,constraint,kind\n")
	for _, row := range rows {
		name, columns, _ := strings.Cut(row, ": ")
		for _, c := range strings.Split(columns, ", ") {
			c, kind, _ := strings.Cut(c, " = ")
			f := strings.Fields(c)
			b.WriteString(strings.Join([]string{name, f[0], f[1], "", kind}, ",") + "\n")
		}
	}
	s, err := labelled.Read("rows", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return s.Database(), s.Columns
}

// TestRulesOfDatabases checks what only several tables, or several columns of a table, show together.
func TestRulesOfDatabases(t *testing.T) {
	for what, rows := range map[string][]string{
		"keys that are texts": {
			"a: id text, patient_id text", "b: id text, author_id text", "c: id text, mandant_id text", "d: id text, email text = email",
		},
		"keys that are texts and glued to a prefix": {
			"qga: qgid text, qgtitle text, qgsort integer, qgactive integer, qglabel text, qguserid text, qgaddressuserid text, qgcity text = city",
			"qgb: qgid text, qgtitle text, qgsort integer, qgactive integer, qglabel text, qguserid text",
			"qgc: qgid text, qgtitle text, qgsort integer, qgactive integer, qglabel text, qguserid text",
			"qgd: qgid text, qgtitle text, qgsort integer, qgactive integer, qglabel text, qguserid text",
		},
		"keys that are numbers": {
			"a: id integer, patient_id text = identifier", "b: id integer", "c: id integer", "d: id integer",
		},
		"a number that refers to a table": {
			"tax: id integer, rate numeric", "bank_accounts: id integer, iban text = iban", "postings: tax_id integer, bank_account_id integer, email text = email",
		},
		"a number that refers to a table in the plural": {"tourist_taxes: id integer, label text", "tourist_rates: tourist_tax_id integer"},
		"a number that is called as a table":            {"allergies: id integer, label text", "qx_patients: allergy integer, diagnosis integer = health"},
		"a table without a table of taxes":              {"clerks: tax_id integer = national_id, email text = email"},
		"a number among keys":                           {"lines: tax_id integer, order_id integer, item_id integer, unit_id integer"},
		"numbers that the database counts, and their references": {
			"qx_papers: passport_no serial, label text", "qx_lines: passport_no integer, id_card_no text = national_id",
		},
		"numbers that the database does not count": {"qx_papers: passport_no integer = national_id", "qx_lines: passport_no integer = national_id"},
		"a database about patients": {
			"patients: birth_date date = birth_date", "qx_visit: patient_id integer, zzyx_q numeric = health, price numeric, reason text = health, sort integer",
			"exam_results: patient integer, value text = health", "triage_notes: value text", "lab_prices: value numeric", "nursing_specialties: diagnosis text",
			"allergies: patient_id integer, substance text", "vital_signs: patient_id integer, created_by integer, zzyx integer = health",
		},
		"a database about visits of customers": {
			"customers: birth_date date = birth_date", "qx_visit: customer_id integer, zzyx_q numeric, reason text", "exam_results: customer_id integer, value text",
		},
		"a word before all tables": {
			"zz_mail_errors: from_address text = email", "zz_product: name text", "zz_person: name text = full_name", "zz_rate: name text",
		},
		"letters before all tables": {
			"qguser: name text = full_name", "qgproduct: name text", "qgorder: name text", "qgcountry: name text", "qgrate: name text", "qgshelf: name text", "qgrole: name text",
		},
		"letters before all columns": {
			"temp: elenom text = family_name, elepre text, elesexe text = gender, eleoptun text, elenoet text, eleregdo text, elepren text = given_name",
		},
		"an affix that is glued to one word": {
			"addresses: quxto_name text = full_name, quxto_street text = street, quxto_phone text = phone, quxto_email text = email, quxtocity text = city",
		},
	} {
		guessedTogether(t, what, rows)
	}
}

// guessedTogether checks the guesses for the tables of one database.
func guessedTogether(t *testing.T, what string, rows []string) {
	t.Helper()
	db, columns := schemaOf(t, rows...)
	g := detectors(t).Database(db)
	for _, c := range columns {
		if got := kindOf(g.Of(c.Table, c.Name)); got != c.Kind {
			t.Errorf("%s: %s: %q, want %q", what, c.Table.Column(c.Name), got, c.Kind)
		}
	}
}

// TestDatabasesAboutPatients checks databases about patients in other languages than English.
func TestDatabasesAboutPatients(t *testing.T) {
	for what, rows := range map[string][]string{
		"German": {
			"patienten: geburtsdatum date = birth_date", "qx_untersuchung: patient_id integer, datum date = date_of_event, befund text = health, preis numeric",
			"rezepte: patient_id integer, dosierung text = health, datum date = date_of_event", "qx_behandlung: patient_id integer, therapie text = health, beginn date = date_of_event",
			"zimmer: datum date, verlauf text", "rezept_arten: dosierung text",
		},
		"Spanish": {
			"pacientes: fecha_nacimiento date = birth_date", "qx_recetas: paciente_id integer, fecha date = date_of_event, posologia text = health",
			"ingresos: paciente_id integer, fecha_inicio date = date_of_event", "qx_cirugias: pid integer, fecha date = date_of_event, resultado text = health", "salas: fecha date, posologia text", "citas: paciente_id integer, motivo text = free_text",
		},
	} {
		guessedTogether(t, what, rows)
	}
}

// A boolean with words that are not in the vocabulary can be about a person.
func TestUnknownBooleansAreNotHarmless(t *testing.T) {
	for row, want := range map[string]bool{
		"records: qwertz boolean": false, "records: visible boolean": true, "products: qwertz boolean": true, "records: is_backup boolean": true,
		"items_qx: p1_zvx2m boolean": true, "records: p1_zvx2m boolean": false, "qx_reports: qwertz boolean, patient_id integer": false, "qx_reports: qwertz boolean, row_id integer": true,
		"mental_health_checks: understands_order boolean": false, "mental_health_records: understands_terms_of_order boolean": false, "mental_health_checks: is_active boolean": true,
	} {
		db, table, _ := parsed(t, row)
		if got := detectors(t).Database(db).Harmless(table, db.Tables[0].Columns[0].Name) != ""; got != want {
			t.Errorf("%s: harmless %t", row, got)
		}
	}
}
