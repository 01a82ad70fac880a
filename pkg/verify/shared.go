package verify

import "sync/atomic"

// shared is a set of fingerprints that one goroutine at a time may change, while others ask it. Who asks needs no lock,
// and gets the answer of this moment or of one shortly before.
type shared struct{ current atomic.Pointer[hashes] }

func (s *shared) has(hash uint64) bool {
	h := s.current.Load()
	if h == nil || hash == 0 {
		return false
	}
	for i := h.place(hash); ; i++ {
		switch atomic.LoadUint64(&h.slots[i&(len(h.slots)-1)]) {
		case hash:
			return true
		case 0:
			return false
		}
	}
}

// add adds a fingerprint, and reports whether it is new.
func (s *shared) add(hash uint64) bool {
	if s.has(hash) || hash == 0 {
		return false
	}
	h := s.current.Load()
	if h == nil {
		h = &hashes{}
	}
	if h.full() {
		h = h.rebuilt(h.larger(), nil)
		s.current.Store(h)
	}
	atomic.StoreUint64(h.free(hash), hash)
	h.n++
	return true
}

// keep drops the fingerprints that are not wanted.
func (s *shared) keep(wanted func(uint64) bool) {
	h := s.current.Load()
	s.current.Store(h.rebuilt(len(h.slots), wanted))
}

func (s *shared) clear() { s.current.Store(nil) }
