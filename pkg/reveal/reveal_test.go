package reveal_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/reveal"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

const (
	canary = "alice@example.com"
	column = "public.people.email"
)

func use() transform.Use { return transform.Use{Treatment: "reversible", Domain: "email"} }

// token returns a token as the treatment reversible makes it.
func token(ring *keyring.Ring, environment, value string) string {
	s := ring.For(environment).Sealer(library.ReversibleDomains(use())[0])
	return "rv1." + s.KeyID() + "." + base64.RawURLEncoding.EncodeToString(s.Seal([]byte(value)))
}

// request returns a request with two tokens. The second token was made with a retired key.
func request(record func(ledger.Reveal) error) (reveal.Request, *keyring.Ring) {
	ring, old := keyring.Random(), keyring.Random()
	return reveal.Request{
		Flow: guard.Flow{Name: "nightly", To: guard.Environment{Name: "staging"}, Reveal: []string{column}},
		Plan: &plan.Plan{Tables: []plan.Table{{Name: catalog.Name{Schema: "public", Name: "people"}, Columns: []plan.Column{
			{Name: "email", Use: use()},
			{Name: "badge", Use: transform.Use{Treatment: "token", Domain: "badge"}},
		}}}},
		Rings: []*keyring.Ring{ring, old}, Column: column, Reason: "ticket 4711", Actor: ledger.Actor{User: "bob"}, Record: record,
		Tokens: []string{token(ring, "staging", canary), token(old, "staging", "x")},
	}, ring
}

func TestTheLedgerRecordsWhoAskedAndNoValue(t *testing.T) {
	var entry ledger.Reveal
	r, ring := request(func(e ledger.Reveal) error { entry = e; return nil })
	values, err := reveal.Open(r)
	if err != nil || !slices.Equal(values, []string{canary, "x"}) {
		t.Errorf("%q, %v", values, err)
	}
	if entry.Flow != "nightly" || entry.Environment != "staging" || entry.Column != column || entry.Count != 2 ||
		entry.Reason != "ticket 4711" || entry.Actor.User != "bob" || len(entry.KeyIDs) != 2 || entry.KeyIDs[0] != ring.Fingerprint() {
		t.Errorf("%+v", entry)
	}
}

// If a request is refused, Open returns no value and records nothing. The error holds no token and no value.
func TestARefusedRequestRevealsNothing(t *testing.T) {
	for want, change := range map[string]func(*reveal.Request, *keyring.Ring){
		"does not allow to reveal": func(r *reveal.Request, _ *keyring.Ring) { r.Flow.Reveal = nil },
		"needs a reason":           func(r *reveal.Request, _ *keyring.Ring) { r.Reason = " " },
		"the source has no column": func(r *reveal.Request, _ *keyring.Ring) { r.Plan = &plan.Plan{} },
		"one reveal opens at most": func(r *reveal.Request, _ *keyring.Ring) { r.Tokens = make([]string, 10_001) },
		"one line of at most":      func(r *reveal.Request, _ *keyring.Ring) { r.Reason = "a\nb" },
		"a token or its value":     func(r *reveal.Request, _ *keyring.Ring) { r.Reason = "who is " + strings.ToUpper(canary) },
		"results cannot be revealed": func(r *reveal.Request, _ *keyring.Ring) {
			r.Column = "public.people.badge"
			r.Flow.Reveal = []string{r.Column}
		},
		"token 2: ":                       func(r *reveal.Request, _ *keyring.Ring) { r.Tokens[1] = canary },
		"the configuration does not name": func(r *reveal.Request, _ *keyring.Ring) { r.Rings = r.Rings[1:] },
		"belongs to another column or environment": func(r *reveal.Request, ring *keyring.Ring) {
			r.Tokens = []string{token(ring, "laptop", canary)}
		},
	} {
		r, ring := request(func(ledger.Reveal) error { t.Errorf("%s: the reveal was recorded", want); return nil })
		change(&r, ring)
		values, err := reveal.Open(r)
		if values != nil || err == nil || !strings.Contains(err.Error(), want) || quotes(err, append(r.Tokens, canary)...) {
			t.Errorf("%s: %q, %v", want, values, err)
		}
	}
}

func quotes(err error, texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return text != "" && strings.Contains(err.Error(), text) })
}

func TestALedgerThatCannotBeWrittenRevealsNothing(t *testing.T) {
	full := errors.New("the disk is full")
	r, _ := request(func(ledger.Reveal) error { return full })
	if values, err := reveal.Open(r); values != nil || !errors.Is(err, full) {
		t.Errorf("%q, %v", values, err)
	}
}
