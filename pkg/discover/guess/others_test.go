package guess

import "testing"

// othersRows returns tables with names like those in other products. Each table stands for one kind of mistake.
func othersRows() []string {
	return []string{
		// An affix of the table begins or ends the names of its columns.
		"adherents: id_xyz integer, nom_xyz text = family_name, prenom_xyz text = given_name, ville_xyz text = city, cp_xyz text = postcode",
		"dependents: eqc_name text = full_name, eqc_relationship text, eqc_seqno integer, eqc_type text",
		"email_settings: email_footer text, email_layout text, email_theme text, email_colour text",
		// Numbers between and after words say nothing.
		"contacts: phone_1 text = phone, emergency1_name text = full_name, emergency_2_number text = phone, address3 text = street, cvv2 integer = secret",
		// A column that is named after the role of a person holds the person's name. Some of these words do not
		// always name persons.
		"visits: physician text = full_name, examiner_2 text = full_name, nurse_type text, physician_count integer",
		"oauth_logins: provider text, client text, agent text",
		// A name of several words can say something else than one of its words.
		"items: tagline text, general_information text, federal_status text, weightage integer, city_slug text, contact_form_url text",
		"payroll_parts: salary_component text, salary_structure text, exchange_rate numeric",
		"tariffs: monthly_fee numeric, unit_price_amount numeric",
		"drugs: dosage_form text, dose_strength text",
		"remote_files: fingerprint text, content_hash text, variation_digest text",
		"enrollment_codes: title text, short_name text",
		"students: first_name text = given_name, official_name text = full_name, last_name text = family_name",
		"staff_address: mail_address text = street, mail_city text = city, mail_zip text = postcode, bus_no text, updated_by text = full_name",
		"products: disabled boolean, party_type text, number_of_children integer = personal",
		"payments: cc_last_digits text = pan, payment_amount numeric = amount",
		"hosts: address text, network_address text, name text, username text = user_name",
		"requests: comments_url text, github_payload jsonb, parent_id text, client_id text, customer_id text = identifier",
		"suppliers: address text = street",
		// Short forms stand for words of the vocabulary.
		"persons: mrtl_sts_cd text = marital_status, bndslnd text = region, nachnam text = family_name, geschl text = gender, crd_hldr_nm text = full_name, hrly_rt numeric = money, iban_enc bytea = iban",
		// Names without accents write two letters in place of a letter with an accent.
		"gaester: koerestol boolean = health, naermeste_paaroerende text = full_name",
		// If most columns of a table begin with the same word, this word says little about a column.
		"comments: comment_author text = full_name, comment_agent text = user_agent, comment_date date, comment_karma integer, comment_approved text",
		// In a table of people, a column for a name or a number can be about these people, even if its other words are
		// unknown.
		"patients: dob date = birth_date, zzyx_name text = full_name, zzyx_nr text = identifier, zzyx_by text = user_name",
		"machines: zzyx_name text, zzyx_nr text, sort_by text",
		// The same text can be glued to the words of a table, without a separator. If fewer than four columns have this
		// text, with or without a separator, it is no affix.
		"zzkarte: emailqxo text = email, ciudadqxo text = city, direccionqxo text = street, apellidoqxo text = family_name",
		"zzposten: qxoemail text = email, qxocity text = city, qxopostcode text = postcode, qxophone text = phone, qxoorder text",
		"zzsachen: ciudadqxo text, apellidoqxo text",
		// One letter can be glued to a word.
		"zzdaten: fnacimiento date = birth_date, streetb text = street, phonew1 text = phone, nphone text = phone, please text, grace text",
		// Some words name a part of a bank account if an account number is beside it. Elsewhere they mean something
		// else.
		"zzbank: iban text = iban, entidad text = bank_account, sucursal text = bank_account, bank_code text = bank_account",
		"zzventas: entidad text, sucursal text",
		// A table can say what its numbers are.
		"zz_phone_numbers: number text = phone, prefix text, code text",
		"zz_lines: number text",
		// A column of whole numbers whose name begins with id has the key of another table, unless a word says number.
		"zz_calls: id_card bigint, id_cc_card integer, id_phonebook integer, id_card_number bigint = national_id",
		// Another word of a name can say that the column holds no name and no message.
		"zz_layouts: format_nom_eleve text, nom_eleve text = full_name",
		"zz_log: user text = user_name, remote_name text = full_name, user_id integer",
		"reset: error_message text, visible_contact_attributes text, recipient_role text",
	}
}

func TestNamesOfOtherProducts(t *testing.T) { guessed(t, othersRows()) }

// TestUnknownYesOrNoOfAPersonIsNotHarmless checks booleans and enums about a person. Such a column is harmless only if
// a word of its name says that it is a technical switch.
func TestUnknownYesOrNoOfAPersonIsNotHarmless(t *testing.T) {
	d := detectors(t)
	for row, harmless := range map[string]bool{
		"patients: zzyx boolean": false, "patients: is_active boolean": true, "patients: zzyx enum": false, "patients: status enum": true,
		"products: zzyx boolean": true, "products: zzyx enum": true, "kunden: gesperrt boolean": true, "uyeler: zzyx boolean": false,
	} {
		db, table, _ := parsed(t, row)
		c := db.Tables[0].Columns[0]
		if g := d.Database(db); (g.Harmless(table, c.Name) != "") != harmless || g.Of(table, c.Name) != nil {
			t.Errorf("%s: %q %v", row, g.Harmless(table, c.Name), g.Of(table, c.Name))
		}
	}
}
