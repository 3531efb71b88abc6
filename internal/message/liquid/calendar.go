package liquid

import (
	"strings"
	"sync"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/az"
	"github.com/go-playground/locales/be"
	"github.com/go-playground/locales/bg"
	"github.com/go-playground/locales/ca"
	"github.com/go-playground/locales/cs"
	"github.com/go-playground/locales/da"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/el"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/et"
	"github.com/go-playground/locales/fi"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/he"
	"github.com/go-playground/locales/hr"
	"github.com/go-playground/locales/hu"
	"github.com/go-playground/locales/hy"
	"github.com/go-playground/locales/id"
	"github.com/go-playground/locales/it"
	"github.com/go-playground/locales/ka"
	"github.com/go-playground/locales/kk"
	"github.com/go-playground/locales/ky"
	"github.com/go-playground/locales/lt"
	"github.com/go-playground/locales/lv"
	"github.com/go-playground/locales/mk"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/pl"
	"github.com/go-playground/locales/pt"
	"github.com/go-playground/locales/ro"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/sk"
	"github.com/go-playground/locales/sl"
	"github.com/go-playground/locales/sr"
	"github.com/go-playground/locales/sv"
	"github.com/go-playground/locales/tg"
	"github.com/go-playground/locales/tr"
	"github.com/go-playground/locales/uk"
	"github.com/go-playground/locales/uz"
)

// calendar has the names of months and days in a language.
type calendar struct {
	locales.Translator
	// alone are the months where no day stands beside them, in the languages in which
	// they have another form then; nil in others.
	alone []string
}

// spoken are the languages that dates are written in beside English, by their code.
// The names are those of the Unicode CLDR.
var spoken = map[string]func() locales.Translator{
	"az": az.New,
	"be": be.New,
	"bg": bg.New,
	"ca": ca.New,
	"cs": cs.New,
	"da": da.New,
	"de": de.New,
	"el": el.New,
	"es": es.New,
	"et": et.New,
	"fi": fi.New,
	"fr": fr.New,
	"he": he.New,
	"hr": hr.New,
	"hu": hu.New,
	"hy": hy.New,
	"id": id.New,
	"it": it.New,
	"ka": ka.New,
	"kk": kk.New,
	"ky": ky.New,
	"lt": lt.New,
	"lv": lv.New,
	"mk": mk.New,
	"nb": nb.New,
	"nl": nl.New,
	"pl": pl.New,
	"pt": pt.New,
	"ro": ro.New,
	"ru": ru.New,
	"sk": sk.New,
	"sl": sl.New,
	"sr": sr.New,
	"sv": sv.New,
	"tg": tg.New,
	"tr": tr.New,
	"uk": uk.New,
	"uz": uz.New,
	// Norwegian has its names under the code of its larger form.
	"no": nb.New,
}

// alone are the names of months, from January, in languages that have another form
// of them beside a day.
var alone = map[string]string{
	"be": "студзень люты сакавік красавік май чэрвень ліпень жнівень верасень кастрычнік лістапад снежань",
	"ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
	"cs": "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
	"el": "Ιανουάριος Φεβρουάριος Μάρτιος Απρίλιος Μάιος Ιούνιος Ιούλιος Αύγουστος Σεπτέμβριος Οκτώβριος Νοέμβριος Δεκέμβριος",
	"fi": "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
	"hr": "siječanj veljača ožujak travanj svibanj lipanj srpanj kolovoz rujan listopad studeni prosinac",
	"hy": "հունվար փետրվար մարտ ապրիլ մայիս հունիս հուլիս օգոստոս սեպտեմբեր հոկտեմբեր նոյեմբեր դեկտեմբեր",
	"lt": "sausis vasaris kovas balandis gegužė birželis liepa rugpjūtis rugsėjis spalis lapkritis gruodis",
	"pl": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
	"ru": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
	"sk": "január február marec apríl máj jún júl august september október november december",
	"uk": "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
}

// calendars are those that were asked for.
var calendars sync.Map

// calendarOf returns the calendar of a language by its BCP 47 tag; nil for English
// and for languages that are not known.
func calendarOf(tag string) *calendar {
	i := strings.IndexAny(tag, "-_")
	if i < 0 {
		i = len(tag)
	}
	code := strings.ToLower(tag[:i])
	if known, ok := calendars.Load(code); ok {
		return known.(*calendar)
	}
	names, ok := spoken[code]
	if !ok {
		return nil
	}
	c := &calendar{names(), strings.Fields(alone[code])}
	calendars.Store(code, c)
	return c
}

// namePart returns a part of a date that is a name, and whether the letter stands
// for one. beside tells that the day of the month stands beside it.
func (c *calendar) namePart(t time.Time, letter string, beside bool) (name string, ok bool) {
	switch letter {
	case "B":
		if len(c.alone) > 0 && !beside {
			return c.alone[t.Month()-1], true
		}
		return c.MonthWide(t.Month()), true
	case "b", "h":
		return c.MonthAbbreviated(t.Month()), true
	case "A":
		return c.WeekdayWide(t.Weekday()), true
	case "a":
		return c.WeekdayAbbreviated(t.Weekday()), true
	}
	return "", false
}
