package recognise

import (
	"strings"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// sense is what a word says about the text before or after it. A word may have several senses.
type sense uint32

const (
	secretLabel  sense = 1 << iota // announces a secret: password
	weakLabel                      // announces a secret only before a colon or an equals sign: token
	keyLabel                       // announces a secret if the value looks like a secret: key
	handleLabel                    // announces a user name: telegram
	numberLabel                    // announces a number of at least four digits: customer
	phoneLabel                     // announces a telephone number
	extLabel                       // announces an extension of a telephone number
	degreeLabel                    // announces a latitude or longitude
	folderLabel                    // a folder or part of a path before a person's name: home, users
	copula                         // says that what follows is the value: is
	linkWord                       // may stand between a label and its value: no, new
	ordinaryWord                   // is not the value of a label: required
	annotation                     // is not a user name after @: override
	atWord                         // stands for @
	dotWord                        // stands for a dot
	provider                       // a provider of mail
	streetEnd                      // a noun at the end of a street's name, before the house number: Straße
	roadEnd                        // a noun at the end of a street's name, after the house number: Road
	streetStart                    // a noun at the beginning of a street's name: rue
	placeWord                      // a preposition at the beginning of a street's name: Am
	dayWord                        // a day of a month, in words
	numberWord                     // a part of a number in words
	stateCode                      // a state of the United States
)

func lexiconOf() map[sense]string {
	return map[sense]string{
		secretLabel: "password passwords passwd passwort passwörter pwd passphrase passcode kennwort losungswort motdepasse mdp contraseña contrasena " +
			"senha wachtwoord hasło lösenord adgangskode salasana şifre parola heslo geslo jelszó пароль пин pin puk tan otp cvv cvc apikey apitoken " +
			"accesstoken authtoken refreshtoken clientsecret secretkey privatekey accesskey bearer",
		weakLabel: "pass pw token secret secrets parole passe code mima credential credentials authorization session sessionid cookie 码 碼",
		keyLabel:  "key clave code",
		handleLabel: "telegram skype insta instagram twitter discord github gitlab signal whatsapp snapchat tiktok icq wechat mastodon linkedin facebook xing handle " +
			"username user login nick nickname benutzer benutzername usuario utilisateur identifiant alias account konto userid uid",
		numberLabel: "customer kunde kunden kundennr kundennummer patient patientin mitglied mitgliedsnummer member membership client cliente police policy konto account " +
			"kontonummer versicherungsnummer acct mrn postfach passport reisepass ausweis ausweisnummer personalnummer employee steuernummer steuernr taxid ssn nino license licence",
		phoneLabel:  "tel telefon telephone téléphone telefono teléfono telefone telefoon phone fax mobil mobile handy cell natel móvil celular portable whatsapp rufnummer",
		extLabel:    "ext extension durchwahl dw nebenstelle apparat poste anexo interno toestel",
		degreeLabel: "lat latitude lng lon longitude geo gps koordinaten coordinates coords",
		folderLabel: "home user users people profile profiles u in members member customers customer kunden contacts contact patients employees employee staff author authors accounts",
		linkWord:    "is ist lautet war was est es é jest to är er on now nun jetzt new neu neue neues no nr num number nummer numéro número id for für the",
		ordinaryWord: "reset required forgotten changed change invalid wrong expired none null nil true false yes no not the a an please see unknown optional empty missing incorrect " +
			"correct needed protected and or is was has policy field hash redacted masked hidden too must should can cannot will with from in on by at for of to sent ok okay " +
			"falsch vergessen geändert zurückgesetzt ungültig abgelaufen nicht der die das bitte ja nein wurde wird nötig erforderlich unbekannt leer fehlt richtig kein keine " +
			"me list new login search edit root admin index shared public default all system guest test office school work here there manager managers service support",
		annotation: "home media import override param return returns todo here all channel everyone charset keyframes supports page layer include extends mixin deprecated test before after " +
			"see since throws work noon office property staticmethod classmethod dataclass autowired entity transactional component injectable font container apply tailwind use forward " +
			"example least most once last first that this the",
		atWord:      "at ät arroba arobase chiocciola klammeraffe kukac małpa zavinac snabela apenstaartje собака",
		dotWord:     "dot punkt point punto ponto kropka punt tečka piste точка",
		provider:    "gmail googlemail gmx yahoo hotmail outlook icloud proton protonmail aol live",
		streetEnd:   "straße strasse str weg allee platz gasse ring damm ufer chaussee steig pfad straat laan plein gracht kade singel dijk",
		roadEnd:     "street st road rd avenue ave lane ln drive dr boulevard blvd court ct square sq way terrace close crescent place pl highway hwy parkway pkwy row grove gardens mews walk",
		streetStart: "rue avenue boulevard bd chemin impasse quai cours allée route via viale piazza corso largo vicolo calle avenida av plaza paseo camino carrer rua travessa praça ulica ul aleja",
		placeWord:   "am an im unter auf zum zur",
		dayWord: "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth " +
			"twentieth thirtieth premier primero primo",
		numberWord: "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy " +
			"eighty ninety hundred thousand " +
			"un deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent mille et " +
			"uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés " +
			"veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta cuarenta sesenta setenta ochenta noventa mil novecientos " +
			"due tre quattro sei sette otto dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti trenta duemila",
		stateCode: "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC",
	}
}

// lexicon contains the senses of single words.
type lexicon struct {
	filter [64]uint64         // Bloom filter of the hashes: it fits the processor's cache
	table  [2048]lexiconEntry // open addressing by hash
}

type lexiconEntry struct {
	hash uint64
	sense
}

func newLexicon(f *words.Folding) *lexicon {
	l := &lexicon{}
	for what, list := range lexiconOf() {
		for _, word := range strings.Fields(list) {
			l.add(f.At([]byte(word), 0).Hash, what)
		}
	}
	for _, unit := range strings.Fields(" ein zwei drei vier fünf sechs sieben acht neun") {
		for _, ten := range strings.Fields("zwanzig dreißig") {
			l.addGermanDay(f, unit+"und"+ten+"st")
		}
	}
	for _, stem := range strings.Fields("erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt sechzehnt siebzehnt achtzehnt neunzehnt zwanzigst dreißigst") {
		l.addGermanDay(f, stem)
	}
	return l
}

func (l *lexicon) addGermanDay(f *words.Folding, stem string) {
	for _, end := range []string{"e", "en", "er"} {
		l.add(f.At([]byte(stem+end), 0).Hash, dayWord)
	}
}

func (l *lexicon) add(hash uint64, what sense) {
	at := hash % uint64(len(l.table))
	for l.table[at].sense != 0 && l.table[at].hash != hash {
		at = (at + 1) % uint64(len(l.table))
	}
	l.filter[hash>>58] |= 1 << (hash >> 52 & 63)
	l.table[at].hash = hash
	l.table[at].sense |= what
}

// of returns the senses of a word.
func (l *lexicon) of(w *words.Word) sense {
	if l.filter[w.Hash>>58]&(1<<(w.Hash>>52&63)) == 0 {
		return 0
	}
	for at := w.Hash % uint64(len(l.table)); l.table[at].sense != 0; at = (at + 1) % uint64(len(l.table)) {
		if l.table[at].hash == w.Hash {
			return l.table[at].sense
		}
	}
	return 0
}
