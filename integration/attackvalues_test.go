package integration

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

// orderedPeople returns the SQL of a table. The rules keep no column with a unique key, so masker shuffles the rows.
// They keep the column n, the position of the row in the source, so that a test can measure the order in the target.
func orderedPeople(size int) string {
	return fmt.Sprintf(`CREATE TABLE people (id text PRIMARY KEY, n int, name text);
		INSERT INTO people SELECT 'C-' || i, i, 'person ' || i FROM generate_series(1, %d) i; ANALYZE`, size)
}

const orderRules = `
revision: 1
tables:
  public.people: {columns: {id: {treat: token}, n: {keep: position in the source}, name: {treat: redact}}}
`

// attackOrder reads the target in its physical order, and takes row k for row k of the source.
func attackOrder(t *testing.T, a attempt) result {
	s := a.attacked(t, orderedPeople(a.size), orderRules)
	if s == nil {
		return refused()
	}
	same := share(t, s.target, `SELECT 100.0 * count(*) FILTER (WHERE n = k) / count(*) FROM (SELECT n, row_number() OVER (ORDER BY ctid) k FROM people) p`)
	near := share(t, s.target, `SELECT 100.0 * count(*) FILTER (WHERE abs(n - m) = 1) / count(*) FROM (SELECT n, lag(n) OVER (ORDER BY ctid) m FROM people) p`)
	rho := share(t, s.target, `SELECT abs(corr(n, k)) FROM (SELECT n, row_number() OVER (ORDER BY ctid) k FROM people) p`)
	limit := 0.1 + 200/float64(a.size)
	return result{same > limit || near > limit || rho > 0.05+3/math.Sqrt(float64(a.size)), fmt.Sprintf("%.2f %% of rows at their place, %.2f %% beside their neighbour, rank correlation %.3f", same, near, rho)}
}

// attackOrderOfTwo joins row k of one environment with row k of another environment.
func attackOrderOfTwo(t *testing.T, a attempt) result {
	srv := Server(t)
	s := a.attacked(t, orderedPeople(a.size), orderRules)
	if s == nil {
		return refused()
	}
	first := s.target
	s.target = newDatabaseURL(t, srv, "attack_dst2")
	s.drafted = true // masker.yaml is written here, with another name for the second environment
	s.write(t, "masker.yaml", strings.ReplaceAll(s.config(), "staging", "integration"), 0o600)
	s.mustRefresh(t)
	rows := func(url string) []string { return askAll(t, url, `SELECT n::text FROM people ORDER BY ctid`) }
	one, two, joined := rows(first), rows(s.target), 0
	for i := range one {
		if one[i] == two[i] {
			joined++
		}
	}
	got := 100 * float64(joined) / float64(len(one))
	return result{got > 0.1+200/float64(a.size), fmt.Sprintf("%.2f %% of rows joined", got)}
}

