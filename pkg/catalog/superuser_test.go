package catalog

import "testing"

func TestNamesOfWhatOnlyASuperuserCanMake(t *testing.T) {
	for given, want := range map[string]string{
		"FUNCTION public.f( integer,  pg_catalog.text )": "function public.f(integer,text)",
		`procedure "S".p ()`:                             `procedure "S".p()`,
		"Language plx":                                   "language plx",
		"transform  for integer on language sql":         "transform for integer on language sql",
		"text search parser public.words":                "text search parser public.words",
	} {
		if got, err := ParseObjectName(given); err != nil || got != want {
			t.Errorf("%s: got %s, %v", given, got, err)
		}
	}
	for _, given := range []string{"type public.word", "foreign-data wrapper w", "function"} {
		if got, err := ParseObjectName(given); err == nil {
			t.Errorf("%s: got %s", given, got)
		}
	}
}

func TestOneLineLeavesOutSeveralObjects(t *testing.T) {
	got := linesOf([]Object{
		{Kind: KindLanguage, Name: "language a"}, {Kind: KindType, Name: "type public.t"}, {Kind: KindFunction, Name: `function public."f x"()`}, {Kind: KindLanguage, Name: "language a"},
	})
	if want := `objects: {leave_out: {"language a": "the reason", "function public.\"f x\"()": "the reason"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestObjectsAreLeftOutWithWhatNeedsThem(t *testing.T) {
	method := Object{Kind: KindAccessMethod, Name: "access method m", NeededBy: []string{"index public.i"}}
	language := Object{Kind: KindLanguage, Name: "language l", NeededBy: []string{"function public.f()"}}
	db := &Database{Objects: []Object{
		method,
		{Kind: KindIndex, Name: "public.i", NeededBy: []string{"foreign key public.t.f"}},
		{Kind: KindForeignKey, Name: "public.t.f"},
		language,
		{Kind: KindFunction, Name: "function public.f()", NeededBy: []string{"table public.t"}},
	}}
	line, stuck := db.Leave([]Object{method, language, {Kind: KindType, Name: "type public.w"}})
	want := `objects: {leave_out: {"access method m": "the reason", "public.i": "the reason", "public.t.f": "the reason"}}`
	if line != want || len(stuck) != 1 || stuck["language l"] != "table public.t" {
		t.Errorf("got %s, %v", line, stuck)
	}
}
