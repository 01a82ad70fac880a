package values

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"hash/maphash"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/nationalid"
)

// counts holds the counts for the values of a column or of a path.
type counts struct {
	looked    int
	distinct  map[uint64]bool
	longer    int            // different values that are long enough to be compared with those of other columns
	hits      map[string]int // by class
	contains  map[string]int // values with a longer text around a match, by class
	countries []int          // different values that are valid as the national number of each country
	grouped   int            // values with the form of a telephone number without the code of a country
	dialled   int            // values with the digits of a telephone number, and no groups
	numbers   int            // other values of 7 to 11 digits
	coded     int            // telephone numbers with a plus sign and the code of a country
	prose     int            // different values of at least five words
	births    int            // dates that can be birth dates
	days      int            // dates without a time
	dates     int
	decades   map[int]bool // of the dates
	random    int          // values that look random: letters and digits mixed
	shapes    map[string]int
	names
}

func (l *Looker) counts() counts {
	return counts{
		distinct: map[uint64]bool{}, hits: map[string]int{}, contains: map[string]int{}, countries: make([]int, len(l.countries)),
		decades: map[int]bool{}, shapes: map[string]int{}, names: newNames(),
	}
}

// join adds other counts.
func (c *counts) join(o *counts) {
	c.looked += o.looked
	maps.Copy(c.distinct, o.distinct)
	for _, pair := range [][2]map[string]int{{c.hits, o.hits}, {c.contains, o.contains}, {c.shapes, o.shapes}} {
		for class, n := range pair[1] {
			pair[0][class] += n
		}
	}
	for i, n := range o.countries {
		c.countries[i] += n
	}
	maps.Copy(c.decades, o.decades)
	c.grouped, c.prose, c.births = c.grouped+o.grouped, c.prose+o.prose, c.births+o.births
	c.dates, c.random, c.days = c.dates+o.dates, c.random+o.random, c.days+o.days
	c.dialled, c.numbers, c.coded = c.dialled+o.dialled, c.numbers+o.numbers, c.coded+o.coded
	c.names.join(&o.names)
}

// longest is how many bytes of a text are looked at, unless the text is a document.
const longest = 4096

// text looks at a scalar value, or at the JSON document that the value holds.
func (c *Column) text(text []byte) {
	if trimmed := bytes.TrimSpace(text); c.tree == nil && len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		return // a document in a document
	} else if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(trimmed) {
		c.document(trimmed)
		return
	}
	text = bytes.TrimSpace(text[:min(len(text), longest)])
	if len(text) == 0 || !utf8.Valid(text) {
		return
	}
	c.looked++
	c.sheet.add(c, text)
	hash := maphash.Bytes(c.looker.seed, text)
	fresh := !c.distinct[hash]
	c.distinct[hash] = true
	if fresh && len(text) >= comparedFrom {
		c.longer++
	}
	c.shape(text, fresh)
	if c.whole(text, fresh) {
		return
	}
	c.form(text)
	if !fresh {
		return
	}
	c.compare(text)
	if len(bytes.Fields(text)) >= 5 {
		c.prose++
	}
}

// whole looks for a pattern that matches the whole value. It returns true if the pattern is so strong that no other
// search is necessary. The argument fresh says that the value is the first of its kind.
func (c *Column) whole(text []byte, fresh bool) bool {
	if id := nationalid.Normal(string(text)); fresh && id != "" {
		for i, country := range c.looker.countries {
			if country.Is(id) {
				c.countries[i]++
			}
		}
	}
	c.date(text)
	c.looker.scanner.Start(text)
	m, ok := c.looker.scanner.Next()
	if ok && (m.Start != 0 || m.End < len(c.looker.scanner.Text())) {
		c.within(m, bytes.ContainsAny(text, " \n\t"))
		return false
	}
	if !ok {
		return false
	}
	class := classOf(m.Kind)
	switch {
	case class == "",
		class == "phone" && bytes.HasPrefix(text, []byte("000")), // no code of a country begins with 0
		class == "street" && isPostcode(text),                    // DN18 5JD
		class == "email" && isLocal(text):
		return false
	}
	if class == "street" && bytes.ContainsAny(text, ",\n") { // the town follows
		class = "address"
	}
	if c.hits[class]++; class == "phone" && (text[0] == '+' || bytes.HasPrefix(text, []byte("(+"))) {
		c.coded++
	}
	return class == "email" || class == "url" || class == "iban" || class == "phone"
}

