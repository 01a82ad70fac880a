package noise_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

const stampForm = "2006-01-02 15:04:05.999999-07"

func stamp(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(stampForm, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// bySubject returns the treatment shift for a column with a subject.
func bySubject(t *testing.T, typ catalog.Type, p transform.Params) transform.Transform {
	return transformtest.Compile(t, typ, transform.Use{Treatment: "shift", Subject: "id", SubjectType: &transformtest.Int4, As: "dates", Params: p})
}

// The exact time of day identifies a row in another table. Therefore shift changes the time of day. The intervals
// between the dates of a subject stay.
func TestP5TimesOfDayMoveAndIntervalsStay(t *testing.T) {
	tr, days := bySubject(t, transformtest.StampTZ, nil), bySubject(t, transformtest.Date, nil)
	kept := 0
	for id := range 500 {
		subject := transformtest.Row(strconv.Itoa(id))
		var moved []time.Duration
		for _, in := range []string{"2024-02-28 23:59:59.123456+00", "2024-02-29 00:00:00+00", "2023-12-31 12:30:00.5+00"} {
			out := transformtest.Run(t, tr, in, subject)
			moved = append(moved, stamp(t, out).Sub(stamp(t, in)))
			if out[11:] == in[11:] {
				kept++
			}
		}
		if moved[0] != moved[1] || moved[1] != moved[2] || moved[0] == 0 {
			t.Fatalf("the dates of subject %d moved by %v", id, moved)
		}
		day, err := time.Parse(time.DateOnly, transformtest.Run(t, days, "2024-02-29", subject))
		if err != nil {
			t.Fatal(err)
		}
		if more := moved[0].Abs() - day.Sub(stamp(t, "2024-02-29 00:00:00+00")).Abs(); more < 0 || more >= 24*time.Hour {
			t.Fatalf("the timestamps of subject %d moved by %v more than its dates", id, more)
		}
	}
	if kept > 3 {
		t.Errorf("%d of 1,500 times of day stayed", kept)
	}
	whole := bySubject(t, transformtest.StampTZ, transform.Params{"time": "keep"})
	if out := transformtest.Run(t, whole, "2024-02-28 23:59:59.5+00", transformtest.Row("7")); out[10:] != " 23:59:59.5+00" {
		t.Errorf("time: keep gave %s", out)
	}
}

// A date or timestamp in a document keeps its form. A date gets no time of day, and a T between date and time stays.
func TestP5ShiftOfTextsInDocuments(t *testing.T) {
	tr := bySubject(t, transformtest.StampTZ, nil)
	for in, form := range map[string]string{
		"2024-02-28":                     time.DateOnly,
		"2024-02-28T23:59:59Z":           time.RFC3339Nano,
		"2024-02-28T23:59:59.123456789Z": time.RFC3339Nano,
		"2024-02-28T23:59+01:00":         time.RFC3339Nano,
		"2024-02-28 23:59:59.5+00":       stampForm,
	} {
		out := transformtest.Run(t, tr, in, transformtest.Row("7"))
		if _, err := time.Parse(form, out); err != nil || out == in {
			t.Errorf("%s became %s", in, out)
		}
	}
}

// The results stay within the bounds of a CHECK constraint. The order of a subject's dates stays.
func TestP5ShiftStaysWithinBounds(t *testing.T) {
	for _, base := range []catalog.Type{transformtest.Date, transformtest.StampTZ} {
		typ, form := base, time.DateOnly
		typ.Least, typ.Most = "2000-01-01", "2001-12-31"
		values := []string{"2000-01-01", "2000-01-02", "2000-12-31", "2001-12-31"}
		if base.Family == catalog.TimestampTZ {
			form = stampForm
			typ.Least, typ.Most = "2000-01-01 00:00:00", "2001-12-31 12:00:00"
			values = []string{"2000-01-01 00:00:00+00", "2000-01-02 08:00:00.5+00", "2000-12-31 00:00:00+00", "2001-12-31 12:00:00+00"}
		}
		at := func(text string) time.Time {
			v, err := time.Parse(form, text)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		tr := bySubject(t, typ, nil)
		for id := range 300 {
			last := time.Time{}
			for _, in := range values {
				out := at(transformtest.Run(t, tr, in, transformtest.Row(strconv.Itoa(id))))
				if out.Before(last) || out.Before(at(values[0])) || at(values[3]).Before(out) {
					t.Fatalf("%s of subject %d became %s", in, id, out)
				}
				last = out
			}
			for _, u := range []transform.Use{{Treatment: "shift"}, {Treatment: "noise", Params: transform.Params{"amount": "40d"}}} {
				u.Domain = fmt.Sprint(id)
				for _, in := range values {
					text := transformtest.Run(t, transformtest.Compile(t, typ, u), in, nil)
					if out := at(text); out.Before(at(values[0])) || at(values[3]).Before(out) || text == in {
						t.Fatalf("%s: %s became %s", u.Treatment, in, out)
					}
				}
			}
		}
	}
}

// A date of the year 9999 means that something has no end. Many subjects have the same date in this year, so its result
// must not show by how much the dates of a subject are shifted.
func TestP5ADateWithoutAnEndTellsNoShift(t *testing.T) {
	for typ, in := range map[*catalog.Type]string{&transformtest.Date: "9999-12-31", &transformtest.StampTZ: "9999-12-31 23:59:59+00", &transformtest.Stamp: "9999-01-01 00:00:00"} {
		tr := bySubject(t, *typ, nil)
		for id := range 50 {
			if out := transformtest.Run(t, tr, in, transformtest.Row(strconv.Itoa(id))); out != in {
				t.Errorf("%s became %s for subject %d, which tells the shift", in, out, id)
			}
		}
	}
}
