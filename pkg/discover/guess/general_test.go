package guess

import "testing"

// TestGeneralNames checks what tables and neighbours add to general names, and words of many languages that describe a
// kind. All names are invented.
func TestGeneralNames(t *testing.T) {
	guessed(t, []string{
		"qx_members: number text = identifier, email text = email, password text = password, sel text = password",
		"qx_address: ln1 text = street, ln2 text = street, city text = city",
		"qx_logs: user_removed text = user_name, usuario_alta text = user_name, user_locked boolean",
		"qx_nations: nationality_name text, label text",
		"qx_templates: sender_name text, nom_expediteur text, label text",
		"qx_calls: source_name text = full_name, caller text = phone, callee text = phone",
		"xq: longueur_pan integer, indicatif_tel text, price_per_user text, rodape text, nome_bene text",
		"xq: region_nascita text = region, comune_nascita text = city, fonction_contact text = job_title",
		"xq: id_sessione text = secret, cle_hachee text = secret, random_hash text = secret, nom_embosse text = full_name",
		"xq: easting numeric = longitude, northing numeric = latitude, mail_genitore text = email, beeper text = phone",
	})
}
