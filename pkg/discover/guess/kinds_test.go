package guess

import (
	"strings"
	"testing"
)

// TestKindsInManyLanguages checks kinds by names of columns that stand alone in a table that says nothing.
func TestKindsInManyLanguages(t *testing.T) {
	d := detectors(t)
	for _, row := range []struct{ kind, names string }{
		{"national_id", "pagatore_identificativo identificacion_deudor taxes_number hasta_tc musteri_tc tutor_dni paciente_nif " +
			"steuernummer_inhaber nss_assure numero_social sozialvers_nummer nr_pesel_opiekuna passport_number_holder hin " +
			"residence_card_no licencia_conductor_numero rijksregister_nr num_secu_conjoint driver_permit_number identifiant_fiscal verzekerdennummer nr_patente sgk_sicil_no"},
		{"secret", "secure_key recovery_hash reset_hash invitation_link otp_value session_vars sessions_blob recovery_phrase webhook_signature_key " +
			"backup_codes api_pass_token hash_activacion cle_securisee clave_segura sicherer_schluessel chave_segura " +
			"jeton_securise kod_odzyskiwania wiederherstellungscode codigo_recuperacao codice_di_recupero herstelcode private_key_pem " +
			"llave_privada oturum_anahtari geheimer_schluessel krypteringsnyckel csrf azure_key"},
		{"full_name", "printed_name passport_full_name name_on_visa point_of_contact poc department_head unit_head abteilungsleiter " +
			"chef_service jefe_departamento capo_ufficio chefe_setor afdelingshoofd denominazione_pagatore nama_saksi " +
			"nombre_firmante nom_temoin zeuge_name naam_getuige swiadek witness_name beneficiary_name payee_name referrer_name " +
			"nome_testemunha name_of_deceased head_of_household tanik_adi contact_full_name " +
			"yazar_adi wnioskodawca naam_begunstigde nome_requerente kart_sahibi registered_owner translator_name unterzeichner"},
		{"phone", "destination_number recipient_number telefo_cliente nomor_telepon phone_alt rufnummer_ziel"},
		{"postcode", "home_pincode permanent_pincode"},
		{"health", "medical_comment dietary_comment clinical_remark treatment_details injury_date injured_on concurrent_problems onset_of_reaction " +
			"keluhan_kesehatan riwayat_penyakit hasta_sikayeti"},
		{"email", "smtp_from_address mail_reply_address"},
		{"license_plate", "placa_automovil placa_moto matricula_coche"},
		{"url", "adres_strony adresse_web indirizzo_sito"},
		{"free_text", "motivation text_decoded verwendungszweck isi_surat"},
	} {
		for _, name := range strings.Fields(row.names) {
			db, table, _ := parsed(t, "xq: "+name+" text")
			if got := kindOf(d.Database(db).Of(table, name)); got != row.kind {
				t.Errorf("%s: %q, want %q; words %v", name, got, row.kind, d.Tokens(name))
			}
		}
	}
}

// TestKindsInTheirTables checks rules that need the table or the columns beside a column.
func TestKindsInTheirTables(t *testing.T) {
	guessed(t, []string{
		// A one-time code is often a number.
		"signups: otp integer = secret, verification_code integer = secret, code integer",
		// A column beside a password has the code that renews the password.
		"qx_users: login text = user_name, password text = password, forgot text = secret, session text = secret, remember text = secret",
		"terms: session text, forgot text",
		// A table that is named after a secret holds such secrets.
		"api_keys: key text = secret, label text",
		"webservice_client: key text = secret, note text = free_text",
		"zz_sessions: user_data text = secret, session_values text = secret, ip inet = ip_address",
		"zz_access_token: token_id text = secret, token_type text",
		// The lines of an address hold a street, even if no column holds a city. A list of addresses holds streets.
		"offices_unit: address1 text = street, address2 text = street, label text",
		"address: address text = street, address2 text = street",
		"nodes: address text, port integer",
		// A column called number holds telephone numbers if the table's name says so.
		"dids: number text = phone, label text",
		"speed_dial: number text = phone",
		"konto: nummer text = bank_account, label text",
		// A count of things is no telephone number.
		"bookings: ph_number_of_adults integer, number_of_cars integer",
		// In a table of people, a count of things is no number that identifies a person.
		"personas: apellido text = family_name, num_xqwas integer, num_expediente text = identifier",
		// The key or the state of a message is no text.
		"tracce: id_messaggio text, stato_messaggio text, cod_messaggio text, messaggio text = free_text",
		"documenti: cod_documento text, xq text",
		// A number that identifies a person is no name.
		"xq: num_beneficiaire text = identifier, beneficiaire text = full_name",
		// A short name of a person is a name.
		"partners: partner_short_name text = full_name, partner_name text = full_name",
		// Names of the two sides of mail.
		"mail_log: to_name text = full_name, to_address text = email",
		// Other kinds.
		"kisiler: ad text = given_name, soyad text = family_name, unvan text = title, gorev_unvani text = job_title, ikamet_yeri text = address",
		"people: f_name text = given_name, l_name text = family_name, telegram text = user_name, infix text = family_name, postnom text = family_name",
		"allergies: patient_no integer = identifier, reaction text = health, severity text = health, description text = health",
		"randevu: sure text, suresi integer",
		"penduduk: gelar_depan text = title, pendapatan bigint = money",
		"peers: trunkip text = ip_address, gatewayip text = ip_address",
		"ledger_lines: dr_account_code text, motivation_detail_code text, poc_number text",
		"flows: componente text, inc integer",
	})
}
