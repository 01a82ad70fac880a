package verify

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// tableSum adds up the rows of a table. The order of the rows does not matter.
type tableSum struct {
	rows int64
	sum  uint64
}

func (t *tableSum) add(other tableSum) {
	t.rows += other.rows
	t.sum += other.sum
}

// rowSum adds up the kept cells of rows: it adds one keyed hash for each row. If two cells of a row are exchanged, or
// cells of two rows, the sum changes. If whole rows are in another order, the sum stays the same.
type rowSum struct {
	tableSum
	key   fingerprint.Key
	hash  uint64 // of the runs of the current row so far
	bytes int    // number of bytes of the current row
}

// mostSummed is the largest size in bytes of the kept cells of one row that are compared. A row with larger cells is
// counted and not compared, because it is not read as a whole.
const mostSummed = 16 << 20

func newRowSum(key fingerprint.Key) rowSum { return rowSum{key: key} }

// write adds a run of cells. Each run has a hash of its own. So if a cell moves from one run to the next, the sum
// changes.
func (r *rowSum) write(run []byte) {
	r.bytes += len(run)
	if r.bytes <= mostSummed {
		r.hash = mixed(r.hash ^ r.key.Hash(run))
	}
}

// mixed spreads each bit of a hash over all bits. Without it, the sum would stay the same if two rows exchanged a run.
// The numbers are those of MurmurHash3.
func mixed(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func (r *rowSum) row() {
	r.rows++
	if r.bytes <= mostSummed {
		r.sum += r.hash
	}
	r.hash, r.bytes = 0, 0
}

// forget sets the sum to zero. It may be called in the middle of a row.
func (r *rowSum) forget() {
	r.tableSum = tableSum{}
	r.hash, r.bytes = 0, 0
}

// Compared reports whether the kept cells of a type are compared. In binary, arrays and composites hold the OIDs of
// their parts' types. If a user or an extension made a type, its OID differs between databases. So values with such an
// OID are not compared in binary. Ranges hold no OID.
func Compared(t *catalog.Type, binary bool) bool {
	const firstOwn = 16384 // FirstNormalObjectId of PostgreSQL
	if !binary {
		return true
	}
	if t.Elem != nil {
		return (t.Family != catalog.Array || t.Elem.OID < firstOwn) && Compared(t.Elem, binary)
	}
	for i := range t.Fields {
		if field := &t.Fields[i].Type; field.OID >= firstOwn || !Compared(field, binary) {
			return false
		}
	}
	return true
}
