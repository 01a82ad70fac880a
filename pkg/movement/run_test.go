package movement

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
)

// TestR1AClockBehindTheLedgerIsRefusedUnconnected checks that a run is refused before masker connects if the clock was
// set back. With such a clock, an expired approval would be valid again.
func TestR1AClockBehindTheLedgerIsRefusedUnconnected(t *testing.T) {
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	r := newRun(Spec{Flow: guard.Flow{Name: "nightly"}})
	r.began = began
	if err := r.checkFiles(t.Context()); err != nil {
		t.Error(err)
	}
	r.last = ledger.LastPublished{At: began.Add(24 * time.Hour)}
	var refused *guard.Refused
	if err := r.checkFiles(t.Context()); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}

// The error for a panic has the position in the source code, and not the panic's value.
func TestAPanicTellsItsPlaceAndNotItsValue(t *testing.T) {
	const secret = "4111-1111-1111-1111"
	err := recoverPanics(func() error { panic(secret) })()
	if err == nil {
		t.Fatal("the panic is lost")
	}
	if text := err.Error(); strings.Contains(text, secret) || !strings.Contains(text, "run_test.go:") || !strings.Contains(text, "internal error") {
		t.Errorf("%s", text)
	}
}

func TestAWatcherThatIsToldToStopHasNotFailed(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	boom := errors.New("boom")
	watch := func(context.Context) error { return boom }
	if err := watchSide(ctx, "source", watch); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := watchSide(ctx, "source", watch); err != nil {
		t.Errorf("got %v", err)
	}
}
