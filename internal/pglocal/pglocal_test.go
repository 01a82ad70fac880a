package pglocal_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pglocal"
)

func start(t *testing.T, o pglocal.Options) *pglocal.Server {
	t.Helper()
	o.Fast, o.Log = true, func(line string) { t.Log(line) }
	s, err := pglocal.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func ask(t *testing.T, url, query string) (answer string, err error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return "", err
	}
	defer conn.Close(t.Context())
	err = conn.QueryRow(t.Context(), query).Scan(&answer)
	return answer, err
}

func TestAServerAnswersAndLeavesNothingBehind(t *testing.T) {
	s := start(t, pglocal.Options{Settings: map[string]string{"application_name": "o'clock"}})
	got, err := ask(t, s.URL("postgres"), "SELECT current_user || ' ' || current_setting('application_name')")
	if err != nil || got != "postgres o'clock" {
		t.Fatalf("got %q, %v", got, err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.DataDir()); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", s.DataDir(), err)
	}
}
