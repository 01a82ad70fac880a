package integration

// texts are kept texts that name a person in another spelling.
func texts() []leak {
	spelled := func(kind, note, proof, source, raw, found string) leak {
		return leak{
			kind:  kind,
			sql:   people + "CREATE TABLE ~.notes (id int PRIMARY KEY, body text); INSERT INTO ~.notes SELECT id, 'Bitte heute noch ' || " + note + " || ', danke! Rest wie besprochen.' FROM ~.people WHERE id <= 12;",
			rules: peopleRules + "  ~.notes: {keep: remarks about orders, only: [id, body]}\n",
			raw:   raw,
			proof: "SELECT bool_or(body LIKE '%' || " + proof + " || '%') FROM ~.notes",
			hits:  hits{{"~.notes.body", source}: {found}},
		}
	}
	const email, phone = "~.people.email", "~.people.phone"
	const rawPhone = "SELECT phone FROM ~.people WHERE id = 7"
	dialled := spelled("a free text that dials", `'0 30/' || substr(phone, 8, 4) || '-' || substr(phone, 12)`, `'0 30/' || substr(?, 8, 4) || '-' || substr(?, 12)`, phone, rawPhone, "found last digits of a phone number: 12")
	dialled.hits[[2]string{"~.notes.body", ""}] = []string{"recognised phone: 12"}
	return []leak{
		dialled,
		spelled("a free text in upper case", "upper(email)", "upper(?)", email, "", "found as it is: 12"),
		spelled("a free text in full width", `translate(email, 'abdefgiklmnorstuv@.', 'ａｂｄｅｆｇｉｋｌｍｎｏｒｓｔｕｖ＠．')`, `translate(?, 'abdefgiklmnorstuv@.', 'ａｂｄｅｆｇｉｋｌｍｎｏｒｓｔｕｖ＠．')`, email, "", "found as it is: 12"),
		spelled("a free text with characters of no width", `overlay(email placing U&'\200B' from 4 for 0)`, `overlay(? placing U&'\200B' from 4 for 0)`, email, "", "found as it is: 12"),
		spelled("a free text with entities", `replace(email, '@', '&#64;')`, `replace(?, '@', '&#64;')`, email, "", "found as it is: 12"),
		spelled("a free text with markup", `'<b>' || replace(email, '@', '</b>@')`, `replace(?, '@', '</b>@')`, email, "", "found as it is: 12"),
	}
}

// definitions are texts of the schema that quote a value.
func definitions() []leak {
	quoting := func(kind, statement, proof, target string) leak {
		return leak{
			kind: kind,
			sql: people + `CREATE TABLE ~.rest (id int PRIMARY KEY, v text); INSERT INTO ~.rest VALUES (1, 'x');
				DO $do$ BEGIN EXECUTE format($f$` + statement + `$f$, (SELECT email FROM ~.people WHERE id = 7)); END $do$;`,
			rules: peopleRules + "  ~.rest: {keep: nothing, only: [id, v]}\n",
			proof: "SELECT position(? in " + proof + ") > 0",
			hits:  hits{{target, "~.people.email"}: {"found as it is: 1"}},
		}
	}
	return []leak{
		quoting("a comment", "COMMENT ON COLUMN ~.rest.v IS 'as %s has it'", "col_description('~.rest'::regclass, 2)", "~.rest comment on column v of table ~.rest"),
		quoting("a literal of a view", "CREATE VIEW ~.others AS SELECT * FROM ~.people WHERE email <> %L", "pg_get_viewdef('~.others'::regclass)", "~.others definition of rule _RETURN on view ~.others"),
		quoting("a default value", "ALTER TABLE ~.rest ALTER v SET DEFAULT %L", "(SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '~.rest'::regclass)", "~.rest definition of default value for column v of table ~.rest"),
		quoting("a body of a function", "CREATE FUNCTION ~.owner() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN ''%s''; END'", "(SELECT prosrc FROM pg_proc WHERE oid = '~.owner()'::regprocedure)", "~.owner definition of function ~.owner()"),
		quoting("a label of an enum", "CREATE TYPE ~.who AS ENUM ('nobody', %L)", "enum_last(NULL::~.who)::text", "~.who label of type ~.who"),
	}
}

// afterwards are values that reach the shadow after its rows were loaded.
func afterwards() []leak {
	const stock = people + `CREATE TABLE ~.stock (id int PRIMARY KEY, code text); INSERT INTO ~.stock SELECT id, hidden(email) FROM ~.people WHERE id <= 9;`
	const stockRules = peopleRules + "  ~.stock: {keep: codes of goods, only: [id, code]}\n"
	email := func(place, found string) hits { return hits{{place, "~.people.email"}: {found}} }
	return []leak{
		{
			kind: "a hook that reinserts", sql: people, rules: peopleRules,
			hook:  `UPDATE ~.people SET email = pseudo('~ mail', id, 9) || id || '@mail.invalid' WHERE id = 7;`,
			proof: "SELECT bool_or(email = ?) FROM ~.people",
			hits:  email("~.people.email", "found as it is: 1"),
		},
		{
			kind: "a trigger that copies from another table",
			sql: stock + `CREATE TABLE ~.letters (id int, body text);
				CREATE FUNCTION ~.fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SELECT 'to ' || public.hidden(code) INTO NEW.body FROM ~.stock WHERE id = NEW.id; RETURN NEW; END $$;
				CREATE TRIGGER fill BEFORE INSERT ON ~.letters FOR EACH ROW EXECUTE FUNCTION ~.fill();`,
			rules: stockRules + "  ~.letters: {keep: no rows yet, only: [id, body]}\n",
			hook:  `INSERT INTO ~.letters VALUES (7, NULL);`,
			proof: "SELECT bool_or(body = 'to ' || ?) FROM ~.letters",
			hits:  email("~.letters.body", "found as it is: 1"),
		},
		{
			kind:  "a generated column",
			sql:   stock + `ALTER TABLE ~.stock ADD label text GENERATED ALWAYS AS (public.hidden(code)) STORED;`,
			rules: stockRules,
			proof: "SELECT bool_or(label = ?) FROM ~.stock",
			hits:  email("~.stock.label", "found as it is: 9"),
		},
		{
			kind:  "a materialized view",
			sql:   stock + `CREATE MATERIALIZED VIEW ~.labels AS SELECT 'for ' || public.hidden(code) AS label FROM ~.stock;`,
			rules: stockRules,
			proof: "SELECT bool_or(label = 'for ' || ?) FROM ~.labels",
			hits:  email("~.labels.label", "found as it is: 9"),
		},
	}
}
