package refresh

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/sample"
)

// Learned describes what a refresh learned from one column.
type Learned struct {
	Table   string
	Column  string
	Epsilon float64 // the epsilon of this run; see the treatment sample
	Digest  string  // SHA-256 of the model, in hex
}

// learn sets the model of every sampled column in the layouts. It does not change the plan, because layouts have copies
// of the plan's columns. Partitions share the model of the whole table.
func learn(ctx context.Context, o Options, counting Histograms, take []*route) error {
	models := map[catalog.Name]map[string]*transform.Model{}
	var learned []Learned
	for _, r := range take {
		l := r.layout
		for i := range l.Columns {
			c := &l.Columns[i]
			if !c.Use.Is("sample") {
				continue
			}
			if learned == nil {
				o.Observer.Phase("learn")
			}
			if models[l.Table] == nil {
				models[l.Table] = map[string]*transform.Model{}
			}
			if m := models[l.Table][c.Name]; m != nil {
				c.Use.Model = m
				continue
			}
			fact, err := learnColumn(ctx, counting, o.Plan.Table(l.Table), c)
			if err != nil {
				return fmt.Errorf("%s.%s: sample: %w", l.Table, catalog.Quote(c.Name), err)
			}
			models[l.Table][c.Name] = c.Use.Model
			learned = append(learned, fact)
		}
	}
	if learned == nil || o.Learned == nil {
		return nil
	}
	return o.Learned(learned)
}

// learnColumn counts the values of one column and sets the column's model. If the table has a subject, each subject
// counts once.
func learnColumn(ctx context.Context, s Histograms, t *plan.Table, c *plan.Column) (Learned, error) {
	want, err := sample.Of(c.Target(t.Name), c.Use)
	if err != nil {
		return Learned{}, err
	}
	labels, counts, err := s.Histogram(ctx, catalog.Histogram{
		Table: t.Name, Column: c.Name, Subject: t.Subject, Family: c.Type.Family, Low: want.Low, High: want.High, Buckets: want.Buckets,
	})
	if err != nil {
		return Learned{}, err
	}
	if c.Use.Model, err = want.Learn(labels, counts, chance); err != nil {
		return Learned{}, err
	}
	data, err := json.Marshal(c.Use.Model)
	if err != nil {
		return Learned{}, err
	}
	digest := sha256.Sum256(data)
	return Learned{t.Name.String(), c.Name, want.Epsilon, hex.EncodeToString(digest[:])}, nil
}

// chance returns a uniform random number that is greater than 0 and less than 1. It is (n + ½) / 2^52, where n has 52
// random bits. A float64 holds n + ½ exactly.
func chance() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never returns an error; it ends the program instead
	return (float64(binary.BigEndian.Uint64(b[:])>>12) + 0.5) / (1 << 52)
}
