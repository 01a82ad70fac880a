package guess

// fewestGlued is the smallest number of columns that show that a text is glued to the words of their table.
const fewestGlued = 4

// withoutGlued removes the affix of a table from words to which it is glued, such as ele in elenom and elesexe, or con
// in ciudadcon and direccioncon. At least four columns of the table must have the affix, with or without a separator.
// The argument affixes has an entry for each column that had the affix with a separator.
func (d *Detectors) withoutGlued(t *table, affixes []string) {
	if len(t.columns) < fewestGlued {
		return
	}
	for _, last := range []bool{false, true} {
		counts := map[string]int{}
		for _, a := range affixes {
			counts[a]++
		}
		d.eachGlued(t, last, func(_ *column, affix, _ string) { counts[affix]++ })
		for i := range t.columns { // also count names in which a separator stands between the affix and the word: qxo_email
			if w := t.columns[i].words; len(w) > 1 && last {
				counts[w[len(w)-1]]++
			} else if len(w) > 1 {
				counts[w[0]]++
			}
		}
		d.eachGlued(t, last, func(c *column, affix, rest string) {
			if counts[affix] >= fewestGlued {
				c.words = append(append([]string{}, c.words[:len(c.words)-1]...), d.singular(rest))
			}
		})
	}
}

// eachGlued calls fn for each column whose last word consists of an affix and a word that gives a kind, with the
// shortest such affix. The argument last says that the affix comes after the word. It leaves out words that are in the
// vocabulary as they are.
func (d *Detectors) eachGlued(t *table, last bool, fn func(c *column, affix, rest string)) {
	for i := range t.columns {
		c := &t.columns[i]
		if len(c.words) == 0 {
			continue
		}
		w := c.words[len(c.words)-1]
		if d.known[w] || d.stemmed(w) || len(w) > longestSplit {
			continue
		}
		for cut := shortestTail; cut <= len(w)-shortestPart; cut++ {
			affix, rest := w[:cut], w[cut:]
			if last {
				affix, rest = w[len(w)-cut:], w[:len(w)-cut]
			}
			if d.gives(rest) {
				fn(c, affix, rest)
				break
			}
		}
	}
}

// gives reports whether a word, or its singular, gives a kind or means name.
func (d *Detectors) gives(word string) bool {
	return len(d.phrases[d.singular(word)]) > 0 || d.sets["@name"][word]
}

// letter splits one letter from the beginning or the end of a word of the vocabulary that gives a kind by itself, such
// as f in fnacimiento and b in streetb. It returns nil if that is not possible.
func (d *Detectors) letter(word string) []string {
	if len(word) <= shortestLetter {
		return nil
	}
	if rest := word[1:]; d.kindOfWord(rest) != "" {
		return []string{word[:1], rest}
	}
	if rest := word[:len(word)-1]; d.kindOfWord(rest) != "" {
		return []string{rest, word[len(rest):]}
	}
	return nil
}

// shortestLetter is the least number of bytes that remain of a word when a letter or a short word is split from it.
const shortestLetter = 5
