package guess

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// TestPartsOfALife checks dates and facts in tables whose rows are parts of the lives of people. All names are invented.
func TestPartsOfALife(t *testing.T) {
	guessed(t, []string{
		// A date with a general name belongs to the absence, and so to the person.
		"qx_absences: employee_id integer, start_date date = date_of_event, until date = date_of_event, cause text = free_text",
		"qx_urlaub: mitarbeiter_id integer, von date = date_of_event, bis date = date_of_event, angelegt_am date",
		"qx_ferias: funcionario_id integer, inicio date = date_of_event, data_fim date = date_of_event",
		"qx_absences2: machine_id integer, start_date date, until date",
		"qx_projects: employee_id integer, start_date date, until date",
		// Events that only people have, in several languages.
		"qx_staff: date_prise_fonction date = date_of_event, datum_abgang date = date_of_event, fecha_cese date = date_of_event, data_desligamento date = date_of_event, sterfdatum date = date_of_event, data_przyjecia date = date_of_event",
		// Facts of a private life.
		"qx_pupils: first_name text = given_name, autorite_parentale boolean = personal, sorgerecht text = personal, previous_school text = personal, boursier boolean = personal, becado boolean = personal, rel_to_child text = personal",
		// Measures of a body, and the unit of an amount.
		"qx_patients: first_name text = given_name, sbp integer = health, wt_kg numeric = health, bld_grp varchar(3) = health, org_dnr char(1) = health, chf_cmplt text = health",
		"qx_customers: first_name text = given_name, store_credit_cents integer = money, quotient_familial numeric = money",
		"qx_faces: palm_template bytea = biometrics, vecteur_visage bytea = biometrics, gesichtsvektor bytea = biometrics, plantilla_iris bytea = biometrics",
	})
}

// TestRowsThatAreACatalogue checks tables that list types, reasons or drafts of texts. All names are invented.
func TestRowsThatAreACatalogue(t *testing.T) {
	guessed(t, []string{
		"qx_author_type: name text, description text, remark text",
		"tipo_dependente: nome text, descricao text, observacao text",
		"motifs_absence: libelle text, est_medical boolean, commentaire text",
		"qx_countries: nationality text, religion text, note text",
		"email_templates: subject text, body text, note text",
		"qx_vorlagen: betreff text, nachricht text",
		"tipopessoa: descricao text, observacao text",
		"mail_template: nom_expediteur text, objet text, corps text",
		"qx_nazioni: nome_nazione text, codice_nazione text",
		"qx_parentele: nome_parentela text, idparentela integer",
		"qx_products: gender_target text, age_group text, description text, image_url text",
		// The flag of a date and the place of an event are no dates.
		"qx_people: last_name text = family_name, dob_est_fl char(1), birth_dt varchar(8) = birth_date, citta text = city, regione_nascita text = region",
	})
}

// TestFilesOfPeople checks columns with a file of a person, or with its path. All names are invented.
func TestFilesOfPeople(t *testing.T) {
	guessed(t, []string{
		"qx_students: first_name text = given_name, letter_path text = photo, pdf_file text = photo, photo_key text = photo, datei bytea = file, sig_img bytea = file, pht_blob bytea = file",
		"qx_cases: customer_id integer, piece_jointe text, recording_path text = photo, dateipfad text",
		"qx_layouts: pdf_file text, document_path text, blob bytea",
		"qx_uploads: checksum_md5 text, fingerprint_sha256 text",
	})
}

// TestTablesOfPay checks amounts in tables of pay, and measures that only people have. All names are invented.
func TestTablesOfPay(t *testing.T) {
	guessed(t, []string{
		"qx_payslips: employee_id integer, zzyx numeric = money, amount numeric = money, hours numeric, tax_rate numeric",
		"qx_lohnabrechnung: mitarbeiter_id integer, nettobetrag numeric = money, zzyx numeric = money, tage numeric",
		"qx_nominas: empleado_id integer, total_devengos numeric = money, retencion_irpf numeric = money",
		"qx_claims: customer_id integer, schadenhoehe numeric = amount, suma_asegurada numeric = amount, settlement_amount numeric = amount",
		"qx_members: last_name text = family_name, gewicht numeric = health, estatura integer = health, interessen text = personal, meldegrund text = free_text, ueber_mich text = free_text",
		"qx_parcels: customer_id integer, gewicht numeric, altura integer, selbst integer",
		"qx_dependents: first_name text = given_name, rel_cd char(2) = personal",
		"qx_courses: is_religion_course boolean",
	})
}

// TestTextsOfForums checks texts with general names in tables of posts, bans and warnings. All names are invented.
func TestTextsOfForums(t *testing.T) {
	guessed(t, []string{
		"qx_forum_posts: tekst text = free_text, content text = free_text",
		"qx_verwarnungen: grund text = free_text, inhalt text = free_text",
		"qx_log_reported: reason text = free_text, details text = free_text",
		"qx_layouts: reason text, content text",
		"qx_staff: unfalldatum date = date_of_event, pruefungsdatum date = date_of_event, mitglied_seit date = date_of_event, fecha_examen date = date_of_event, data_infortunio date = date_of_event",
	})
}

// TestAbsencesAndMemberships checks dates and texts of parts of lives whose tables refer to a person. All names are
// invented.
func TestAbsencesAndMemberships(t *testing.T) {
	guessed(t, []string{
		"qx_holiday: fk_user integer, date_debut date = date_of_event, date_fin date = date_of_event, note text = free_text, description text = free_text",
		"qx_holidays: country text, date date, note text",
		"qx_membership: member_id integer, start_date date = date_of_event, end_date date = date_of_event",
		"qx_absent: staff_id integer, absentdate date = date_of_event",
		"qx_creneaux: patient_id integer, date_creneau date = date_of_event",
		"qx_prenotazioni: codice_fiscale text = national_id, data date = date_of_event",
		"qx_work_history: employee_id integer, start_month date = date_of_event, end_month date = date_of_event",
		"qx_work_items: employee_id integer, start_month date",
		"qx_behaviour: student_id integer, date date = date_of_event, comment text = free_text",
		"qx_bookings: account_id integer, narration text = free_text, branch_code text, bank_account text = bank_account",
		"salaries: employee_id integer, salary integer = money, from_date date = date_of_event, to_date date = date_of_event",
		"qx_managers: employee_no text = identifier, to_date date = date_of_event",
		"qx_evaluations: employee_id integer, evaluationdate date = date_of_event, motivazione text = free_text",
		"qx_absences3: employee_id integer, data_hora timestamp = date_of_event",
		"qx_lectores: ulica text = street, miasto text = city, kod text = postcode",
		"qx_lists: kod text, label text",
		"qx_teams: entraineur text = full_name, captain text = full_name, dean text = full_name, num_dipendenti integer",
		"qx_promotions: staff_id integer, code text, promotion_start date",
		"qx_staff: last_name text = family_name, promotiondate date = date_of_event",
	})
}

// TestANameWithoutWords checks a column whose name has no words, and whose comment says what it holds.
func TestANameWithoutWords(t *testing.T) {
	name := catalog.Name{Schema: "public", Name: "_"}
	c := catalog.Column{Name: "_", Type: catalog.Type{Family: catalog.Text}, Comment: "church"}
	db := &catalog.Database{Tables: []*catalog.Table{{Name: name, Columns: []catalog.Column{c}}}}
	if got := kindOf(detectors(t).Database(db).Of(name, "_")); got != "religion" {
		t.Errorf("%q, want religion", got)
	}
}
