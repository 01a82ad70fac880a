package show

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
)

// Sizes in the drawing, in pixels.
const (
	letter    = 8 // width of a character, so that a text fits into its box
	boxHeight = 52
	rowGap    = 28
	colGap    = 170
	margin    = 20
	padding   = 12
)

// box is a root or a table in the drawing.
type box struct {
	lines   []string // the first is the title
	root    bool
	column  int // boxes of roots are in column 0
	x, y, w int
}

// arrow is an edge between two boxes.
type arrow struct {
	from, to int
	rows     int
	edge     string
	curve    [4]point // a Bézier curve: its ends, and between them the two points that bend it
}

type point struct{ x, y int }

// SVG draws an explanation as a picture. The roots are on the left. A table is one column to the right of a root or
// table that brings rows to it, or on the far right if no path of such edges leads from a root to it. The number at an
// arrow is the number of rows that this edge brought first. The same explanation always gives the same bytes.
func SVG(w io.Writer, e subset.Explanation) error {
	boxes, arrows := parts(e)
	columns(boxes, arrows)
	place(boxes)
	bend(boxes, arrows)
	width, height := size(boxes, arrows)
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%[2]d\" viewBox=\"0 0 %[1]d %[2]d\" font-family=\"monospace\" font-size=\"13\">\n", width, height)
	b.WriteString("<defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>\n")
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", width, height)
	for _, a := range arrows {
		drawArrow(&b, a)
	}
	for _, x := range boxes {
		drawBox(&b, x)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// parts returns the boxes and the arrows of an explanation: the tables first, and then the roots.
func parts(e subset.Explanation) (boxes []box, arrows []arrow) {
	tables := map[catalog.Name]int{}
	for i, s := range e.Tables {
		tables[s.Table] = i
		rows := fmt.Sprintf("%s of %s rows", spell.Number(s.Rows), spell.Number(s.Of))
		if s.Whole {
			rows = "all " + spell.Count(int(s.Rows), "row")
		}
		boxes = append(boxes, box{lines: []string{visible.Text(s.Table.String()), rows + ", " + kilobytes(s.Bytes)}})
	}
	for i, s := range e.Tables {
		for _, way := range s.By {
			from := len(boxes)
			if way.From != nil {
				from = tables[*way.From]
			} else {
				boxes = append(boxes, box{lines: []string{visible.Text(way.Edge)}, root: true})
			}
			arrows = append(arrows, arrow{from: from, to: i, rows: way.Rows, edge: visible.Text(way.Edge)})
		}
	}
	return boxes, arrows
}

// columns chooses the column of each box. Roots are in column 0. A table comes into the column after the leftmost box
// from which an arrow with rows leads to the table. Tables to which no path of such arrows leads from a root come into
// a column after all others.
func columns(boxes []box, arrows []arrow) {
	const unknown = -1
	last := 1
	for i := range boxes {
		if boxes[i].column = unknown; boxes[i].root {
			boxes[i].column = 0
		}
	}
	for column, found := 0, true; found; column++ {
		found = false
		for _, a := range arrows {
			if a.rows > 0 && boxes[a.from].column == column && boxes[a.to].column == unknown {
				boxes[a.to].column, last, found = column+1, column+1, true
			}
		}
	}
	for i := range boxes {
		if boxes[i].column == unknown {
			boxes[i].column = last + 1
		}
	}
}

// place puts the boxes into their columns, in the order of the boxes.
func place(boxes []box) {
	x := margin
	for column := range len(boxes) + 2 {
		y, wide := margin, 0
		for i := range boxes {
			b := &boxes[i]
			if b.column != column {
				continue
			}
			for _, line := range b.lines {
				b.w = max(b.w, utf8.RuneCountInString(line)*letter+2*padding)
			}
			b.x, b.y = x, y
			y, wide = y+boxHeight+rowGap, max(wide, b.w)
		}
		if wide > 0 {
			x += wide + colGap
		}
	}
}

// bend sets the curves of the arrows. Arrows with the same ends get different curves.
func bend(boxes []box, arrows []arrow) {
	drawn := map[[2]int]int{}
	for i := range arrows {
		a := &arrows[i]
		ends := [2]int{a.from, a.to}
		a.curve = curve(boxes[a.from], boxes[a.to], a.from == a.to, drawn[ends])
		drawn[ends]++
	}
}

// curve returns the curve of an arrow. The argument beside is the number of arrows that have the same ends already.
func curve(from, to box, loop bool, beside int) [4]point {
	right, left := point{from.x + from.w, from.y + boxHeight/2}, point{to.x, to.y + boxHeight/2}
	switch {
	case loop:
		reach := right.x + (beside+1)*colGap/4
		return [4]point{{right.x, right.y - 10}, {reach, right.y - 10}, {reach, right.y + 10}, {right.x, right.y + 10}}
	case from.column == to.column: // the curve runs on the right of both boxes
		end := point{to.x + to.w, left.y}
		reach := max(right.x, end.x) + (beside+1)*colGap/4
		return [4]point{right, {reach, right.y}, {reach, end.y}, end}
	case from.column > to.column: // the arrow leads back, and its curve runs below both boxes
		low := max(from.y, to.y) + boxHeight + (beside+1)*rowGap
		return [4]point{{from.x + from.w/2, from.y + boxHeight}, {from.x + from.w/2, low}, {to.x + to.w/2, low}, {to.x + to.w/2, to.y + boxHeight}}
	}
	return [4]point{right, {right.x + colGap/2, right.y + beside*rowGap}, {left.x - colGap/2, left.y + beside*rowGap}, left}
}

// size returns the size of the drawing.
func size(boxes []box, arrows []arrow) (width, height int) {
	for _, b := range boxes {
		width, height = max(width, b.x+b.w), max(height, b.y+boxHeight)
	}
	for _, a := range arrows {
		for _, p := range a.curve {
			width, height = max(width, p.x), max(height, p.y)
		}
	}
	return width + margin, height + margin
}

// drawArrow draws an arrow. Its title names the edge.
func drawArrow(b *strings.Builder, a arrow) {
	dash, c := "", a.curve
	if a.rows == 0 {
		dash = " stroke-dasharray=\"4 4\""
	}
	fmt.Fprintf(b, "<path d=\"M%d %dC%d %d %d %d %d %d\" fill=\"none\" stroke=\"#555\"%s marker-end=\"url(#end)\"><title>%s</title></path>\n",
		c[0].x, c[0].y, c[1].x, c[1].y, c[2].x, c[2].y, c[3].x, c[3].y, dash, escape(a.edge))
	x, y := (c[0].x+3*c[1].x+3*c[2].x+c[3].x)/8, (c[0].y+3*c[1].y+3*c[2].y+c[3].y)/8 // the middle of the curve
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n", x, y-4, spell.Number(int64(a.rows)))
}

func drawBox(b *strings.Builder, x box) {
	fill, corner := "#eef3fb", 4
	if x.root {
		fill, corner = "#fdf3dc", boxHeight/2
	}
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\" stroke=\"#555\"/>\n", x.x, x.y, x.w, boxHeight, corner, fill)
	y := x.y + boxHeight/2 + 5 - 9*(len(x.lines)-1)
	for i, line := range x.lines {
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s</text>\n", x.x+padding, y+18*i, escape(line))
	}
}

// escape escapes a text that visible.Text has returned, so that it cannot end an element or begin one.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(text)
}
