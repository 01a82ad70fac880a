package guess

import "testing"

// TestTextsThatAllReadersSee checks texts of the application beside texts about people. All names are invented.
func TestTextsThatAllReadersSee(t *testing.T) {
	guessed(t, []string{
		"qx_guests: email text = email, footer_text text, confirm_text text, thankyou_text text, approval_req_text text, note text = free_text",
		"qx_people: last_name text = family_name, text text = free_text, link_text text, tekst text = free_text",
		"qx_agenda: email text = email, texto_ayuda text, fusszeile_text text, message text = free_text",
	})
}

// TestNamesOfThingsOfPeople checks names of things in tables that look like tables of people. All names are invented.
func TestNamesOfThingsOfPeople(t *testing.T) {
	guessed(t, []string{
		"qx_currency: code text, full_name text",
		"qx_persons: code text, full_name text = full_name",
		"qx_contract: full_name text = full_name, email text = email",
		"qx_group: user_id integer, children text, label text",
		"qx_households: last_name text = family_name, children integer = personal",
		"teacher_of_qxlab: last_name text = family_name, nom_qxlab text",
		"responsable_d_qxlab: prenom text = given_name, nom_qxlab text",
		"teacher: last_name text = family_name, role_user text, login_user text = user_name",
		"diseases: disease_name text, level integer",
		"patient_diseases: patient_id integer, disease_name text = health",
		"qx_civility: civility text",
		"file_extensions: extension text, group_id integer",
		"qx_cdr: extension text = phone",
		"qx_rib: iban text = iban, proprio text = full_name",
		"patient_telecoms: patient_id integer, value text = phone, system text",
		"user_session_keys: key_id char(32) = secret, user_id integer",
		"qx_school: name text, email text = email",
		"qx_supplier: name text = company, bank_name text",
		"ciudades: alias text, codigo text",
		"qx_players: email text = email, alias text = user_name, postnum integer",
		"grupos_clientes: nombre text, tarifa_id integer",
		"grupos_clientes2: nombre text, email text = email",
		"asientos: documento varchar(50), concepto text",
		"qx_alquiler: nombre text = full_name, documento varchar(50) = national_id",
		"patient_reporting: report_name text, report_format text, report_sort integer, report_day integer, patient_id integer",
		"qx_orders: email text = email, trans_status text, trans_id text",
		"qx_credentials: rsa_public_key text, rsa_key text = secret",
		"qx_timers: city text = city, long_timer text",
		"qx_clients: email text = email, external_id text = identifier",
		"operatore_qxlab: codice varchar(11) = identifier, password text = password",
		"qx_shelves: codice varchar(11), password text = password",
		"qx_people: last_name text = family_name, codice char(2)",
		"qx_items: external_id text, label text",
		"shop_keys: key_id char(32), user_id integer",
	})
}

// TestWholeNumbersOfPay checks whole numbers in tables of pay, and codes of pay. All names are invented.
func TestWholeNumbersOfPay(t *testing.T) {
	guessed(t, []string{
		"monthlypayslip: staffid char(6) = identifier, totaldeduction integer = money, deduction_group integer, hours integer",
		"employee_income: staff_id integer, amountin integer = money, incomecode char(4)",
		"qx_lohn: mitarbeiter_id integer, bruttobetrag integer = money",
		"qx_orders: amountin integer, total integer",
	})
}

// TestBeginningsInTablesOfPeople checks dates of beginnings and ends. All names are invented.
func TestBeginningsInTablesOfPeople(t *testing.T) {
	guessed(t, []string{
		"qx_patients: last_name text = family_name, registration_start date = date_of_event, registration_end timestamp = date_of_event, end_date date = date_of_event",
		"qx_doctors: last_name text = family_name, start_of_practice date = date_of_event, start_of_sync date",
		"qx_patient_policy: last_name text = family_name, start_date date",
		"qx_vacation: staff_id integer, vdatestart date = date_of_event, vdateend date = date_of_event",
		"qx_allergies: patient_id integer, concept_code text = health, label text",
	})
}
