package integration

import "strings"

// commanded makes a leak of a table with one treated column. The program broken treats this column,
// with the given fault.
func commanded(kind, fault, value string, rows string, found ...string) leak {
	return leak{
		kind:  kind,
		sql:   "CREATE TABLE ~.accounts (id int PRIMARY KEY, mail text); INSERT INTO ~.accounts SELECT i, " + value + " FROM generate_series(1, " + rows + ") i;",
		rules: "\n  ~.accounts: {columns: {id: {keep: surrogate key}, mail: {treat: command, run: [./broken, " + fault + "], may_keep: true}}}\n",
		raw:   "SELECT mail FROM ~.accounts WHERE id = 7",
		hits:  hits{{"~.accounts.mail", "~.accounts.mail"}: found},
	}
}

// wrongTreatments are programs that treat a column in a wrong way, and rules that give a column the values of another
// column.
func wrongTreatments() []leak {
	const address = `pseudo('~ mail', i, 9) || i || '@mail.invalid'`
	proved := func(l leak, condition string) leak {
		l.proof = "SELECT bool_or(" + condition + ") FROM ~.accounts"
		return l
	}
	return []leak{
		proved(commanded("identity", "identity", address, "60", "equal: 60", "found as it is: 60"), "mail = ?"),
		proved(commanded("identity on two rows of twenty thousand", "rarely", `pseudo('~ mail', i, 9) || i || CASE WHEN i % 10000 = 7 THEN '+vip' ELSE '+all' END || '@mail.invalid'`, "20000", "found as it is: 2"), "mail = ?"),
		proved(commanded("case only", "case", address, "60", "equal: 60", "found as it is: 60"), "mail = upper(?)"),
		proved(commanded("trimmed only", "trim", `'  ' || `+address+` || ' '`, "60", "equal: 60", "found as it is: 60"), "mail = btrim(?)"),
		proved(commanded("prefix kept", "prefix", address, "60", "shared: 60"), "starts_with(mail, substr(?, 1, 6)) AND id = 7"),
		proved(commanded("suffix kept", "suffix", `'a' || digits('~', i, 12) || 'x'`, "60", "shared: 60"), "right(mail, 6) = right(?, 6) AND id = 7"),
		proved(commanded("reversed", "reverse", address, "60", "found reversed: 60"), "mail = reverse(?)"),
		proved(commanded("base64", "base64", address, "60", "found base64: 60"), "mail = encode(convert_to(?, 'UTF8'), 'base64')"),
		proved(commanded("hex", "hex", address, "60", "found hex: 60"), "mail = encode(convert_to(?, 'UTF8'), 'hex')"),
		proved(commanded("percent-encoded", "percent", address, "60", "found as it is: 60"), "mail = replace(?, '@', '%40')"),
		{
			kind:  "values of another column",
			sql:   people + `ALTER TABLE ~.people ADD nick text; UPDATE ~.people SET nick = 'nobody';`,
			rules: peopleRules + "      nick: {treat: expr, value: 'lower(old.email)'}\n",
			proof: "SELECT bool_or(nick = ?) FROM ~.people",
			hits:  hits{{"~.people.nick", "~.people.email"}: {"found as it is: 60"}},
		},
		{
			kind: "an element of an array missed",
			sql: `CREATE TABLE ~.accounts (id int PRIMARY KEY, mails text[]);
				INSERT INTO ~.accounts SELECT i, ARRAY[pseudo('~ a', i, 9) || '@mail.invalid', pseudo('~ b', i, 9) || CASE WHEN i = 7 THEN '+vip' ELSE '' END || '@mail.invalid'] FROM generate_series(1, 60) i;`,
			rules: "\n  ~.accounts: {columns: {id: {keep: surrogate key}, mails: {treat: command, run: [./broken, rarely], may_keep: true}}}\n",
			raw:   "SELECT mails[2] FROM ~.accounts WHERE id = 7",
			proof: "SELECT bool_or(mails[2] = ?) FROM ~.accounts",
			hits:  hits{{"~.accounts.mails", "~.accounts.mails"}: {"found as it is: 1"}},
		},
	}
}

