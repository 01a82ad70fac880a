package guess

import "slices"

// fewestShown is the smallest number of columns which show that the texts of a table are texts of the application.
const fewestShown = 3

// isShown reports whether the application shows a text to everybody, such as a footer or the text of a button. Beside
// several such texts, the other columns whose names end like them are such texts too: approval_req_text.
func (d *Detectors) isShown(t *table, c *column, n *candidate) bool {
	if n.kind.name != "free_text" || n.start == 0 || !isText(c.words[n.end-1]) {
		return false
	}
	shown := func(c *column) bool {
		return isText(c.words[len(c.words)-1]) && d.among(c.words[:len(c.words)-1], "@shown")
	}
	if shown(c) {
		return true
	}
	count := 0
	for i := range t.columns {
		if o := &t.columns[i]; len(o.words) > 1 && shown(o) {
			count++
		}
	}
	return count >= fewestShown
}

// isText reports whether a word means a text that anybody may have written.
func isText(word string) bool {
	return slices.Contains([]string{"text", "texte", "texto", "testo", "tekst", "message", "html", "body"}, word)
}
