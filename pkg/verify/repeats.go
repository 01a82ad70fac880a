package verify

import "github.com/masker-project/masker/pkg/verify/fingerprint"

// repeats remembers values that were looked up not long ago and were not found. If such a value comes again in the same
// place, it need not be looked up again. The result would be the same, and no count of different values would change.
// This saves time, because many columns have few different values.
//
// In some places, hardly any value comes again. Such a place would only push the values of other places out of the
// memory. So its values are not remembered for a while: the place rests.
//
// A value has a choice of four slots, which are in one line of the processor's cache. So two frequent values do not
// push each other out.
type repeats struct {
	key  fingerprint.Key
	turn int                 // number of values that were added. It chooses the slot of the next value
	sets *[1 << 13][4]uint64 // the number of a value gives its set. 0 is an empty slot
}

func newRepeats() repeats {
	return repeats{key: fingerprint.NewKey(), sets: new([1 << 13][4]uint64)} // large memory of its own begins at a line of the cache
}

const (
	triesOfPlace = 1 << 13 // values of a place after which it may have to rest
	leastRepeats = 1 << 8  // a place rests if fewer of these values came again
)

// how says how a value is looked up. A text is looked up in more ways than a cell.
type how uint64

const (
	asCell how = 1
	asText how = 2
)

// again reports whether a value of a place was looked up not long ago and was not found. The caller passes the result
// number to finish, so that repeats can remember the value. The number is 0 if the value must not be remembered.
func (r *repeats) again(t *Target, as how, value []byte) (number uint64, again bool) {
	if t.habit.Rests(triesOfPlace, leastRepeats) {
		return 0, false
	}
	number = r.key.Hash(value) ^ (t.number<<2|uint64(as))*0x9e3779b97f4a7c15
	if again = r.has(number); again {
		t.habit.Repeats++
	}
	return number, again
}

func (r *repeats) has(number uint64) bool {
	set := &r.sets[number%uint64(len(r.sets))]
	return set[0] == number || set[1] == number || set[2] == number || set[3] == number
}

// add remembers a value by its number.
func (r *repeats) add(number uint64) {
	if number != 0 && !r.has(number) {
		r.turn++
		r.sets[number%uint64(len(r.sets))][r.turn%4] = number
	}
}
