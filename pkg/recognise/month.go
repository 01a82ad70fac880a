package recognise

import (
	"bytes"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// months is a table of the names of months.
type months struct {
	fold  *words.Folding
	lists [][][]byte
	table [1024]monthEntry // open addressing by hash
}

type monthEntry struct {
	hash  uint64
	list  int // the first list that has the name
	month int64
}

// monthLists returns the names of the months, and in some languages also their short names. The languages are English,
// German, French, Spanish, Italian, Dutch, Polish, Portuguese, Swedish, Danish, Finnish, Czech, Hungarian, Romanian,
// Croatian, Turkish, Arabic, Hindi, Russian, Ukrainian and Greek. The names are in the grammatical case that is used in
// dates. Polish has the nominative too.
func monthLists() []string {
	return []string{
		"January February March April May June July August September October November December",
		"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
		"Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
		"Jan Feb Mär Apr Mai Jun Jul Aug Sept Okt Nov Dez",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"janv févr mars avr mai juin juil août sept oct nov déc",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"ene feb mar abr may jun jul ago sep oct nov dic",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"gen feb mar apr mag giu lug ago set ott nov dic",
		"januari februari maart april mei juni juli augustus september oktober november december",
		"jan feb mrt apr mei jun jul aug sep okt nov dec",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
		"sty lut mar kwi maj cze lip sie wrz paź lis gru",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"jan fev mar abr mai jun jul ago set out nov dez",
		"januari februari mars april maj juni juli augusti september oktober november december",
		"januar februar marts april maj juni juli august september oktober november december",
		"tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
		"ledna února března dubna května června července srpna září října listopadu prosince",
		"január február március április május június július augusztus szeptember október november december",
		"ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
		"siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
		"ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
		"styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
		"يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
		"जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
		"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
		"ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
	}
}

func newMonths(f *words.Folding) *months {
	t := &months{fold: f}
	for i, line := range monthLists() {
		list := bytes.Fields([]byte(line))
		t.lists = append(t.lists, list)
		for m, name := range list {
			t.add(f.At(name, 0).Hash, i, int64(m+1))
		}
	}
	return t
}

func (t *months) add(hash uint64, list int, month int64) {
	at := hash % uint64(len(t.table))
	for t.table[at].month != 0 && t.table[at].hash != hash {
		at = (at + 1) % uint64(len(t.table))
	}
	if t.table[at].month == 0 {
		t.table[at] = monthEntry{hash, list, month}
	}
}

// find returns the number of the month that w names, and the names of all months from the list that
// has w. It returns 0 for any other word.
func (t *months) find(w *words.Word) (names [][]byte, month int64) {
	if w.Runes < 3 || w.Runes > 12 || w.Digits > 0 {
		return nil, 0
	}
	for at := w.Hash % uint64(len(t.table)); t.table[at].month != 0; at = (at + 1) % uint64(len(t.table)) {
		if e := &t.table[at]; e.hash == w.Hash {
			return t.lists[e.list], e.month
		}
	}
	return nil, 0
}
