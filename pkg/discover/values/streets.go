package values

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words for a street. They stand before the name of the street, after it, or are the end of its last word. The words of
// wayAfterNumber count only in texts that begin with a number, because they mean something else in most other texts.
const (
	wayFirsts = "rue avenue av ave boulevard bd blvd chemin ch impasse allee quai cours place route passage faubourg square sentier " +
		"montee ruelle calle c avenida avda avd paseo plaza camino " +
		"carrera cra calzada callejon ronda travesia pasaje glorieta privada prolongacion andador via viale corso piazza " +
		"piazzale vicolo largo strada contrada borgo lungomare salita " +
		"rua travessa praca alameda estrada rodovia caminho largo beco ladeira carrer passeig avinguda placa cami rambla " +
		"kalea rua strada str bulevardul bulevard aleea calea intrarea soseaua piata splaiul " +
		"ul ulica aleja al plac pl osiedle os skwer rondo ulice nam namesti trg cesta улица ул проспект пр просп переулок пер " +
		"площадь пл набережная наб шоссе бульвар бул бр проезд аллея тупик " +
		"вулиця вул провулок пров майдан узвіз булевар улице οδος οδ λεωφορος λεωφ λ πλατεια πλ παροδος παρ jalan jln jl jr " +
		"gang gg kampung kpg kp dusun dsn desa ds pasar psr lorong lrg lebuh persiaran duong pho ngo hem ngach so đường phố " +
		"ngõ hẻm " +
		"شارع طريق جادة ممر زقاق حارة ميدان نهج خیابان کوچه بلوار میدان بزرگراه רחוב רח שדרות שד סמטת דרך כביש ถนน ซอย stryd " +
		"heol ffordd lon clos stad sraid bothar triq rruga rr bulevardi sheshi " +
		"пр-кт b-r mtaa kalye straat"
	wayLasts = "street st road rd avenue ave lane ln drive dr court ct place pl boulevard blvd terrace tce crescent cres close grove " +
		"parkway pkwy highway hwy square sq alley mews gardens way walk row hill rise view " +
		"strasse str weg gasse platz allee ring ufer damm steig pfad straat laan plein gracht kade dijk singel hof weg gata " +
		"gatan vag vagen vej gade gate vei veien vegur braut katu tie kuja polku tori " +
		"utca u ut utja ter tere koz korut krt setany sor dulo liget fasor sugarut hatarut orszagut rakpart sokak sokagi sk " +
		"sok caddesi cadde cad cd bulvari bulvar blv yolu mahallesi mah kucesi kuc kuce sh pr prospekti ko'chasi kochasi " +
		"gatve g iela prospekts bulvaris laukums tanav tn tee puiestee pst mnt cesta ulica ulice trg put bulevar улица " +
		"проспект переулок площадь бульвар шоссе вулиця гудамж көшесі даңғылы " +
		"փողոց պողոտա ქუჩა ქ გამზირი ჩიხი მოედანი मार्ग रोड सडक सड़क गली नगर चौक টোল পথ রোড সড়ক লেন روڈ گلی سڑک سٹریٹ தெரு " +
		"சாலை రోడ్ రహదారి ರಸ್ತೆ റോഡ് rylaan marg path nagar chowk tole galli gali sadak crescent"
	wayAfterNumber = "annex arcade bend bluff branch bridge brook bypass camp canyon cape causeway center centre circle cliff common " +
		"corner course cove creek crest crossing dale divide estate estates expressway " +
		"fall falls ferry field fields flat flats ford fords forest forge fork forks fort freeway gateway glen glens green " +
		"greens groves harbor harbors haven heights hills hollow inlet island islands isle junction key keys " +
		"knoll knolls lake lakes land landing light lights loaf lock locks lodge loop mall manor manors meadow meadows mill " +
		"mills mission motorway mount mountain neck orchard oval overpass park parks parkways pass passage path pike " +
		"pine pines plain plains plaza point points port ports prairie radial ramp ranch rapid rapids rest ridge ridges river " +
		"roads route run shoal shoals shore shores skyway spring springs spur spurs squares station stravenue stream " +
		"streets summit throughway trace track trafficway trail tunnel turnpike underpass union unions valley valleys via " +
		"viaduct views village villages ville vista walks wall ways well wells rue crescent quay parade esplanade"
	wayEnds = "strasse straße str gasse platz allee weg ring damm ufer straat laan plein gracht kade dijk singel hof gatan gata " +
		"vagen vag vej gade vei veien gate katu tie kuja polku tori braut vegur utca utja 로 길 stien parken toften bakken " +
		"vangen vaenget straede gyde stigen grand torget svingen vegen backen penger kaari ranta portti raitti aukio rinne " +
		"sugarut korut orszagut"
	// wayUnits stand between the name of a street and its number.
	wayUnits = "no nr n num numero nº no № д дом буд k kv sn blok apt apartment suite unit floor int interior piso s/n αρ số so"
)

