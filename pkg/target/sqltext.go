package target

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/sqltext"
)

// skipToken returns the index after the token or the white space at i. If the text ends inside a token, skipToken
// returns the length of the text.
func skipToken(s string, i int) int {
	if strings.IndexByte(" \t\n\v\f\r", s[i]) >= 0 {
		return i + 1
	}
	if t, ok := sqltext.At(s, i); ok {
		return t.To
	}
	return len(s)
}

// keywords returns the first words of a statement in upper case, at most n. It stops at a quoted name, or at anything
// else that is not a word or a comment.
func keywords(s string, n int) []string {
	var out []string
	for i := 0; i < len(s) && len(out) < n; i = skipToken(s, i) {
		t, ok := sqltext.At(s, i)
		switch {
		case !ok || t.Kind == sqltext.Comment:
		case t.Kind == sqltext.Word:
			out = append(out, strings.ToUpper(t.Value))
		default:
			return out
		}
	}
	return out
}

// findOutside returns the index of needle in s outside quotes and parentheses, or -1 if there is none.
func findOutside(s, needle string) int {
	depth := 0
	for i := 0; i < len(s); {
		if depth == 0 && strings.HasPrefix(s[i:], needle) {
			return i
		}
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		i = skipToken(s, i)
	}
	return -1
}

// statements splits SQL at semicolons outside quotes and parentheses.
func statements(sql string) []string {
	var out []string
	for sql != "" {
		end := findOutside(sql, ";")
		if end < 0 {
			end = len(sql)
		}
		if one := strings.TrimSpace(sql[:end]); one != "" {
			out = append(out, one)
		}
		sql = sql[min(end+1, len(sql)):]
	}
	return out
}

// withoutOptions removes the OPTIONS of CREATE SERVER or CREATE FOREIGN DATA WRAPPER, which can have addresses and
// credentials of production. pg_dump prints them last.
func withoutOptions(defn string) (string, error) {
	stmts := statements(defn)
	if len(stmts) != 1 {
		return "", fmt.Errorf("the definition is not one statement, so masker cannot remove its options")
	}
	one := stmts[0]
	if at := findOutside(one, "OPTIONS ("); at >= 0 {
		one = strings.TrimSpace(one[:at])
	}
	return one + ";", nil
}

// alwaysLogged removes the word LOGGED from the definition of an identity column's sequence. Up to version 14,
// PostgreSQL logs the sequences of unlogged tables too. From version 15, pg_dump writes this word for them, and version
// 14 refuses it. pg_dump quotes a name that is in upper case, so the word is not a name.
func alwaysLogged(defn string) string {
	tokens, _ := sqltext.Scan(defn)
	for _, t := range tokens {
		if t.Kind == sqltext.Word && defn[t.From:t.To] == "LOGGED" {
			return defn[:t.From] + strings.TrimLeft(defn[t.To:], " \n")
		}
	}
	return defn
}

// asPlainTable turns CREATE FOREIGN TABLE into an ordinary table with the same columns.
func asPlainTable(defn string) (string, error) {
	stmts := statements(defn)
	rest, ok := "", false
	if len(stmts) > 0 {
		rest, ok = strings.CutPrefix(stmts[0], "CREATE FOREIGN TABLE ")
	}
	if !ok {
		return "", fmt.Errorf("the definition is not CREATE FOREIGN TABLE")
	}
	at := findOutside(rest, "\nSERVER ")
	if at < 0 {
		return "", fmt.Errorf("the definition names no server")
	}
	out := []string{"CREATE TABLE " + rest[:at]}
	for _, s := range stmts[1:] {
		if !strings.HasPrefix(s, "ALTER FOREIGN TABLE ") {
			out = append(out, s)
			continue
		}
		if findOutside(s, " OPTIONS (") < 0 { // leaves out options of columns, which are for the foreign server
			out = append(out, "ALTER TABLE "+strings.TrimPrefix(s, "ALTER FOREIGN TABLE "))
		}
	}
	return strings.Join(out, ";\n") + ";", nil
}

// everyNameIsWritten returns an error if the definition of a function has an empty name. PostgreSQL prints the body of a
// function with BEGIN ATOMIC or RETURN in this way if only some of the parameters have names, and the body reads one that
// has none. It cannot read this text again.
func everyNameIsWritten(defn string) error {
	tokens, err := sqltext.Scan(defn)
	read := 0
	if len(tokens) > 0 {
		read = tokens[len(tokens)-1].To
	}
	if err != nil && strings.HasPrefix(strings.TrimSpace(defn[read:]), `""`) {
		return sides.Refuse("pg_dump cannot write its body, which reads a parameter without a name; give every parameter a name in the source")
	}
	return nil
}

// policyRoles returns the roles of a CREATE POLICY, and where their list starts and ends in defn. pg_dump prints no
// list for PUBLIC.
func policyRoles(defn string) (from, to int, roles []string, err error) {
	at := findOutside(defn, " TO ")
	using := findOutside(defn, " USING (")
	check := findOutside(defn, " WITH CHECK (")
	for _, body := range []int{using, check} {
		if body >= 0 && body < at {
			return 0, 0, nil, nil
		}
	}
	if at < 0 {
		return 0, 0, nil, nil
	}
	from = at + len(" TO ")
	to = from
	for {
		end := to
		if t, ok := sqltext.At(defn, end); ok && t.Name() {
			end = t.To
		}
		parts, err := catalog.ParseIdents(defn[to:end])
		if err != nil || len(parts) != 1 {
			return 0, 0, nil, fmt.Errorf("the roles in the definition cannot be read")
		}
		roles = append(roles, parts[0])
		to = end
		if !strings.HasPrefix(defn[to:], ", ") {
			return from, to, roles, nil
		}
		to += len(", ")
	}
}

// mapPolicy replaces the roles in a CREATE POLICY by the mapped roles.
func mapPolicy(defn string, mapped map[string]string) (string, error) {
	from, to, roles, err := policyRoles(defn)
	if err != nil || len(roles) == 0 {
		return defn, err
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		target, ok := mapped[r]
		if !ok {
			return "", fmt.Errorf("role %s is not mapped", r)
		}
		names[i] = catalog.Quote(target)
	}
	return defn[:from] + strings.Join(names, ", ") + defn[to:], nil
}
