package guess

import "testing"

// TestKindsOfMistakesInManySchemas checks rules that came from reading the names of columns in 229 schemas that other
// people have published. All names are invented.
func TestKindsOfMistakesInManySchemas(t *testing.T) {
	guessed(t, []string{
		// Somebody has done something, in several languages.
		"qx_notes: freigegeben_durch text = user_name, aprobado_por text = user_name, disetujui_oleh text = user_name, endret_av text = user_name, sort_by text, zeit_von text",
		// A national number that is glued to another word.
		"qx_fiscal: ab12_cpfordenante text = national_id, ab12_cnpjentidad text = national_id, ab12_tipo text",
		// A role after another noun and "of" is no name.
		"qx_calls_log: place_of_contact text, mode_of_contact text, name_of_doctor text = full_name",
		// Permissions are no data about a person.
		"qx_roles: can_view_health boolean, allow_allergies boolean, has_allergies boolean = health",
		// The key of an address is no address.
		"qx_units: mailing_address integer, billing_address integer, city text = city",
		// A hash of something else is no password, also in a table of people.
		"qx_users: email text = email, hash text = password, user_hash text = password, invoice_hash text, source_hash text",
		// These are accounts of a ledger, and no bank accounts.
		"qx_products: burden_acct integer, scrap_acct integer, label text",
		// A state is a region only if it belongs to an address.
		"qx_orders: billing_city text = city, billing_state text = region, payment_state text, shipment_state text, time_zone text",
		// Words that contain another word.
		"qx_people: email text = email, especialidade text, separator text, partial text, where_clause text, domein text, codigo_barras text, fast_track text",
	})
}

// TestMoreLanguages checks words of languages for which the vocabulary once had few words.
func TestMoreLanguages(t *testing.T) {
	guessed(t, []string{
		"qx_pasien: jns_kelamin text = gender, status_kawin text = marital_status, warga_negara text = nationality, goldarah text = health, no_rek text = bank_account, ibu_kandung text = full_name, nama_bendahara text = full_name, kabupaten text, tekanan_darah text = health",
		"qx_anamnese: paciente_id integer, queixa_principal text = health, ausculta_cardiaca text = health, pressao_arterial text = health, historico_familiar text = health",
		"qx_persona: datanaixement date = birth_date, nom text = given_name, cognom text = family_name",
		"qx_medlem: gateaddresse text = street, personlig_ident text = national_id, uforegrad integer = health",
		"qx_patients: tc_number text = national_id, side_effects text = health, physical_examination text = health, principal_investigator text = full_name",
		"qx_empleados: dpi text = national_id, app_paterno text = family_name, app_materno text = family_name, nombre text = given_name",
		"qx_students: stu_email text = email, stuphone text = phone, stulastnm text = family_name, stu_iban text = iban, usr_suffix text = title, usr_secret text = secret",
		"qx_uczniowie: uczen_email text = email, usrnrrachunku text = bank_account, emphastalik text = health, custsivilstand text = marital_status",
		"qx_kisiler: eposta text = email, mail_adresi text = email, dogtar date = birth_date, adresi text = street",
		"qx_zakaznici: ucet text = bank_account, obcansky_prukaz text = national_id, vek integer = age",
		"qx_pelanggan: no_polisi text = license_plate, nama_rekening text = full_name, umur integer = age, tmp_lahir text = city, kata_sandi text = password",
	})
}

// TestTablesAboutHealthAndKeysOfPrograms checks what the name of a table adds to a name that says little.
func TestTablesAboutHealthAndKeysOfPrograms(t *testing.T) {
	guessed(t, []string{
		// In a table about health, and in a table of things that names a patient, a word for health says enough.
		"qx_dossier_medical: ant_chirurgicaux text = health, traitement text = health, titre text",
		"qx_services: patient_name text = full_name, birth_date date = birth_date, anamnesa text = health, diagnosa text = health, disabled integer",
		"qx_alarms: condition text, email text = email, terms_and_conditions text",
		// The rows are keys of programs, and their names are no names of persons.
		"personal_access_tokens: name text, token text = secret, abilities text",
		"oauth_clients: name text, secret text = secret, redirect text",
		// The key of a payroll is no money, and an error of an email is no email.
		"qx_trabajadores: cod_salario integer, salario numeric = money, email text = email, email_error text, email_provided text",
		"qx_paziente: cod_fis text = national_id, data_n date = birth_date, luogo_n text = city",
		"qx_sak: veileder_ident text = user_name, person_ident text = national_id, decision_maker_name text = full_name, invoicer_name text = full_name",
		"qx_banco: cta_nro1 text = bank_account, social_name text = given_name, addresse text = street",
		"qx_musteri: satici_ad text = given_name, alici_soyad text = family_name",
	})
}