// enterWays adds the words for streets.
func (l *Looker) enterWays() {
	for class, list := range map[classes]string{wayFirst: wayFirsts, wayLast: wayLasts, wayAmerican: wayAfterNumber, wayUnit: wayUnits} {
		for _, word := range bytes.Fields([]byte(list)) {
			if hash, n := l.phrase(word); n > 0 {
				l.words[hash] |= class
			}
		}
	}
	l.enterEnds(wayEnd, wayEnds)
}

// housed returns evidence for streets, if most of the different values have a word for a street, and a number.
func (c *Column) housed() []Evidence {
	e := Evidence{
		Class: "street", Path: c.path, Looked: len(c.distinct), Hits: c.houses,
		How: "have a word for a street, and the number of a house; each value is counted once",
	}
	if e.Hits < few || e.Share() < mostly {
		return nil
	}
	return []Evidence{e}
}

// house reports whether a text has a word for a street, a name, and the number of a house at its beginning or end.
func (l *Looker) house(text []byte) bool {
	if len(text) > longestName || !bytes.ContainsFunc(text, unicode.IsDigit) {
		return false
	}
	if easternHouse(text) {
		return true
	}
	words, numberFirst, numberLast := 0, false, false
	var first, last part
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && !stop(text[i]) {
			_, size := utf8.DecodeRune(text[i:])
			i += size
		}
		word := text[start:i]
		i++
		if len(word) == 0 {
			continue
		}
		if number(word) {
			numberFirst = numberFirst || words == 0
			numberLast = true
			continue
		}
		hash, _ := l.phrase(word)
		p := part{text: word, is: l.words[hash]}
		if p.is&wayUnit != 0 && words > 0 {
			continue
		}
		if numberLast && words > 0 && !numberFirst { // a word follows the number
			return false
		}
		if numberLast = false; words == 0 {
			first = p
		}
		last = p
		words++
	}
	switch {
	case words == 0 || words > 7 || !numberFirst && !numberLast:
		return false
	case l.end(last.text)&wayEnd != 0 && proper(last.text):
		return true
	case words == 1:
		return false
	}
	return first.is&wayFirst != 0 || last.is&wayLast != 0 || numberFirst && last.is&wayAmerican != 0 && proper(first.text)
}

// stop reports whether a byte ends a word of an address.
func stop(b byte) bool { return b <= ' ' || strings.IndexByte(",.;:#()", b) >= 0 }

// number reports whether a word is the number of a house. It begins with a digit and has at most seven digits. It can have
// one letter, and dashes, slashes and apostrophes, as in 12a and 12/14.
func number(word []byte) bool {
	digits, others := 0, 0
	for i, r := range string(word) {
		switch {
		case unicode.IsDigit(r):
			digits++
		case i == 0:
			return false
		case unicode.IsLetter(r):
			others++
		case r != '-' && r != '/' && r != '\'':
			return false
		}
	}
	return digits > 0 && digits <= 7 && others <= 1
}

// easternHouse reports whether a text names a street or a block, and ends with a digit or with a word for a number or a
// house, as in China and Japan: 中山路12号, 丸の内1丁目9-2.
func easternHouse(text []byte) bool {
	last, size := utf8.DecodeLastRune(text)
	if !unicode.IsDigit(last) && !bytes.ContainsRune([]byte("号號楼樓室番地栋座"), last) || len(text) <= size {
		return false
	}
	for _, way := range []string{"路", "街", "巷", "弄", "大道", "胡同", "丁目", "番地", "大街"} {
		if at := bytes.Index(text, []byte(way)); at > 0 {
			return true
		}
	}
	return false
}
