package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const greenmaskRun = "greenmask dump, restore, vacuumdb"

// greenmaskConfig treats the same 13 columns as masker. It uses a key, two jobs and greenmask's parallel gzip.
const greenmaskConfig = `common:
  pg_bin_path: %q
  tmp_dir: %q
log: {level: warn, format: text}
storage:
  type: directory
  directory: {path: %q}
dump:
  pg_dump_options: {dbname: %q, jobs: 2, pgzip: true}
  transformation:
    - schema: public
      name: customers
      transformers:
        - name: RandomPerson
          params:
            engine: hash
            columns:
              - {name: given_name, template: "{{ .FirstName }}", hashing: true}
              - {name: family_name, template: "{{ .LastName }}", hashing: true}
        - {name: RandomEmail, params: {column: email, engine: hash}}
        - {name: RandomString, params: {column: phone, engine: hash, min_length: 12, max_length: 12, symbols: "0123456789"}}
        - {name: RandomString, params: {column: street, engine: hash, min_length: 12, max_length: 20}}
        - {name: RandomString, params: {column: city, engine: hash, min_length: 6, max_length: 12}}
        - {name: RandomString, params: {column: postcode, engine: hash, min_length: 5, max_length: 5}}
        - {name: RandomString, params: {column: company, engine: hash, min_length: 8, max_length: 16}}
        - {name: RandomString, params: {column: user_name, engine: hash, min_length: 10, max_length: 14}}
        - {name: NoiseDate, params: {column: birth_date, engine: hash, min_ratio: "1 day", max_ratio: "1 year"}}
        - {name: RandomString, params: {column: national_id, engine: hash, min_length: 26, max_length: 26}}
    - schema: public
      name: orders
      transformers:
        - {name: RandomPerson, params: {engine: hash, columns: [{name: ship_name, template: "{{ .FirstName }} {{ .LastName }}", hashing: true}]}}
        - {name: RandomString, params: {column: ship_street, engine: hash, min_length: 12, max_length: 20}}
restore:
  pg_restore_options: {dbname: %q, jobs: 2, pgzip: true}
`

func (b *bench) greenmasks() (*contender, error) {
	const target = "bench_greenmask"
	storage := filepath.Join(b.work, "greenmask")
	file := filepath.Join(b.work, "greenmask.yml")
	dsn := func(db string) string { return strings.Join(keywords(b.environment(db)), " ") }
	text := fmt.Sprintf(greenmaskConfig, b.server.BinDir(), b.work, storage, dsn(sourceDB), dsn(target))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return &contender{
		name: greenmaskRun, rows: int64(b.customers) * 4, bytes: b.heap, target: target, orders: true,
		treated: int64(b.customers) * (customerFields + 3*orderFields),
		prepare: func(ctx context.Context) error {
			if err := os.RemoveAll(storage); err != nil {
				return err
			}
			if err := os.MkdirAll(storage, 0o700); err != nil {
				return err
			}
			return b.create(ctx, target)
		},
		run: func(ctx context.Context) (sample, error) {
			var total sample
			for _, args := range [][]string{{"dump"}, {"restore", "latest"}} {
				s, err := b.greenmaskStep(ctx, append([]string{"--config", file}, args...))
				if err != nil {
					return s, err
				}
				total.CPU, total.Peak = total.CPU+s.CPU, max(total.Peak, s.Peak)
			}
			return total, b.tool(ctx, target, "vacuumdb", "-q", "-Z", "-j2", target).Run()
		},
	}, nil
}

func (b *bench) greenmaskStep(ctx context.Context, args []string) (sample, error) {
	cmd := exec.CommandContext(ctx, b.greenmask, args...)
	// The salt is 32 bytes in hexadecimal. Without a salt greenmask uses no key.
	cmd.Env = append(os.Environ(), "GREENMASK_GLOBAL_SALT="+strings.Repeat("5f", 32))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	s, err := measure(cmd)
	if err != nil {
		return s, fmt.Errorf("greenmask %s: %w\n%s", strings.Join(args[2:], " "), err, lastLine(out.String()))
	}
	return s, nil
}

// keywords turns PGHOST=x into host=x, the form of a connection string.
func keywords(environment []string) []string {
	names := map[string]string{"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname", "PGSSLMODE": "sslmode"}
	var words []string
	for _, kv := range environment {
		name, value, _ := strings.Cut(kv, "=")
		words = append(words, names[name]+"="+value)
	}
	return words
}
