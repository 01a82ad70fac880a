package verify

// Waiver accepts that values of the place Source are in the place Target. If a place has no path, the waiver is for all
// paths of the column. If Target has no column, the waiver is for definitions and comments of the object that
// Target.Table names. If Source is empty, the waiver accepts what detectors recognised in Target.
type Waiver struct {
	Target Place
	Source Place
	Values int64 // largest number of values that the waiver accepts. If more values are found, it accepts no value
}

// covers reports whether the place p of a waiver contains the place q of a hit.
func (p Place) covers(q Place) bool {
	if p.Table != q.Table || p.Column != q.Column {
		return false
	}
	return p.Path == "" || p.Path == q.Path
}

func (w *Waiver) accepts(h Hit) bool {
	if !w.Target.covers(h.Target) {
		return false
	}
	switch h.Finding {
	case Recognised:
		return w.Source == Place{}
	case Found, Equal, Shared:
		return w.Source.covers(h.Source)
	}
	return false
}

// waive divides hits into two lists: the hits that fail the verification, and the hits that a waiver accepts. A waiver
// accepts all its hits or none.
func waive(hits []Hit, waivers []Waiver) (failed, waived []Hit) {
	by := make([]int, len(hits)) // the waiver of each hit, plus 1
	found := make([]int64, len(waivers))
	for i, h := range hits {
		for k := range waivers {
			if waivers[k].accepts(h) {
				by[i] = k + 1
				found[k] += h.Values
				break
			}
		}
	}
	for i, h := range hits {
		k := by[i] - 1
		if k >= 0 {
			h.Waived = waivers[k].Values
		}
		if k >= 0 && found[k] <= waivers[k].Values {
			waived = append(waived, h)
		} else {
			failed = append(failed, h)
		}
	}
	return failed, waived
}
