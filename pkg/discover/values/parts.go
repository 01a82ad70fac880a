package values

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// elements calls the function each for every element of an array, as PostgreSQL prints it. It leaves out elements
// that are NULL. If the text is no array, elements reads the part of the text that it understands.
func elements(text []byte, each func(element []byte)) {
	if i := bytes.IndexByte(text, '='); i > 0 && text[0] == '[' { // bounds: [2:3]={a,b}
		text = text[i+1:]
	}
	split(text, "{},", func(element []byte, plain bool) {
		if !plain || !bytes.EqualFold(element, []byte("NULL")) {
			each(element)
		}
	})
}

// bounds calls the function each for every bound of a range or a multirange, as PostgreSQL prints it. A bound that is
// missing or infinite is left out.
func bounds(text []byte, each func(bound []byte)) {
	split(text, "{}[](),", func(bound []byte, plain bool) {
		if word := string(bound); !plain || word != "empty" && word != "infinity" && word != "-infinity" {
			each(bound)
		}
	})
}

// split calls the function each for every part of a text between the marks. The argument plain of each says that the
// part was written without quotes and escapes.
func split(text []byte, marks string, each func(part []byte, plain bool)) {
	var part []byte
	quoted, has, plain := false, false, true
	end := func() {
		if has {
			each(part, plain)
		}
		part, has, plain = part[:0], false, true
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			part, has, plain = append(part, text[i]), true, false
		case quoted && c == '"' && i+1 < len(text) && text[i+1] == '"': // a quote inside a bound or a field
			i++
			part = append(part, c)
		case c == '"':
			quoted, has, plain = !quoted, true, false
		case quoted:
			part = append(part, c)
		case strings.IndexByte(marks, c) >= 0:
			end()
		default:
			part, has = append(part, c), true
		}
	}
	end()
}

// hstore looks at the values of an hstore as PostgreSQL prints it: "key"=>"value", "other"=>NULL.
func (c *Column) hstore(text []byte) {
	c.tree.objects++
	for rest := text; ; {
		start := bytes.IndexByte(rest, '"')
		if start < 0 {
			return
		}
		key, after := quotedPart(rest[start:])
		if !ordinary.MatchString(key) {
			key = hidden
		}
		k := c.kid(c.tree, key)
		k.seen++
		if rest = bytes.TrimPrefix(after, []byte("=>")); len(rest) == 0 || rest[0] != '"' {
			c.scalar(k, "null", "")
			continue
		}
		value, next := quotedPart(rest)
		c.scalar(k, "text", value)
		rest = next
	}
}

// quotedPart returns the text in double quotes with which a text begins, and the rest of the text.
func quotedPart(text []byte) (part string, rest []byte) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		case '"':
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), nil
}

// xml looks at the texts and attributes of a document. Its paths have the names of elements and attributes:
// $.person.mail.
func (c *Column) xml(text []byte) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	at := []*place{c.tree}
	enter := func(p *place, name string) *place {
		if !ordinary.MatchString(name) {
			name = hidden
		}
		k := c.kid(p, name)
		k.seen++
		return k
	}
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		here := at[len(at)-1]
		switch t := token.(type) {
		case xml.StartElement:
			here.objects++
			k := enter(here, t.Name.Local)
			for _, a := range t.Attr {
				c.scalar(enter(k, a.Name.Local), "text", a.Value)
			}
			if len(t.Attr) > 0 {
				k.objects++
			}
			at = append(at, k)
		case xml.EndElement:
			if len(at) > 1 {
				at = at[:len(at)-1]
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" && len(at) > 1 {
				c.scalar(here, "text", s)
			}
		}
	}
}