// attackShift estimates the day on which a customer registered from customers with neighbouring ids, because the
// rules keep the ids. The treatment shift moves all dates of a subject by the same number of days. So the difference
// between the estimate and the date in the target also reveals the birth date.
func attackShift(t *testing.T, a attempt) result {
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE customers (id int PRIMARY KEY, registered date NOT NULL, born date NOT NULL);
		INSERT INTO customers SELECT i, date '2015-01-01' + i / 10, date '1940-01-01' + (i * 7919) %% 20000 FROM generate_series(1, %d) i; ANALYZE`, a.size), `
revision: 1
packs: [baseline]
tables:
  public.customers:
    subject: id
    columns: {id: {keep: customers know their number}, registered: {class: date_of_event}, born: {class: birth_date}}
`)
	if s == nil {
		return refused()
	}
	found := share(t, s.target, `WITH e AS (SELECT id, born, registered - (date '2000-01-01' + round(avg(registered - date '2000-01-01') OVER (ORDER BY id ROWS BETWEEN 300 PRECEDING AND 300 FOLLOWING))::int) AS shift FROM customers)
		SELECT 100.0 * count(*) FILTER (WHERE abs(born - shift - (date '1940-01-01' + (id * 7919) % 20000)) <= 30) / count(*) FROM e WHERE id BETWEEN 301 AND (SELECT max(id) - 300 FROM customers)`)
	figure := fmt.Sprintf("%.1f %% of birth dates within 30 days", found)
	return result{found > 20, figure}
}

// attackFrequency sorts the tokens by their frequency, and compares them with the known frequencies of the diagnoses.
func attackFrequency(t *testing.T, a attempt) result {
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE visits (id int PRIMARY KEY, diagnosis text NOT NULL, truth int NOT NULL);
		INSERT INTO visits SELECT i, (ARRAY['J06', 'I10', 'E11', 'F32', 'C50'])[d], d FROM (SELECT i, CASE WHEN i %% 100 < 50 THEN 1 WHEN i %% 100 < 75 THEN 2 WHEN i %% 100 < 90 THEN 3 WHEN i %% 100 < 98 THEN 4 ELSE 5 END d FROM generate_series(1, %d) i) v; ANALYZE`, a.size), `
revision: 1
tables:
  public.visits: {columns: {id: {keep: number of the visit}, diagnosis: {treat: token}, truth: {keep: for the test}}}
`)
	if s == nil {
		return refused()
	}
	found := share(t, s.target, `SELECT 100.0 * sum(c) FILTER (WHERE truth = r) / sum(c) FROM
		(SELECT diagnosis, truth, count(*) c, dense_rank() OVER (ORDER BY count(*) DESC) r FROM visits GROUP BY 1, 2) v`)
	return a.unlessTold(t, s, found > 90, fmt.Sprintf("%.1f %% of diagnoses read", found), "few-values", "dominant-value", "boolean-by-value")
}

// attackCoin is the attack of somebody who knows the value of one person, and therefore the meaning of both values of a
// boolean column.
func attackCoin(t *testing.T, a attempt) result {
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE people (id int PRIMARY KEY, infected bool NOT NULL, truth bool NOT NULL);
		INSERT INTO people SELECT i, i %% 3 = 0, i %% 3 = 0 FROM generate_series(1, %d) i; ANALYZE`, a.size), `
revision: 1
tables:
  public.people: {columns: {id: {keep: number}, infected: {treat: fake.boolean}, truth: {keep: for the test}}}
`)
	if s == nil {
		return refused()
	}
	found := share(t, s.target, `SELECT 100.0 * greatest(count(*) FILTER (WHERE infected = truth), count(*) FILTER (WHERE infected <> truth)) / count(*) FROM people`)
	one := ask(t, s.target, `SELECT count(DISTINCT (infected, truth)) <= 2 FROM people`)
	return a.unlessTold(t, s, one == "true" || found > 95, fmt.Sprintf("%.1f %% of values opened, one result for each value: %s", found, one), "few-values", "dominant-value", "boolean-by-value")
}

// attackNoise subtracts the change that noise makes to small numbers.
func attackNoise(t *testing.T, a attempt) result {
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE people (id int PRIMARY KEY, children int NOT NULL, truth int NOT NULL);
		INSERT INTO people SELECT i, i %% 6, i %% 6 FROM generate_series(1, %d) i; ANALYZE`, a.size), `
revision: 1
tables:
  public.people: {columns: {id: {keep: number}, children: {treat: noise, ratio: 0.1}, truth: {keep: for the test}}}
`)
	if s == nil {
		return refused()
	}
	found := share(t, s.target, `SELECT 100.0 * max(c) / sum(c) FROM (SELECT children - truth d, count(*) c FROM people GROUP BY 1) v`)
	return result{found > 60, fmt.Sprintf("%.1f %% of numbers are moved by the same amount", found)}
}