// isLocal reports whether a mail address has no dot in its domain. Such an address is valid on one machine only, and names
// of modules and of files have the same form: patient@cabinet.
func isLocal(address []byte) bool {
	return bytes.IndexByte(address[bytes.LastIndexByte(address, '@')+1:], '.') < 0
}

// within counts the classes of the matches that are parts of a value. The argument m is the first match. The argument
// words is true for a text of several words. Only such a text counts as containing numbers, because parts of other
// values, such as a uuid, can look like a telephone number.
func (c *Column) within(m recognise.Match, words bool) {
	var seen [4]string
	n := 0
	for ok := true; ok && n < len(seen); m, ok = c.looker.scanner.Next() {
		class := classOf(m.Kind)
		if class == "" || !words && class != "email" || class == "url" || class == "national_id" || slices.Contains(seen[:n], class) ||
			class == "email" && isLocal(c.looker.scanner.Text()[m.Start:m.End]) {
			continue
		}
		seen[n] = class
		n++
		c.contains[class]++
	}
}

// classOf returns the class of the values that a pattern matches, or "".
func classOf(k recognise.Kind) string {
	switch k {
	case recognise.Email, recognise.URL, recognise.PAN, recognise.IBAN, recognise.NationalID, recognise.Phone:
		return k.String()
	case recognise.Address:
		return "street"
	}
	return ""
}

// date counts dates. It also counts the dates that can be birth dates: those of this year and of the 99
// years before.
func (c *Column) date(text []byte) {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' || len(text) > 10 && text[10] != ' ' && text[10] != 'T' {
		return
	}
	year, err := strconv.Atoi(string(text[:4]))
	if err != nil {
		return
	}
	c.dates++
	if len(text) == 10 {
		c.days++
	}
	c.decades[year/10] = true
	if year > c.looker.year-100 && year <= c.looker.year {
		c.births++
	}
}

// form looks for values with a form of their own: IP addresses, MAC addresses, secrets, telephone numbers without the
// code of a country, and texts that look random.
func (c *Column) form(text []byte) {
	s := string(text)
	if address, _, found := strings.Cut(s, "/"); len(s) <= 45 && strings.ContainsAny(s, ".:") {
		if a, err := netip.ParseAddr(address); err == nil && (!found || strings.Count(s, "/") == 1) && !a.IsUnspecified() {
			c.hits["ip_address"]++
			return
		}
	}
	if strings.ContainsAny(s, ":-.") {
		if _, err := net.ParseMAC(s); err == nil {
			c.hits["mac_address"]++
			return
		}
	}
	if secret := secretForm(s); secret != "" {
		c.hits[secret]++
		return
	}
	if phoneForm(s) {
		c.grouped++
		return
	}
	if len(s) >= 7 && len(s) <= 11 && strings.Trim(s, "0123456789") == "" {
		if dialForm(s) {
			c.dialled++
		} else {
			c.numbers++
		}
		return
	}
	if len(s) >= 16 && !strings.ContainsAny(s, " \t\n") && !isUUID(s) && mixed(s) {
		c.random++
	}
}

// phoneForm reports whether a text has the form of a telephone number without the code of a country: 7 to 15 digits in
// groups, such as 697-555-0142 or (0) 1234 567. Dates, decimal numbers and ISBNs do not count.
func phoneForm(s string) bool {
	digits, groups, last := 0, 0, byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			if digits++; last < '0' || last > '9' {
				groups++
			}
		case strings.IndexByte(" -./()+", c) < 0:
			return false
		}
		last = s[i]
	}
	book := digits == 13 && (strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979"))
	date := len(s) == 10 && digits == 8 && groups == 3 && (s[4] == s[7] || s[2] == s[5])
	return digits >= 7 && digits <= 15 && groups >= 2 && !book && !date && (groups > 2 || !strings.Contains(s, "."))
}

