package verify

// distinct counts different values in bounded memory. The count is exact for few values. For more values, it is an
// estimate: distinct keeps only the values whose hashes have some bits 0, and multiplies their number.
type distinct struct {
	level  uint
	hashes hashes
}

// mostDistinct is the number of values that are counted exactly. Beyond it, the standard error of the count is about 2
// %.
const mostDistinct = 4096

// sampledFrom is the lowest of the bits of a hash that decide which values are kept. The bits below sampledFrom decide
// about sampling in the set, and the highest bits decide about partitions.
const sampledFrom = 24

func (d *distinct) add(hash uint64) {
	if hash>>sampledFrom&(1<<d.level-1) != 0 {
		return
	}
	d.hashes.add(hash)
	for d.hashes.n > mostDistinct {
		d.raise(d.level + 1)
	}
}

func (d *distinct) raise(level uint) {
	d.level = level
	d.hashes.keep(func(hash uint64) bool { return hash>>sampledFrom&(1<<level-1) == 0 })
}

// merge adds the values of another count.
func (d *distinct) merge(other *distinct) {
	if other.level > d.level {
		d.raise(other.level)
	}
	for hash := range other.hashes.all() {
		d.add(hash)
	}
}

// count returns the number of values, and whether it is exact.
func (d *distinct) count() (n int64, exact bool) {
	return int64(d.hashes.n) << d.level, d.level == 0
}
