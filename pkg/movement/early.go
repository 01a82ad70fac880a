package movement

import "context"

// Early is the source of a check that is already being opened, while the caller still reads the rules. It is an Origin
// whose Open waits for the source.
type Early struct {
	Origin
	stop   context.CancelFunc
	ready  chan struct{} // closed when source and err are set
	source Source
	err    error
	taken  bool // Open has returned the source
}

// OpenEarly begins to open the source for Check, and makes it the origin of the Spec. OpenEarly uses only From
// of the Spec. The caller must call Close at the end, even if it does not call Check.
func (s *Spec) OpenEarly(ctx context.Context) *Early {
	ctx, stop := context.WithCancel(ctx)
	e := &Early{Origin: s.From, stop: stop, ready: make(chan struct{})}
	go func() {
		defer close(e.ready)
		e.source, e.err = e.Origin.Open(ctx, true, 0)
	}()
	s.From = e
	return e
}

// Open implements Origin. Its first call for a check waits for the source that OpenEarly opens.
func (e *Early) Open(ctx context.Context, look bool, sessions int) (Source, error) {
	if !look || e.taken {
		return e.Origin.Open(ctx, look, sessions)
	}
	e.taken = true
	<-e.ready
	return e.source, e.err
}

// Close stops the opening. If nobody called Open, it closes the source. e may be nil.
func (e *Early) Close() {
	if e == nil {
		return
	}
	e.stop()
	<-e.ready
	if !e.taken && e.err == nil {
		e.source.Close()
	}
}
