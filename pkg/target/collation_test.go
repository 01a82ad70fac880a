package target

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

func TestAForeignKeyOverTwoCollationsIsRefused(t *testing.T) {
	child := catalog.Name{Schema: "public", Name: "child"}
	db := &catalog.Database{ForeignKeys: []catalog.ForeignKey{{Name: "plain", Child: child}, {Name: "mixed", Child: child, MixedCollations: true}}}
	if err := checkCollations(db, sides.Decisions{}, 170002); err != nil {
		t.Errorf("17: %v", err)
	}
	err := checkCollations(db, sides.Decisions{}, 180000)
	if !errors.Is(err, sides.ErrRefused) || !strings.Contains(err.Error(), `foreign key public.child.mixed joins columns`) || strings.Contains(err.Error(), "plain") {
		t.Errorf("18: %v", err)
	}
	left := sides.Decisions{LeaveOut: []catalog.Object{{Kind: catalog.KindForeignKey, Name: "public.child.mixed"}}}
	if err := checkCollations(db, left, 180000); err != nil {
		t.Errorf("left out: %v", err)
	}
}
