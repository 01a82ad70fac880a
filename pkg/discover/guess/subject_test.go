package guess

import "testing"

// TestWhatTheRowsAreAbout checks rules that compare what a name says with what the rows of the table are. All names are
// invented.
func TestWhatTheRowsAreAbout(t *testing.T) {
	guessed(t, []string{
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
