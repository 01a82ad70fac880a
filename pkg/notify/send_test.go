package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is a channel with a Send function from a test.
type scripted struct {
	wants
	send func(ctx context.Context, m Message) error
}

func (scripted) Name() string                                { return "scripted" }
func (s scripted) Send(ctx context.Context, m Message) error { return s.send(ctx, m) }

func always(send func(context.Context, Message) error) scripted {
	return scripted{events(), send}
}

func TestHangingChannelsCostThirtySecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := always(func(ctx context.Context, _ Message) error { <-ctx.Done(); return ctx.Err() })
		begin := time.Now()
		failed := Send(t.Context(), []Channel{hang, hang, hang}, finished())
		if took := time.Since(begin); took > 30*time.Second || took < 8*time.Second {
			t.Errorf("three hanging channels took %s", took)
		}
		if len(failed) != 3 || !strings.HasPrefix(failed[0].Why, "no answer in time") {
			t.Errorf("got %v", failed)
		}
	})
}

func TestOneBadChannelDoesNotAffectTheOthers(t *testing.T) {
	told := 0
	failed := quick().Send(t.Context(), []Channel{
		always(func(context.Context, Message) error { panic(canary) }),
		always(func(context.Context, Message) error { told++; return nil }),
	}, finished())
	if told != 1 || len(failed) != 1 || strings.Contains(fmt.Sprint(failed), canary) {
		t.Errorf("%d messages delivered, failures %v", told, failed)
	}
}

func TestRetriesKeepTheMessageAndBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		ids := map[string]bool{}
		c := always(func(_ context.Context, m Message) error {
			at = append(at, time.Now())
			ids[m.ID] = true
			if len(at) < 4 {
				return fault{why: "it answers 503"}
			}
			return nil
		})
		m := finished()
		m.ID, m.At = "", time.Time{}
		if failed := Send(t.Context(), []Channel{c}, m); failed != nil {
			t.Fatal(failed)
		}
		if len(ids) != 1 || ids[""] {
			t.Errorf("attempts had the ids %v, want one", ids)
		}
		if len(at) != 4 || at[3].Sub(at[2]) <= at[1].Sub(at[0])/2 || at[1].Equal(at[0]) {
			t.Errorf("attempts at %v do not back off", at)
		}
	})
}

func TestReceiverMayAskForPatienceWithinBounds(t *testing.T) {
	for seconds, tries := range map[int]int{5: 4, 3600: 1} {
		synctest.Test(t, func(t *testing.T) {
			got := 0
			c := always(func(context.Context, Message) error { got++; return fault{why: "it answers 429", after: seconds} })
			begin := time.Now()
			Send(t.Context(), []Channel{c}, finished())
			if got != tries || time.Since(begin) > 30*time.Second {
				t.Errorf("asked to wait %d s: %d attempts in %s, want %d", seconds, got, time.Since(begin), tries)
			}
		})
	}
}

func TestWhatCannotSucceedIsTriedOnce(t *testing.T) {
	tries := 0
	c := always(func(context.Context, Message) error { tries++; return fault{why: "it answers 404", final: true} })
	failed := quick().Send(t.Context(), []Channel{c}, finished())
	if tries != 1 || len(failed) != 1 || failed[0] != (Failure{"scripted", "it answers 404"}) {
		t.Errorf("%d tries, %v", tries, failed)
	}
}

func TestErrorsOfOthersAreNeverQuoted(t *testing.T) {
	c := always(func(context.Context, Message) error { return errors.New("Post https://hooks.example.com/" + canary) })
	failed := quick().Send(t.Context(), []Channel{c}, finished())
	if len(failed) != 1 || strings.Contains(failed[0].Why, canary) {
		t.Errorf("got %v", failed)
	}
}

func TestAnEndedContextSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := always(func(ctx context.Context, _ Message) error { return ctx.Err() })
	failed := quick().Send(ctx, []Channel{c}, finished())
	if len(failed) != 1 || failed[0].Why != "masker was interrupted" {
		t.Errorf("got %v", failed)
	}
}

func TestOnlyWantedEventsAreSent(t *testing.T) {
	for _, on := range [][]string{nil, {EventStart}} {
		w, err := wanted(on)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		c := scripted{w, func(_ context.Context, m Message) error { got = append(got, m.Event); return nil }}
		for _, e := range events() {
			quick().Send(t.Context(), []Channel{c}, Message{Event: e})
		}
		want := "[finish refusal failure verification rollback retire]"
		if on != nil {
			want = "[start]"
		}
		if fmt.Sprint(got) != want {
			t.Errorf("on %v: sent %v, want %s", on, got, want)
		}
	}
}
