package fingerprint

// Habit says how often values of one place come again. A small memory of values is shared by many places. If hardly any
// value of a place comes again, its values would only push the values of other places out of the memory. So such a
// place rests for a while: the memory does not take its values.
type Habit struct {
	Tries   uint32 // values since the last decision
	Repeats uint32 // tries whose value was in the memory already
	Resting uint32 // for how many further values the place rests
}

// rest is the number of values for which a place rests.
const rest = 1 << 16

// Rests reports whether the place rests while its next value comes. When the place has had more than tries values since
// the last decision, it begins to rest if fewer than least of them came again.
func (h *Habit) Rests(tries, least uint32) bool {
	if h.Resting > 0 {
		h.Resting--
		return true
	}
	if h.Tries++; h.Tries > tries {
		if h.Repeats < least {
			h.Resting = rest
		}
		h.Tries, h.Repeats = 0, 0
	}
	return false
}
