package scrub_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// note returns a text of about 1 KB with a few mentions and patterns. It is like the notes of a support team.
func note() string {
	const text = "Anna called at 10:15 and said that the parcel had not arrived. She had moved in March, and the old address was still " +
		"on the label; the driver left it with a neighbour. Ms. Müller wants it sent again to the new place before Friday, and a refund of " +
		"the express fee, 12.50 EUR. I told her that we would look into it and write to anna.mueller@acme.io today. "
	return strings.Repeat(text, 2) + "Colleagues in the warehouse checked the shelf twice and found nothing that fits the description, so the depot was asked. " +
		"They answer within two working days as a rule, sometimes three. Second call: ANNA can be reached under +49 30 1234567 from nine to five."
}

func BenchmarkScrub(b *testing.B) {
	s := scrubberOf(b, transformtest.Text, nil, "Anna", "Lauren", "Müller", "Smith", "anna.mueller@acme.io", "lauren@example.com", "+49 30 1234567", "+1-212-555-0142")
	cell := transform.Cell{Text: []byte(note())}
	dst, row := make([]byte, 0, 4096), transform.Row(s.row)
	b.SetBytes(int64(len(cell.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Append(dst, cell, row); err != nil {
			b.Fatal(err)
		}
	}
}

func TestScrubDoesNotAllocate(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, transform.Params{"names": true}, "Anna", "Lauren", "Müller", "Smith", "+49 30 1234567", "+1-212-555-0142")
	cell := transform.Cell{Text: []byte(note() + " 4111 1111 1111 1111, 2024-02-29, fe80::1, 10.0.0.1, 1234567, Feb 29, 2024, https://acme.io/x, Maria, aa:bb:cc:dd:ee:ff DE89370400440532013000, " +
		"A&#110;na, M%C3%BCller, An\u00adna, AnnaM\u00fcller, ada at acme dot io, password: hunter2xyz, 12 Linden Road, NY 10001, 52.520008, 13.404954, @ada_l, /home/ada/, YWRhLmxvdmVsYWNlQGFjbWUuaW8=")}
	dst, row := make([]byte, 0, 4096), transform.Row(s.row)
	if n := testing.AllocsPerRun(50, func() {
		if _, _, err := s.Append(dst, cell, row); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
