package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text safe for a terminal: a table's name may hold escape sequences,
// and characters that turn the direction of writing, which would show another name.
// Newlines and tabs become escapes too: a name cannot fake a line of output.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafe(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func unsafe(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }

// Plain shows events as lines, for logs.
func Plain(w io.Writer) Renderer { return plain{w} }

type plain struct{ w io.Writer }

func (p plain) Every() time.Duration { return 10 * time.Second }
func (p plain) Close()               {}

func (p plain) Event(e Event) {
	if text := Line(e); text != "" {
		fmt.Fprintf(p.w, "%s %s\n", e.Time.Format("15:04:05"), text)
	}
}

// Line is an event as one line of text, "" where the event has none.
func Line(e Event) string {
	switch e.Type {
	case EventBegin:
		return Clean(fmt.Sprintf("run %s: %s to %s", e.Run, e.Source, e.Target))
	case EventTotal:
		return fmt.Sprintf("about %s rows (%s) in %s to read", count(*e.Rows), size(*e.Bytes), plural(*e.Tables, "table"))
	case EventPhase:
		return Clean(e.Phase)
	case EventProgress:
		return fmt.Sprintf("%s rows, %s, %s/s%s", count(*e.Rows), size(*e.Bytes), size(int64(e.BytesPerSec)), timeLeft(*e.SecondsLeft))
	case EventTableDone:
		return fmt.Sprintf("%s: %s rows", Clean(e.Table), count(*e.Rows))
	case EventNote, EventUndelivered:
		return "note: " + Clean(e.Text)
	}
	return "" // errors and summary are printed by the command itself
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
	_, _ = j.w.Write(append(ASCII(data), '\n')) // nobody is left to tell that the reader went away
}

// ASCII escapes whatever a terminal could take as a command, in JSON text.
func ASCII(data []byte) []byte {
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		switch {
		case r == ' ' || unicode.IsPrint(r) || r == '\n':
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// Quiet shows nothing.
func Quiet() Renderer { return quiet{} }

type quiet struct{}

func (quiet) Every() time.Duration { return time.Hour }
func (quiet) Event(Event)          {}
func (quiet) Close()               {}

// count writes 4000000 as 4,000,000.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(int64(n)) + " " + what + "s"
}

func timeLeft(s float64) string {
	if s < 0 {
		return ""
	}
	return ", " + (time.Duration(s) * time.Second).String() + " left"
}
