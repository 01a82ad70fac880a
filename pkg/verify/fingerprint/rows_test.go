package fingerprint

import "testing"

// crowd is a store whose labels are of people. All labels have one class.
type crowd struct {
	key   Key
	store *Store
	rows  []int64
}

func (c *crowd) add(label uint32, n int, value func(i int) uint64, rows func(i int) int, subjects func(i int) int) {
	w := c.store.Writer()
	for i := range n {
		hash := hashOf(c.key, value(i))
		for row := range rows(i) {
			w.AddRow(hash, hashOf(c.key, uint64(label)<<40|uint64(i)<<20|uint64(row)), label)
			c.rows[label]++
		}
		for subject := range subjects(i) {
			w.Add(hash, hashOf(c.key, uint64(i)<<20|uint64(subject)), label)
			c.rows[label]++
		}
	}
	w.Flush()
}

func newCrowd(labels int) *crowd {
	return &crowd{NewKey(), NewStore(64<<20, nil), make([]int64, labels)}
}

// seal returns for each label how many values are rare and common.
func (c *crowd) seal() (*Set, []Outcome) {
	classes, people := make([]int, len(c.rows)), make([]bool, len(c.rows))
	for i := range people {
		people[i] = true
	}
	set := c.store.Seal(Rules{Classes: classes, People: people, Rows: c.rows, Workers: 2})
	return set, set.Outcomes
}

func always(n int) func(int) int { return func(int) int { return n } }

func same(i int) uint64 { return uint64(i) }

// A log repeats each person's number in many rows. All numbers are rare, except that of the help desk, which is in
// very many rows.
func TestRowsOfALogMakeNobodyCommon(t *testing.T) {
	const people = 3000
	for _, each := range []int{1, 5, 40} {
		c := newCrowd(2)
		c.add(0, people, same, always(0), always(1))
		c.add(1, people+1, same, func(i int) int {
			if i == people {
				return 2000 * each
			}
			return each + i%3
		}, always(0))
		set, o := c.seal()
		// Levels are random. So one number in some thousands may count as common, too.
		if o[0].Rare < people-3 || o[1].Rare < people-3 || set.Has(hashOf(c.key, people)) {
			t.Errorf("%d rows each: %+v", each, o)
		}
	}
}

// A value in three rows is never common, however few rows a label has.
func TestAValueOfThreeRowsIsRare(t *testing.T) {
	for seed := range 300 {
		c := newCrowd(1)
		c.add(0, 1+seed%5, func(i int) uint64 { return uint64(seed<<8 | i) }, always(Rare), always(0))
		if _, o := c.seal(); o[0].Common > 0 {
			t.Fatalf("%+v", o)
		}
	}
}

// If a few values fill a log and no subject has them, nothing shows that they belong to people. If subjects have them,
// they are looked for.
func TestTheFewValuesOfALogAreCommonUnlessPeopleHaveThem(t *testing.T) {
	for _, subjects := range []int{0, 1} {
		c := newCrowd(2)
		c.add(0, 4, same, always(0), always(subjects))
		c.add(1, 4, same, always(1000), always(0))
		if _, o := c.seal(); (o[1].Common == 4) != (subjects == 0) {
			t.Errorf("%d subjects: %+v", subjects, o)
		}
	}
}

// Many employees have the mail address of one manager in their tickets. The manager is one of the employees, so the
// address is rare. The address of a service that no employee has is common, and so is a switchboard among the
// employees' own numbers.
func TestAColumnAboutOthersMakesNobodyCommon(t *testing.T) {
	const employees, managers = 2000, 100
	c := newCrowd(3)
	c.add(0, employees, same, always(0), func(i int) int {
		if i == employees-1 {
			return 50
		}
		return 1
	})
	c.add(1, managers+1, func(i int) uint64 {
		if i == managers {
			return 1 << 30
		}
		return uint64(i)
	}, always(0), always(20))
	_, o := c.seal()
	if o[0] != (Outcome{Rare: employees - 1, Common: 1}) || o[1] != (Outcome{Rare: managers, Common: 1}) {
		t.Errorf("%+v", o)
	}
}

// In a sample, what is usual is the same as among all values: 16 times the mean of 6 rows is between 64 and 128.
func TestASampleSaysWhatIsUsual(t *testing.T) {
	for _, memory := range []int64{6 << 20, 64 << 20} {
		c := &crowd{NewKey(), NewStore(memory, nil), make([]int64, 1)}
		c.add(0, 200_000, same, always(6), always(0))
		if sampled := c.store.Sampling() > 0; sampled != (memory < 7<<20) {
			t.Errorf("%d bytes: sampling %d", memory, c.store.Sampling())
		}
		u := c.store.usual(Rules{Classes: []int{0}, People: []bool{true}, Rows: c.rows})[0]
		if u != (usual{levels: 7, alone: 14}) {
			t.Errorf("%d bytes: %+v", memory, u)
		}
	}
}

// A value that a log repeats has few entries.
func TestRepeatedRowsNeedFewEntries(t *testing.T) {
	c := newCrowd(1)
	c.add(0, 100, same, always(10_000), always(0))
	n := 0
	for i := range c.store.parts {
		n += c.store.parts[i].n
	}
	if n > 100*levels {
		t.Errorf("%d entries for 100 values", n)
	}
}