// dialForm reports whether 7 to 11 digits are a telephone number as people dial it at home: they begin with one zero,
// or are the 11 digits of a mobile phone in China. One in ten random numbers has this form.
func dialForm(s string) bool {
	return s[0] == '0' && s[1] != '0' || len(s) == 11 && s[0] == '1' && s[1] >= '3'
}

// secretForm returns "password" for a value with the form of a password's hash, and "secret" for a value with the form
// of a secret that a service issues. It returns "" for other values.
func secretForm(s string) string {
	for _, prefix := range []string{
		"$2a$", "$2b$", "$2x$", "$2y$", "$argon2", "$scrypt$", "$pbkdf2", "$1$", "$5$", "$6$", "$y$", "$apr1$", "$P$", "$H$", "$S$", "pbkdf2_sha", "bcrypt$", "bcrypt_sha256$",
		"argon2$", "scrypt:", "pbkdf2:", "sha1$", "md5$", "{SSHA}", "{SHA}", "{SSHA256}", "{SSHA512}", "{CRYPT}", "{bcrypt}", "{noop}", "{MD5}", "SCRAM-SHA-256$", "PBKDF2WithHmac",
	} {
		if strings.HasPrefix(s, prefix) && len(s) >= len(prefix)+8 {
			return "password"
		}
	}
	if len(s) == 41 && s[0] == '*' && isHex(s[1:]) { // MySQL's PASSWORD()
		return "password"
	}
	if len(s) == 35 && strings.HasPrefix(s, "md5") && isHex(s[3:]) { // PostgreSQL's own
		return "password"
	}
	for _, prefix := range []string{
		"eyJ", "sk_live_", "sk_test_", "rk_live_", "pk_live_", "whsec_", "ghp_", "gho_", "ghu_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.",
		"SG.", "npm_", "pypi-", "dop_v1_", "shpat_", "-----BEGIN", "sq0atp-", "EAACEdEose0cBA", "hf_", "sk-",
	} {
		if strings.HasPrefix(s, prefix) && len(s) >= 16 && !strings.ContainsAny(s[:16], "\t\n") {
			return "secret"
		}
	}
	return ""
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' && isHex(strings.ReplaceAll(s, "-", ""))
}

// mixed reports whether a text without blanks looks random: upper case, lower case and digits alternate often.
func mixed(s string) bool {
	changes, last := 0, 0
	for _, r := range s {
		kind := 0
		switch {
		case unicode.IsDigit(r):
			kind = 1
		case unicode.IsUpper(r):
			kind = 2
		case unicode.IsLower(r):
			kind = 3
		}
		if kind != 0 && last != 0 && kind != last {
			changes++
		}
		last = kind
	}
	return changes*6 >= len(s)
}

// bytes looks at the first bytes of a bytea, which PostgreSQL prints in hexadecimal digits.
func (c *Column) bytes(text []byte) {
	c.looked++
	var head [12]byte
	n, _ := hex.Decode(head[:], bytes.TrimPrefix(text, []byte(`\x`))[:min(2*len(head), max(0, len(text)-2))&^1])
	for magic, class := range map[string]string{
		"\xff\xd8\xff": "photo", "\x89PNG": "photo", "GIF8": "photo", "RIFF": "photo", "II*\x00": "photo", "MM\x00*": "photo", "BM": "photo",
		"%PDF": "file", "PK\x03\x04": "file", "\xd0\xcf\x11\xe0": "file", "{\\rtf": "file", "OggS": "file", "ID3": "file", "\x1f\x8b": "file",
	} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			c.hits[class]++
			return
		}
	}
}
