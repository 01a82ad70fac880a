package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
)

// Clean makes a text safe for a terminal, like visible.Text.
func Clean(s string) string { return visible.Text(s) }

// Line returns an event as one line of text, or "" if the event has none.
func Line(e Event) string {
	switch e.Type {
	case EventBegin:
		return Clean(fmt.Sprintf("run %s: %s to %s", e.Run, e.Source, e.Target))
	case EventTotal:
		return fmt.Sprintf("about %s rows (%s) in %s to read", spell.Number(*e.Rows), size(*e.Bytes), spell.Count(*e.Tables, "table"))
	case EventPhase:
		return Clean(e.Phase)
	case EventProgress:
		return fmt.Sprintf("%s done, %s rows, %s, %s/s%s", spell.Count(*e.Tables, "table"), spell.Number(*e.Rows), size(*e.Bytes), size(int64(e.BytesPerSec)), timeLeft(*e.SecondsLeft))
	case EventTableDone:
		return fmt.Sprintf("%s: %s rows", Clean(e.Table), spell.Number(*e.Rows))
	case EventNote, EventUndelivered:
		return "note: " + Clean(e.Text)
	}
	return "" // the command itself prints errors and the summary
}

// JSON shows events as JSON lines.
func JSON(w io.Writer) Renderer { return jsonLines{w} }

type jsonLines struct{ w io.Writer }

func (j jsonLines) Every() time.Duration { return time.Second }
func (j jsonLines) Close()               {}

func (j jsonLines) Event(e Event) {
	data, err := json.Marshal(e)
	if err != nil {
		return // an Event is plain data and always marshals
	}
	_, _ = j.w.Write(append(ASCII(data), '\n')) // an error means that nobody reads the output any more, so there is nobody to report it to
}

// ASCII escapes all characters in a JSON text that a terminal could interpret.
func ASCII(data []byte) []byte { return visible.JSON(data) }

func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

func timeLeft(s float64) string {
	if s < 0 {
		return ""
	}
	return ", " + (time.Duration(s) * time.Second).String() + " left"
}
