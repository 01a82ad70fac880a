package probe

import "bytes"

// eachConstant calls f for the constants in an expression that the server has printed: strings and numbers. Names are
// left out. They are looked up as texts of other catalogs, and many of them consist of ordinary words.
func eachConstant(sql []byte, f func(constant []byte)) {
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'':
			text, end := quoted(sql, i)
			f(text)
			i = end
		case c == '"':
			_, i = quoted(sql, i)
		case c >= '0' && c <= '9':
			end := i
			for end < len(sql) && (sql[end] >= '0' && sql[end] <= '9' || sql[end] == '.') {
				end++
			}
			f(sql[i:end])
			i = end
		case word(c):
			for i < len(sql) && (word(sql[i]) || sql[i] >= '0' && sql[i] <= '9') {
				i++
			}
		default:
			i++
		}
	}
}

func word(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

// quoted returns the text between the quotes that begin at i, and the offset after them. A quote in the text is
// doubled. A string with backslashes has an E before it, and its backslashes are doubled.
func quoted(sql []byte, i int) (text []byte, end int) {
	quote := sql[i]
	escapes := quote == '\'' && i > 0 && sql[i-1] == 'E'
	doubled := false
	end = i + 1
	for ; end < len(sql); end++ {
		if escapes && sql[end] == '\\' {
			end, doubled = end+1, true
			continue
		}
		if sql[end] != quote {
			continue
		}
		if end+1 == len(sql) || sql[end+1] != quote {
			break
		}
		end, doubled = end+1, true
	}
	text = sql[i+1 : min(end, len(sql))]
	if doubled {
		text = bytes.ReplaceAll(text, []byte{quote, quote}, []byte{quote})
	}
	if escapes {
		text = bytes.ReplaceAll(text, []byte(`\\`), []byte(`\`))
	}
	return text, min(end+1, len(sql))
}
