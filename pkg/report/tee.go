package report

import "time"

// Tee returns a renderer that passes events to several renderers. Each renderer gets all events, but progress events
// only as often as it wants.
func Tee(renderers ...Renderer) Renderer {
	t := &tee{}
	for _, r := range renderers {
		t.out = append(t.out, branch{Renderer: r})
	}
	return t
}

type tee struct{ out []branch }

type branch struct {
	Renderer
	last time.Time // time of the last progress event
}

// Every returns the shortest time that one of the renderers wants.
func (t *tee) Every() time.Duration {
	every := time.Hour
	for _, b := range t.out {
		every = min(every, b.Renderer.Every())
	}
	return every
}

func (t *tee) Event(e Event) {
	for i := range t.out {
		b := &t.out[i]
		if e.Type == EventProgress {
			if e.Time.Sub(b.last) < b.Renderer.Every() {
				continue
			}
			b.last = e.Time
		}
		b.Event(e)
	}
}

func (t *tee) Close() {
	for _, b := range t.out {
		b.Renderer.Close()
	}
}
