package probe

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// Options say what is read, and how.
type Options struct {
	Workers int                    // sessions that read rows at the same time; 0 means 1
	Tables  map[catalog.Name]Table // the tables whose rows were loaded; partitions by their own names
	Sums    bool                   // the rows of these tables are counted, and their kept cells are added up
	Values  bool                   // every value and definition of the database is looked up

	// Changing says that others may change the database while it is read. If a relation cannot be read, Run lists it in
	// the result. If Changing is false, Run returns an error instead.
	Changing bool
}

// Result has the places that the detectors reported, and the relations that could not be read. The Lookup has the
// values of the source that were found.
type Result struct {
	Recognised []verify.Hit // kept places where detectors find far more personal data than chance explains. They look at a sample of the values
	Noticed    []verify.Hit // kept places where detectors find more personal data than chance explains, but not far more, or only a few values
	Unread     []verify.Unread
}

// Run reads a database, and looks up each of its values in set.
func Run(ctx context.Context, db Database, set Lookup, o Options) (*Result, error) {
	relations, err := db.Relations(ctx)
	if err != nil {
		return nil, err
	}
	r := &running{db: db, set: set, o: o, seed: maphash.MakeSeed()}
	r.plan(relations)
	group, ctx := errgroup.WithContext(ctx)
	for range max(o.Workers, 1) {
		group.Go(func() error { return r.worker(ctx) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r.result.Recognised, r.result.Noticed = judge(r.seen)
	slices.SortFunc(r.result.Unread, func(a, b verify.Unread) int { return a.Relation.Compare(b.Relation) })
	return &r.result, nil
}

// running is one call of Run.
type running struct {
	db   Database
	set  Lookup
	o    Options
	seed maphash.Seed
	jobs []job
	next atomic.Int64 // index of the next job

	mu     sync.Mutex
	seen   map[verify.Place]*tally
	result Result
}

// job is a part of the database that one worker reads.
type job struct {
	reading  *reading // nil for definitions and large objects
	from, to uint32
	bytes    int64
	objects  bool // the job is to read the large objects
}

// The sizes of the parts that relations are cut into, in bytes. Workers take the largest parts first, so that all end
// at about the same time.
const (
	leastPart = 4 << 20
	mostPart  = 64 << 20
)

// plan divides the reading of the database into jobs, the largest first.
func (r *running) plan(relations []Relation) {
	var total int64
	for _, rel := range relations {
		total += rel.Bytes
	}
	size := min(max(total/int64(4*max(r.o.Workers, 1)), leastPart), mostPart)
	for i := range relations {
		rel := &relations[i]
		t, known := r.o.Tables[rel.Name]
		g := plan(rel, t, known, r.o)
		if !g.sums && !g.values {
			continue
		}
		r.jobs = append(r.jobs, g.parts(size)...)
	}
	slices.SortStableFunc(r.jobs, func(a, b job) int { return cmp.Compare(b.bytes, a.bytes) })
	if r.o.Values {
		r.jobs = append([]job{{}, {objects: true}}, r.jobs...)
	}
}

// parts cuts a relation into parts of about the given size. A relation that cannot be cut is one part.
func (g *reading) parts(size int64) (list []job) {
	rel, n := g.relation, int64(1)
	if rel.Cuttable {
		n = max(min((rel.Bytes+size-1)/size, int64(rel.Pages)), 1)
	}
	for i := range n {
		j := job{reading: g, bytes: rel.Bytes / n, from: uint32(int64(rel.Pages) * i / n), to: uint32(int64(rel.Pages) * (i + 1) / n)}
		if i == n-1 {
			j.to = 0 // rows may have been added since the relation was measured
		}
		list = append(list, j)
	}
	return list
}

// worker takes jobs until none is left.
func (r *running) worker(ctx context.Context) error {
	reader, err := r.db.Reader(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	p, d := r.set.Prober(), newDetectors(r.seed)
	defer p.Close()
	for {
		i := r.next.Add(1) - 1
		if i >= int64(len(r.jobs)) {
			break
		}
		if err := r.do(ctx, &r.jobs[i], reader, p, d); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = d.merge(r.seen)
	return nil
}

func (r *running) do(ctx context.Context, j *job, reader Reader, p Prober, d *detectors) error {
	switch {
	case j.objects:
		return r.largeObjects(ctx, p)
	case j.reading == nil:
		return r.texts(ctx, p)
	}
	g := j.reading
	w := Want{Relation: g.relation, Columns: g.columns, Texts: g.texts, Binary: g.binary && len(g.columns)+len(g.texts) > 0, From: j.from, To: j.to}
	l := g.looker(w, p, d)
	err := reader.Read(ctx, w, l)
	l.end()
	if err == nil || !r.o.Changing || ctx.Err() != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.result.Unread, func(u verify.Unread) bool { return u.Relation == g.relation.Name }) {
		r.result.Unread = append(r.result.Unread, verify.Unread{Relation: g.relation.Name, Why: err.Error()})
	}
	return nil
}

// largeObjects looks at the large objects.
func (r *running) largeObjects(ctx context.Context, p Prober) error {
	to := p.Target(verify.Place{Table: catalog.Name{Schema: "pg_catalog", Name: "pg_largeobject"}, Column: "data"})
	return r.db.LargeObjects(ctx, func(oid uint32, piece Piece) error {
		to.Bytes(piece.Data, piece.Last)
		if piece.Last {
			p.Row(fmt.Appendf(nil, "loid = %d", oid))
		}
		return nil
	})
}

// maxTexts limits the number of texts with a value that are described.
const maxTexts = 1000

// texts looks at the texts of the catalogs. It describes an object only if a text of the object has a value of the
// source, because each description is a query.
func (r *running) texts(ctx context.Context, p Prober) error {
	var found []Text
	any := p.Target(verify.Place{Path: "definitions"})
	err := r.db.Texts(ctx, func(t Text) error {
		if !t.Expression {
			found = keep(found, any, t)
			return nil
		}
		found = constants(found, any, t)
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range found {
		place, err := r.db.Describe(ctx, t)
		if err != nil {
			return err
		}
		if any.Has([]byte(place.Path)) {
			place.Path = fmt.Sprintf("name of object %d, which holds such a value (%s)", t.Object, t.Kind)
		}
		p.Target(place).Text(t.Text)
		p.Row(nil)
	}
	return nil
}

// constants looks at the constants of an expression. If none of them has a value of the source, the strings together
// may have one: 'anna' || '@mail.example'.
func constants(found []Text, in Target, t Text) []Text {
	before, n := len(found), 0
	var together []byte
	eachConstant(t.Text, func(constant []byte) {
		one := t
		one.Text = constant
		found = keep(found, in, one)
		together = append(append(together, constant...), between...)
		n++
	})
	if n < 2 || len(found) > before {
		return found
	}
	t.Text = together
	return keep(found, in, t)
}

// between stands between two constants that are looked up together. No number continues after it, because neighbouring
// numbers of an expression are different numbers.
const between = " | "

// keep adds a text to found, the texts so far, if the text has a value of the source.
func keep(found []Text, in Target, t Text) []Text {
	if len(found) < maxTexts && in.Has(t.Text) {
		t.Text = slices.Clone(t.Text)
		found = append(found, t)
	}
	return found
}