// forgottenPlaces are kept columns with values that other columns treat.
func forgottenPlaces() []leak {
	kept := func(kind, columns, values, proof, target, source, raw, found string) leak {
		return leak{
			kind:  kind,
			sql:   people + "CREATE TABLE ~.log (id int PRIMARY KEY, " + columns + "); INSERT INTO ~.log SELECT id + 8805, " + values + " FROM ~.people WHERE id <= 30;",
			rules: peopleRules + "  ~.log: {keep: nobody suspected it, only: [id, " + strings.Fields(columns)[0] + "]}\n",
			raw:   raw,
			proof: "SELECT bool_or(" + proof + ") FROM ~.log",
			hits:  hits{{"~.log." + target, source}: {found}},
		}
	}
	const email = "~.people.email"
	return []leak{
		kept("an audit table", "entry jsonb", `jsonb_build_object('op', 'U', 'old', jsonb_build_object('email', email))`, "entry #>> '{old,email}' = ?", "entry $.old.email", email, "", "found as it is: 30"),
		kept("a kept column nobody suspected", "reference text", "CASE WHEN id % 10 = 7 THEN login ELSE 'R-' || id END", "reference = ?", "reference", "~.people.login", "SELECT login FROM ~.people WHERE id = 7", "found as it is: 3"),
		kept("md5 of an address", "gravatar text", "md5(email)", "gravatar = md5(?)", "gravatar", email, "", "found md5 as hex: 30"),
		kept("sha256 of an address as bytes", "digest bytea", "sha256(convert_to(email, 'UTF8'))", "digest = sha256(convert_to(?, 'UTF8'))", "digest", email, "", "found sha256 as bytes: 30"),
		kept("a telephone number as a number", "dials bigint", "replace(substr(phone, 2), ' ', '')::bigint", "dials::text = translate(?, '+ ', '')", "dials", "~.people.phone", "SELECT phone FROM ~.people WHERE id = 7", "found as it is: 30"),
		kept("a file name inside bytea", "file bytea", `'\x504b030414000000'::bytea || convert_to('CV-' || email || '.pdf', 'UTF8') || '\x0000ff'::bytea`, "position(convert_to(?, 'UTF8') in file) > 0", "file", email, "", "found as it is: 30"),
		kept("given and family name joined", "label text", "CASE id % 4 WHEN 3 THEN upper(family) || ', ' || given WHEN 2 THEN given || family WHEN 1 THEN lower(given || '.' || family) ELSE given || ' ' || family END",
			"lower(label) LIKE '%' || lower(?) || '%'", "label", "~.people.family", "SELECT family FROM ~.people WHERE id = 7", "found given and family name together: 30"),
		{
			kind: "a JSON key missed",
			sql: `CREATE TABLE ~.accounts (id int PRIMARY KEY, profile jsonb);
				INSERT INTO ~.accounts SELECT i, jsonb_build_object('contact', jsonb_build_object('email', pseudo('~ a', i, 9) || '@mail.invalid'),
					'history', jsonb_build_array(jsonb_build_object('mail', pseudo('~ a', i + 1, 9) || '@mail.invalid'))) FROM generate_series(1, 60) i;`,
			rules: "\n  ~.accounts: {columns: {id: {keep: surrogate key}, profile: {json: {$.contact.email: {class: email}, $.history.**: {keep: steps of the account}}}}}\n",
			raw:   "SELECT profile #>> '{contact,email}' FROM ~.accounts WHERE id = 7",
			proof: "SELECT bool_or(profile #>> '{history,0,mail}' = ?) FROM ~.accounts",
			hits:  hits{{"~.accounts.profile $.history[*].mail", "~.accounts.profile $.contact.email"}: {"found as it is: 59"}},
		},
		{
			kind: "one partition",
			sql: people + `CREATE TABLE ~.visits (id int, year int, who text) PARTITION BY LIST (year); CREATE TABLE ~.visits_1 PARTITION OF ~.visits FOR VALUES IN (1);
				CREATE TABLE ~.visits_2 (who text, year int, id int); ALTER TABLE ~.visits ATTACH PARTITION ~.visits_2 FOR VALUES IN (2);
				INSERT INTO ~.visits SELECT id, 1 + id % 2, CASE WHEN id = 7 THEN email ELSE 'guest' END FROM ~.people;`,
			rules: peopleRules + "  ~.visits: {keep: visits, only: [id, year, who]}\n",
			proof: "SELECT bool_or(who = ?) FROM ~.visits_2",
			hits:  hits{{"~.visits.who", email}: {"found as it is: 1"}},
		},
		{
			kind:  "a large object",
			sql:   people + `SELECT lo_from_bytea(0, '\x00ff'::bytea || convert_to('dear ' || email, 'UTF8')) FROM ~.people WHERE id = 7;`,
			rules: peopleRules,
			proof: "SELECT bool_or(position(convert_to(?, 'UTF8') in lo_get(oid)) > 0) FROM pg_largeobject_metadata",
			hits:  hits{{"pg_catalog.pg_largeobject.data", email}: {"found as it is: 1"}},
		},
	}
}
