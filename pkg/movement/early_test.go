package movement

import (
	"context"
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/sides"
)

// slow is an Origin whose Open waits until the test lets it end, or until its context ends.
type slow struct {
	Origin
	let    chan struct{}
	opened int
	closed *int
}

func (s *slow) Identify(context.Context) (sides.Identity, error) { return sides.Identity{}, nil }

func (s *slow) Open(ctx context.Context, look bool, sessions int) (Source, error) {
	s.opened++
	if !look || sessions != 0 {
		return nil, errors.New("opened in another way than by Check")
	}
	select {
	case <-s.let:
		return closing{closed: s.closed}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// closing is a Source that counts how often it is closed.
type closing struct {
	Source
	closed *int
}

func (c closing) Close() { *c.closed++ }

func early(t *testing.T) (*Early, *slow) {
	origin := &slow{let: make(chan struct{}), closed: new(int)}
	s := Spec{From: origin, Workers: 3}
	e := s.OpenEarly(t.Context())
	if s.From != Origin(e) {
		t.Fatal("OpenEarly did not change the origin of the Spec")
	}
	return e, origin
}

func TestTheEarlySourceIsOpenedOnce(t *testing.T) {
	e, origin := early(t)
	close(origin.let)
	source, err := e.Open(t.Context(), true, 0)
	if err != nil {
		t.Fatal(err)
	}
	source.Close()
	e.Close()
	if origin.opened != 1 || *origin.closed != 1 {
		t.Errorf("opened %d times and closed %d times, want once each", origin.opened, *origin.closed)
	}
}

func TestAnEarlySourceThatNobodyOpensIsClosed(t *testing.T) {
	e, origin := early(t)
	close(origin.let)
	<-e.ready
	e.Close()
	if *origin.closed != 1 {
		t.Errorf("closed %d times, want once", *origin.closed)
	}
}

func TestCloseStopsTheOpening(t *testing.T) {
	e, origin := early(t)
	e.Close() // would wait for ever if it did not end the context
	if *origin.closed != 0 {
		t.Error("a source that was never open was closed")
	}
	(*Early)(nil).Close()
}
