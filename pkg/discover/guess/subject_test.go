package guess

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// TestWhatTheRowsAreAbout checks rules that compare what a name says with what the rows of the table are. All names are
// invented.
func TestWhatTheRowsAreAbout(t *testing.T) {
	guessed(t, []string{
		// Only people have some events.
		"qx_records: admission_date date = date_of_event, death_date date = date_of_event, termination_date date",
		// A word such as profile or provider names people only if the rows have something that identifies them.
		"sip_profiles: name text, description text",
		"payment_providers: name text",
		"user_profiles: name text = full_name",
		"qx_accounts: name text = full_name, email text = email",
		// The rows of a list of roles are no people, and the rows of loans of a company are no companies.
		"user_roles: name text",
		"company_loans: name text",
		"loan_companies: name text = company",
		// A table that is named after a kind lists the values of the kind. A table of people does not.
		"genders: gender text, gender_code text, description text",
		"professions: profession text",
		"invoice_taxes: tax_code text, tax_description text",
		"person_gender: gender text = gender",
		"staff: gender text = gender, profession text = job_title",
		// Settings can have the address and the telephone of the owner of the application. They are not about people.
		"invoice_conf: company_name text, website text, invoice_note text, email text = email, phone text = phone, customer_number text",
		"smtp_settings: username text = user_name, password text = password, message_text text",
		"user_settings: note text = free_text, email text = email",
		// Prices and dates say something about a person only if the table does.
		"qx_add_ons: amount numeric, fee numeric",
		"qx_payments: customer_id integer, amount numeric = amount",
		"coupons: terminated_at timestamp, comment text, amount numeric",
		"wallets: customer_id integer, terminated_at timestamp",
		"staff: terminated_at timestamp = date_of_event, comment text = free_text",
		"products: commission numeric, picture text, latitude numeric, vendor_email text = email",
		"sales_people: commission numeric = money, picture text = url, latitude numeric = latitude",
		// A land is a country, and the year of a class is no year of birth.
		"pupils: ort text = city, land text, jahrgang integer, geburtsjahr integer = birth_year",
		// The number that identifies a row in the whole world is no text.
		"qx_comments: comment text = free_text, comment_uuid text",
	})
}

// TestWhatAColumnCannotHold checks rules about types, keys and short words. All names are invented.
func TestWhatAColumnCannotHold(t *testing.T) {
	guessed(t, []string{
		// A text about an email is no email, so the rows are not people.
		"qx_functions: name text, email_bericht text",
		"qx_zzyx: name text, email_bericht text = free_text",
		// A narrow column holds no address of the internet, no page and no text.
		"qx_claims: last_ip varchar(10), homepage varchar(10), remark varchar(10), created_by varchar(4), offered_door varchar(4)",
		"qx_claims2: last_ip varchar(15) = ip_address, homepage varchar(80) = url, remark varchar(80) = free_text, created_by varchar(40) = full_name",
		// A number that is called bank account id is a key.
		"bank_import_rules: bank_account_id integer, iban text = iban",
		// The code of a provider, and a number called code, identify nobody.
		"qx_calls: provider_code text, officer_code integer",
		"teachers: staff_code text = identifier, officer_code integer = identifier",
		// Short words that can mean health must be the whole name.
		"qx_teachers: birth_date date = birth_date, week_std numeric, std numeric = health, dst_base_cid text",
		// A number in a table of people that has other unknown words is a code if it is narrow or no text.
		"qx_pupils: birth_date date = birth_date, zzyx_nr varchar(6), zzyq_nr varchar(20) = identifier, zzyw_nr smallint",
		// The places in a list of places are nobody's places. Those of people are.
		"cities: name text, postcode text, latitude numeric, longitude numeric, region text",
		"qx_guests: birth_date date = birth_date, postcode text = postcode, city text = city, latitude numeric = latitude",
		// The commission of a sale is not the income of a person.
		"qx_sales: commission_rate numeric, bonus integer, customer_id integer",
		"salespeople: commission_rate numeric = money, bonus integer = money",
	})
}

// TestWhatTheTableMakesOfAGeneralName checks general names, such as value and number, in tables of secrets and of texts.
func TestWhatTheTableMakesOfAGeneralName(t *testing.T) {
	guessed(t, []string{
		"api_keys: value text = secret, label text",
		"car_keys: value text, label text",
		"vouchers: voucher_nr text = secret, kind text",
		"qx_orders: voucher_nr text, number text",
		"qx_remarks: text text = free_text, title text",
		"qx_labels: text text, title text",
		"qx_guests: birth_date date = birth_date, idnumber text = national_id",
	})
}

// TestWordsThatOnlyLookLikeOthers checks words that begin or end as a word of a kind. All names are invented.
func TestWordsThatOnlyLookLikeOthers(t *testing.T) {
	guessed(t, []string{
		// A compound is no long form of its first part.
		"qx_scan: dateof timestamp, stunden integer, caldateof date",
		"qx_files: modul_descrip varchar(50), linkto varchar(180), daten text, anerkennung_krz varchar(20), sort_ip text = ip_address",
		// A number of things that the name gives in the plural counts them.
		"qx_bills: numdocs integer, num_users numeric, num_doc integer = national_id, email text = email",
		// Numbers in the register of companies belong to companies. The row of a person makes them personal.
		"qx_places: siret text, kvk_nummer text",
		"qx_traders: siret text = national_id, first_name text = given_name",
		// A prefix of telephone numbers is no number, and a key that is public is no secret.
		"qx_lands: phone_prefix text, telephone_prefix text, username_suffix text, phone text = phone",
		"qx_nodes: rsa_public_key text, rsa_private_key text = secret, default_sortby text",
		// A row with a mail address is somebody, and not always a person.
		"qx_offices: name text, email text = email",
		"qx_addresses: name text = full_name, email text = email, city text = city",
		// Animals are no people.
		"pets: name text, birth_date date, sex text, allergies text, owner_email text = email",
		"pet_owners: name text = full_name, birth_date date = birth_date",
		// An address needs more than a few characters.
		"qx_branches: adr_merkmal varchar(1), adr varchar(60) = street, city text = city",
	})
}

// TestCommentsAboutThings checks that a comment of a column of a thing gives no guess by a word in it.
func TestCommentsAboutThings(t *testing.T) {
	d := detectors(t)
	for table, want := range map[string]string{"articles": "", "patients": "health"} {
		name := catalog.Name{Schema: "public", Name: table}
		c := catalog.Column{Name: "v1", Type: catalog.Type{Family: catalog.Numeric}, Comment: "weight kg"}
		g := d.Database(&catalog.Database{Tables: []*catalog.Table{{Name: name, Columns: []catalog.Column{c}}}})
		if got := kindOf(g.Of(name, "v1")); got != want {
			t.Errorf("%s: %q, want %q", table, got, want)
		}
	}
}
