package target

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

func TestPolicyRolesAreMapped(t *testing.T) {
	mapped := map[string]string{"app": "staging app", `O"dd, TO x`: "b"}
	for _, c := range []struct{ in, want string }{
		{`CREATE POLICY p ON public.t USING ((a = ' TO app'::text));`, ``},
		{`CREATE POLICY p ON public.t TO app USING (true);`, `CREATE POLICY p ON public.t TO "staging app" USING (true);`},
		{`CREATE POLICY " TO app" ON public.t AS RESTRICTIVE FOR SELECT TO "O""dd, TO x", app WITH CHECK (true);`, `CREATE POLICY " TO app" ON public.t AS RESTRICTIVE FOR SELECT TO b, "staging app" WITH CHECK (true);`},
		{`CREATE POLICY p ON public.t TO app;`, `CREATE POLICY p ON public.t TO "staging app";`},
	} {
		if c.want == "" {
			c.want = c.in
		}
		if got, err := mapPolicy(c.in, mapped); err != nil || got != c.want {
			t.Errorf("%s\n got %s, %v", c.in, got, err)
		}
	}
	if _, err := mapPolicy(`CREATE POLICY p ON public.t TO other;`, mapped); err == nil {
		t.Error("a role nobody mapped passed")
	}
}

func TestAServerLosesItsOptions(t *testing.T) {
	for in, want := range map[string]string{
		"CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (\n    host 'a;b'')'\n);\n":      "CREATE SERVER s FOREIGN DATA WRAPPER w;",
		"CREATE SERVER \" OPTIONS (\" TYPE 'OPTIONS (' FOREIGN DATA WRAPPER w;\n":        "CREATE SERVER \" OPTIONS (\" TYPE 'OPTIONS (' FOREIGN DATA WRAPPER w;",
		"CREATE FOREIGN DATA WRAPPER w HANDLER public.h OPTIONS (\n    secret 'E\\');\n": "CREATE FOREIGN DATA WRAPPER w HANDLER public.h;",
	} {
		if got, err := withoutOptions(in); err != nil || got != want {
			t.Errorf("%q\n got %q, %v", in, got, err)
		}
	}
	if _, err := withoutOptions("CREATE SERVER s FOREIGN DATA WRAPPER w; ALTER SERVER s OPTIONS (ADD host 'x');"); err == nil {
		t.Error("a second statement passed")
	}
}

func TestASequenceLosesTheWordLogged(t *testing.T) {
	for in, want := range map[string]string{
		"ALTER TABLE public.t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME public.t_a_seq\n    LOGGED\n    START WITH 1\n);\n":          "ALTER TABLE public.t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME public.t_a_seq\n    START WITH 1\n);\n",
		"ALTER TABLE public.logged ALTER COLUMN \"\nLOGGED\n\" ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME \"LOGGED\".logged\n    START WITH 1\n);\n": "",
		"CREATE SEQUENCE public.logged\n    START WITH 1;\n": "",
	} {
		if want == "" {
			want = in
		}
		if got := alwaysLogged(in); got != want {
			t.Errorf("%q\n got %q", in, got)
		}
	}
}

func TestStatementsEndAtTheirOwnSemicolons(t *testing.T) {
	in := "A 'x;''y' \"q;\" $$a;b$$ $t$;$$;$t$ (a; b); -- c;d\nB E'\\';' a$b;\n;C"
	want := []string{"A 'x;''y' \"q;\" $$a;b$$ $t$;$$;$t$ (a; b)", "-- c;d\nB E'\\';' a$b", "C"}
	if got := statements(in); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}

func TestNamesFitAndContainTheirRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db := rapid.StringN(1, 63, 63).Filter(func(s string) bool { return !strings.Contains(s, "\x00") }).Draw(t, "target")
		run := rapid.StringMatching(`[a-z0-9-]{1,40}`).Draw(t, "run")
		name, err := ShadowName(db, run)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := runIn(db, name, shadowInfix); len(name) > maxIdent || !ok || got != run {
			t.Fatalf("%q (%d bytes) tells run %q", name, len(name), got)
		}
		if name, err = templateCopyName(db, run); err != nil {
			t.Fatal(err)
		}
		if got, ok := runIn(db, name, templateInfix); len(name) > maxIdent || !ok || got != run {
			t.Fatalf("the template %q (%d bytes) tells run %q", name, len(name), got)
		}
	})
	if _, err := ShadowName("x", strings.Repeat("r", 60)); err == nil {
		t.Error("a run that does not fit passed")
	}
	if _, ok := runIn("shop", "shop2_masker_r", shadowInfix); ok {
		t.Error("another target's shadow is taken for ours")
	}
}

func TestListSettingsStayLists(t *testing.T) {
	for _, c := range [][3]string{
		{"search_path", `"$user", "we, ird ""x""", public`, `'$user', 'we, ird "x"', 'public'`},
		{"search_path", `""`, `''`},
		{"search_path", ``, `''`},
		{"work_mem", "5MB", "'5MB'"},
		{"app.x", `a, 'b'`, `'a, ''b'''`},
	} {
		if got := settingValue(c[0], c[1]); got != c[2] {
			t.Errorf("%s = %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestATableThatNeedsSomethingDroppedStopsTheRun(t *testing.T) {
	a := &archive.Archive{Entries: []archive.Entry{
		{ID: 1, Desc: "EXTENSION", Tag: "pg_cron", Defn: "x", Section: archive.PreData},
		{ID: 2, Desc: "TABLE", Tag: "jobs", Namespace: "public", Defn: "x", Section: archive.PreData, Deps: []int{1}},
	}}
	spec := sides.Shadow{Source: &catalog.Database{}, Archive: a, Decisions: sides.Decisions{DropExtensions: []string{"pg_cron"}}}
	if _, err := selectDDL(spec, 150000); err == nil || !strings.Contains(err.Error(), "table public.jobs needs extension pg_cron") {
		t.Errorf("got %v", err)
	}
}
