package fake

import (
	"math/bits"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// workFakes returns the fakes of occupations, departments, colors and products.
func workFakes() []*kind {
	return []*kind{
		listFake("fake.job_title", "invents an occupation", "The result is one of gofakeit's occupations, in English. A result that is too long for the column is cut.", laneJob, jobs, "Janitor", "Mail Carrier"),
		listFake("fake.department", "invents a department", "The result is one of a few dozen common departments of companies, in English. A result that is too long for the column is cut.", laneDepartment, departments, "Product", "Payroll"),
		listFake("fake.color", "picks a color", "The result is the English name of a color in CSS (Teal, CornflowerBlue). A result that is too long for the column is cut.", laneColor, colors, "Silver", "CadetBlue"),
		productFake(),
	}
}

// listFake returns a fake that chooses from a list. The list is the same in every country.
func listFake(name, summary, doc string, lane uint64, list func() []string, value, subject string) *kind {
	return &kind{
		name: name, summary: summary, doc: doc, anywhere: true,
		samples: []sample{{out: value}, {subject: "1", out: subject}},
		check:   func(f *fake, _ transform.Column, _ *treatment.Args) { f.list = list() },
		least:   fixedLength(2),
		full:    func(f *fake) int { return locale.LongestOf(f.list) },
		space:   func(f *fake) float64 { return locale.DistinctCut(f.list, f.room) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return locale.AppendCut(dst, draw.Choose(s, lane, f.list), f.room)
		},
	}
}

func departments() []string {
	return []string{
		"Accounting", "Administration", "Business Development", "Communications", "Compliance", "Construction", "Controlling",
		"Customer Care", "Data", "Design", "Engineering", "Events", "Facilities", "Finance", "Human Resources", "Infrastructure",
		"Internal Audit", "Legal", "Logistics", "Maintenance", "Manufacturing", "Marketing", "Operations", "Payroll", "Procurement",
		"Product", "Production", "Public Relations", "Quality", "Research", "Sales", "Security", "Strategy", "Support", "Training",
		"Travel", "Treasury", "Warehouse",
	}
}

func productFake() *kind {
	return &kind{
		name: "fake.product_name", summary: "invents a product", anywhere: true,
		doc:     "The result is an adjective, a material and a product from gofakeit's lists, in English: Compact Bamboo Lamp. A result that is too long for the column is cut.",
		samples: []sample{{out: "Enduring Velvet Tape"}, {subject: "1", out: "Portable Wool Television"}},
		check: func(f *fake, _ transform.Column, _ *treatment.Args) {
			f.list, f.more = productAdjectives(), [][]string{productMaterials(), productNames()}
		},
		least: fixedLength(6),
		full: func(f *fake) int {
			return locale.LongestOf(f.list) + locale.LongestOf(f.more[0]) + locale.LongestOf(f.more[1]) + 2
		},
		space: func(f *fake) float64 {
			n := locale.DistinctCut(f.list, f.room)
			if f.room >= f.kind.full(f) {
				n *= float64(len(f.more[0]) * len(f.more[1]))
			}
			return n
		},
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			start := len(dst)
			dst = append(append(dst, draw.Choose(s, laneAdjective, f.list)...), ' ')
			dst = append(append(dst, draw.Choose(s, laneMaterial, f.more[0])...), ' ')
			return locale.CutAt(append(dst, draw.Choose(s, laneProduct, f.more[1])...), start, f.room)
		},
	}
}

// wordFakes returns the fakes of text without meaning.
func wordFakes() []*kind {
	word := listFake("fake.word", "picks a Latin word", "The result is one of the Latin words that typesetters use as filler text. A result that is too long for the column is cut.", laneWords, latinWords, "eaque", "accusamus")
	return []*kind{
		word,
		textFake("fake.sentence", "writes a sentence without meaning", 60, "Nisi deleniti dicta vero natus suscipit.", "Mollitia itaque laboriosam quos a quo consequatur beatae rem itaque expedita."),
		textFake("fake.paragraph", "writes sentences without meaning", 400, "Facilis maxime ipsam soluta dolorem.", "Mollitia itaque laboriosam quos a. Quo consequatur beatae rem. Itaque expedita."),
	}
}

// leastText is the room, in characters, for the longest word and a full stop.
const leastText = 16

func textFake(name, summary string, usual int64, value, subject string) *kind {
	several := name == "fake.paragraph"
	return &kind{
		name: name, summary: summary, anywhere: true,
		doc:     "The result consists of Latin words that typesetters use as filler text. It has at most `length` characters, and fits the column. It does not show the length of the original.",
		params:  []transform.Param{{Name: "length", Type: "integer", Tells: transform.Neither, Default: usual, Doc: "largest number of characters, at least 16; results are only a little shorter"}},
		samples: []sample{{params: transform.Params{"length": int64(40)}, out: value}, {subject: "1", params: transform.Params{"length": int64(80)}, out: subject}},
		check: func(f *fake, _ transform.Column, a *treatment.Args) {
			f.list, f.length, f.long = latinWords(), int(a.Integer("length", leastText, 1_000_000)), several
		},
		least: fixedLength(leastText),
		full:  func(f *fake) int { return f.length },
		space: func(f *fake) float64 { return float64(len(f.list)) * float64(len(f.list)) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return f.appendProse(dst, draw.Lane(s, laneWords), min(f.room, f.length))
		},
	}
}

// appendProse appends pseudorandom words until the next word does not fit the room. The argument x is the state of the
// random choice.
func (f *fake) appendProse(dst []byte, x uint64, room int) []byte {
	start, in := len(dst), 0 // in is the number of words in the sentence
	for {
		x = draw.Mix(x + 0x9e3779b97f4a7c15)
		i, rest := bits.Mul64(x, uint64(len(f.list)))
		word := f.list[i]
		if len(dst)-start+len(" ")+len(word)+len(".") > room {
			if len(dst) > start && dst[len(dst)-1] != '.' {
				dst = append(dst, '.')
			}
			return dst
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(dst, word...)
		if in == 0 {
			dst[len(dst)-len(word)] -= 'a' - 'A'
		}
		in++
		if f.long && in >= 4 && rest>>62 == 0 { // from the fourth word on, one word in four ends the sentence
			dst, in = append(dst, '.'), 0
		}
	}
}
