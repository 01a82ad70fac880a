package integration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/discover/survey"
)

const hostile = `
CREATE TABLE empty (a int, b text, j jsonb);
CREATE TABLE nulls (a text, b jsonb, c text[]); INSERT INTO nulls SELECT NULL, NULL, NULL FROM generate_series(1, 50);
CREATE TABLE U&"bell\0007\001b[31m\000a""x""" (U&"col\001b]0;title\0007" text, "a; DROP TABLE empty" text);
INSERT INTO U&"bell\0007\001b[31m\000a""x""" SELECT 'canary' || i || '@mail.example', 'x' FROM generate_series(1, 20) i;
COMMENT ON TABLE empty IS E'sensitive \x1b[2J';
CREATE TABLE secret (id int, mail text); INSERT INTO secret SELECT i, 'canary' || i || '@mail.example' FROM generate_series(1, 20) i;
CREATE VIEW broken AS SELECT 1 / 0 AS x;
CREATE TABLE documents (v jsonb);
INSERT INTO documents SELECT jsonb_build_object(CASE i % 2 WHEN 0 THEN 'Canary' ELSE 'canary@mail.example' END, 'x', 'kind', E'\x1b[31m') FROM generate_series(1, 3) i;
CREATE TABLE rest (v text); INSERT INTO rest VALUES (repeat('(', 5000)), (repeat('{"a":', 4000)), (E'\x01\x02'), (''), (repeat('1', 4096));`

// discover works with empty tables, NULL, names and comments from an attacker, and a table that the role may not
// read. It escapes what it shows, and lists what it has not looked at.
func TestDiscoverTakesAnyDatabase(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "prod", hostile)
	role := databaseName(t, source) + "_reader"
	do(t, source, fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[1]s; REVOKE ALL ON secret FROM %[1]s`, role))
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "x")
	s := newSite(t, u.String(), newDatabaseURL(t, srv, "staging"))
	s.canaries = []string{"canary", "Canary"}
	o := s.masker(t, "discover", "--from", "production", "--sample")
	o.want(t, exitDone, "not looked at: public.secret: ", "lacks a permission", "are mail addresses", "paths of public.documents.v: $.* (3 text), $.kind (3 text)")
	if strings.ContainsAny(o.stdout+o.stderr, "\x1b\x07") {
		t.Errorf("control characters are shown:\n%q", o.stdout)
	}
	o = s.masker(t, "discover", "--from", "production", "--sample", "--format", "json")
	var found survey.Survey
	if err := json.Unmarshal([]byte(o.stdout), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Unread) != 1 || found.Unread[0].Table != "public.secret" {
		t.Errorf("not looked at: %v", found.Unread)
	}
	for _, c := range found.Columns {
		if (c.Table == "public.empty" || c.Table == "public.nulls") && (c.Looked != 0 || len(c.Values) > 0 || c.AtMost != 0) {
			t.Errorf("%s.%s: %+v", c.Table, c.Name, c)
		}
	}
}

// A database with the encoding SQL_ASCII holds any bytes. Values that are no text do not stop the look.
func TestDiscoverTakesBrokenEncodings(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := databaseLike(t, srv, "prod", "", "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
	do(t, source, `SET client_encoding = 'SQL_ASCII'; CREATE TABLE raw (id int, broken text, mail text);
		INSERT INTO raw SELECT i, E'M\xfcller \xff' || i, 'canary' || i || '@mail.example' FROM generate_series(1, 50) i;`)
	s := newSite(t, source, newDatabaseURL(t, srv, "staging"))
	s.canaries = []string{"canary"}
	s.masker(t, "discover", "--from", "production", "--sample").want(t, exitDone, "public.raw.mail", "50 of 50 values are mail addresses")
}
