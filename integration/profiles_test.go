package integration

import (
	"strings"
	"testing"
)

const cards = `
CREATE TABLE card (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, card_number text, cvv text);
INSERT INTO card (card_number, cvv) VALUES ('4111111111111111', '123');
ANALYZE card;`

const cardRules = `revision: 1
packs: [baseline, pci]
tables:
  public.card:
    columns:
      id:          {keep: "a surrogate key"}
      card_number: {class: pan}
      cvv:         {treat: redact}
`

// C9: check and the run refuse a plan that breaks a gate, even if the flow has findings: note. A plan that breaks no
// gate runs, and a note says what the profile does not cover.
func TestC9ProfilesRefuseRuns(t *testing.T) {
	t.Parallel()
	url := database(t, Server(t), "prod", cards)
	s := newSite(t, url, newDatabaseURL(t, Server(t), "staging")).rules(t, cardRules)
	s.masker(t, "check").want(t, exitDone, "profile pci compares the rules with 3 gates, and promises nothing else. It does not cover: ")
	s.refresh(t).want(t, exitDone)

	s.rules(t, strings.NewReplacer("revision: 1", "revision: 2", "{treat: redact}", "{treat: token}", "{class: pan}", `{treat: mask, keep_first: 8, keep_last: 4, least: 20}`).Replace(cardRules))
	s.masker(t, "check").want(t, exitRefused, "pci-authentication-data", "pci-pan-live")
	for _, o := range []outcome{s.masker(t, "check"), s.refresh(t)} {
		o.want(t, exitRefused, "findings that are not waived: 2, and a gate of a profile refuses them",
			"PCI DSS v4.0.1, requirement 3.3.1: public.card.cvv holds a card's verification code, PIN or track",
			"PCI DSS v4.0.1, requirements 3.5.1 and 6.5.5: public.card.card_number holds a card's number")
	}
}
