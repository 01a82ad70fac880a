package refresh

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
)

// thrower is a program that panics with the value that it gets.
type thrower struct{}

func (thrower) Program(transform.Command) (rewrite.Program, error) { return thrower{}, nil }
func (thrower) Treat(_ string, values [][]byte) ([][]byte, error)  { panic(string(values[0])) }

// single returns the same block for ever.
type single []byte

func (s single) Next() ([]byte, error) { return s, nil }

func command(program string) transform.Use {
	return transform.Use{Treatment: "command", Params: transform.Params{"run": []any{program}, "batch": int64(10)}}
}

func TestAPanicIsAnErrorWithoutTheValue(t *testing.T) {
	const canary = "canary-19ab"
	table := catalog.Name{Schema: "public", Name: "customers"}
	l := &rewrite.Layout{Table: table, Columns: []plan.Column{rewritetest.Column(t, "name", "text", catalog.Text, command("./treat"))}}
	r, err := rewrite.Compile(l, rewrite.Options{Keys: ring{rewritetest.Keys(t)}, Programs: thrower{}})
	if err != nil {
		t.Fatal(err)
	}
	b := &blocks{ctx: t.Context(), source: single(canary + "\n"), worker: &worker{}, treater: &treater{row: r}, extent: catalog.Extent{Table: table}, moved: func(int64, int64, int64) {}}
	_, err = b.Next()
	if err == nil || strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), "blocks_test.go") {
		t.Errorf("%v", err)
	}
	if _, again := b.Next(); !errors.Is(again, err) {
		t.Errorf("and then: %v", again)
	}
}

// counted is a program that counts how often it was closed.
type counted struct {
	closed int
	fail   error
}

func (*counted) Treat(string, [][]byte) ([][]byte, error) { return nil, nil }
func (c *counted) Close() error                           { c.closed++; return c.fail }

func TestACommandIsOneProcessForAllColumnsOfAWorker(t *testing.T) {
	var started []*counted
	broken := errors.New("it did not end well")
	p := newPrograms(t.Context(), func(context.Context, transform.Command) (Program, error) {
		started = append(started, &counted{fail: broken})
		return started[len(started)-1], nil
	})
	for _, run := range []string{"./a", "./b", "./a"} {
		if _, err := p.Program(transform.Command{Run: []string{run}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(started) != 2 {
		t.Errorf("%d processes for two commands", len(started))
	}
	if err := p.close(); !errors.Is(err, broken) || started[0].closed != 1 || started[1].closed != 1 {
		t.Errorf("%v, closed %d and %d times", err, started[0].closed, started[1].closed)
	}
	if err := p.close(); err != nil || started[0].closed != 1 {
		t.Errorf("and again: %v", err)
	}
}