// attackSample looks in the target for the unusual values of one person. The person has many rows, so a treatment
// that counts rows would take these values for frequent values.
func attackSample(t *testing.T, a attempt) result {
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE visits (id int PRIMARY KEY, person int NOT NULL, city text NOT NULL);
		INSERT INTO visits SELECT i, CASE WHEN i <= 60 THEN 1 ELSE i END, CASE WHEN i <= 60 THEN 'Unusualtown' ELSE 'City ' || i %% 7 END FROM generate_series(1, %d) i; ANALYZE`, a.size), `
revision: 1
tables:
  public.visits: {subject: person, columns: {id: {keep: number}, person: {treat: permute, range: [1, 1000000]}, city: {treat: sample, least: 20, as: town}}}
`)
	if s == nil {
		return refused()
	}
	rows := ask(t, s.target, `SELECT count(*)::text FROM visits WHERE city = 'Unusualtown'`)
	return result{rows != "0", rows + " rows have the value of one person"}
}

// attackConditions reads a salary from the results of conditions that choose between constants.
func attackConditions(t *testing.T, a attempt) result {
	var use strings.Builder
	for i := 1; i <= 14; i++ {
		fmt.Fprintf(&use, `{treat: constant, value: %d, when: "salary < %d", else: `, i, i*10000)
	}
	use.WriteString(`{treat: constant, value: 15}` + strings.Repeat("}", 14))
	s := a.attacked(t, fmt.Sprintf(`CREATE TABLE people (id int PRIMARY KEY, salary int NOT NULL, band int NOT NULL, truth int NOT NULL);
		INSERT INTO people SELECT i, 5000 + (i * 7919) %% 140000, 0, 5000 + (i * 7919) %% 140000 FROM generate_series(1, %d) i; ANALYZE`, a.size), `
revision: 1
tables:
  public.people: {columns: {id: {keep: number}, salary: {treat: redact}, truth: {keep: for the test}, band: `+use.String()+`}}
`)
	if s == nil {
		return refused()
	}
	found := share(t, s.target, `SELECT 100.0 * count(*) FILTER (WHERE truth < band * 10000 AND truth >= (band - 1) * 10000) / count(*) FROM people`)
	label := s.label(t, "band")
	return result{found > 90 && (label == "suppressed" || label == "synthetic"), fmt.Sprintf("%.1f %% of salaries to within 10,000, under the label %s", found, label)}
}

// label returns the disclosure label of a column of public.people, as masker plan prints it.
func (s *site) label(t *testing.T, column string) string {
	t.Helper()
	o := s.masker(t, "plan", "--format", "json")
	o.want(t, exitDone)
	var p struct {
		Tables []struct {
			Columns []struct{ Name, Discloses string }
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &p); err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Tables[0].Columns {
		if c.Name == column {
			return c.Discloses
		}
	}
	t.Fatalf("the plan has no column %s", column)
	return ""
}

// attackLabels writes rules that leave a value unchanged or almost unchanged, and reads the labels of these rules.
func attackLabels(t *testing.T, a attempt) result {
	tricks := map[string]string{
		"a": `{treat: regex, pattern: "(.*)", replace: "-${1}"}`,
		"b": `{treat: regex, pattern: "(\\d)(.*)", replace: "${2}${1}", otherwise: redact}`,
		"c": `{treat: generalize.number, width: 1}`,
		"d": `{treat: generalize.number, width: 0.01}`,
		"e": `{treat: truncate, to: second}`,
		"f": `{treat: noise, ratio: 0.000001}`,
		"g": `{treat: expr, value: "old.salary"}`,
	}
	var rules strings.Builder
	for _, name := range sortedKeys(tricks) {
		fmt.Fprintf(&rules, "      %s: %s\n", name, tricks[name])
	}
	srv := Server(t)
	s := newSite(t, database(t, srv, "attack_src", `CREATE TABLE people (id int PRIMARY KEY, salary int, a text, b text, c int, d numeric(8,2), e timestamp(0), f float8, g int); ANALYZE`), newDatabaseURL(t, srv, "attack_dst"))
	s.binary = a.binary
	s.rules(t, "revision: 1\ntables:\n  public.people:\n    columns:\n      id: {keep: number}\n      salary: {treat: redact}\n"+rules.String())
	var wrong []string
	for _, name := range sortedKeys(tricks) {
		if label := s.label(t, name); label != "unchanged" {
			wrong = append(wrong, label)
		}
	}
	return result{len(wrong) > 0, fmt.Sprintf("%d of %d rules that keep the value have another label than unchanged", len(wrong), len(tricks))}
}

// unlessTold returns the result of an attack. The attack did not succeed if masker check has a finding with one of the
// codes.
func (a attempt) unlessTold(t *testing.T, s *site, found bool, figure string, codes ...string) result {
	t.Helper()
	if s.told(t, codes...) {
		return result{false, figure + "; a finding says so"}
	}
	return result{found, figure}
}
