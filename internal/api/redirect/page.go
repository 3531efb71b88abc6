package redirect

import (
	"fmt"
	"net/http"
	"strings"
)

// page is the text that a person reads when a link leads nowhere.
type page struct{ language, title, text string }

// The pages, English first: it is the default for other languages.
var (
	pagesUnknown = []page{
		{"en", "This link does not work", "It may be incomplete or too old. Open it again from the message that you got it in."},
		{"uk", "Це посилання не працює", "Можливо, воно неповне або застаріло. Відкрийте його ще раз із повідомлення, у якому ви його отримали."},
		{"ru", "Эта ссылка не работает", "Возможно, она неполная или устарела. Откройте её ещё раз из сообщения, в котором вы её получили."},
	}
	pagesLater = []page{
		{"en", "This link cannot be opened just now", "Please try again in a minute."},
		{"uk", "Це посилання зараз не відкривається", "Спробуйте ще раз за хвилину."},
		{"ru", "Эта ссылка сейчас не открывается", "Попробуйте ещё раз через минуту."},
	}
	pagesMethod = []page{
		{"en", "This link can only be opened", "Nothing can be sent to it."},
		{"uk", "Це посилання можна лише відкрити", "Надіслати на нього нічого не можна."},
		{"ru", "Эту ссылку можно только открыть", "Отправить на неё ничего нельзя."},
	}
)

func pagesOf(status int) []page {
	switch status {
	case http.StatusNotFound:
		return pagesUnknown
	case http.StatusMethodNotAllowed:
		return pagesMethod
	}
	return pagesLater
}

// frame shows a page that loads nothing from elsewhere and contains nothing of the
// request.
const frame = `<!doctype html>
<html lang="%s">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%[2]s</title>
<style>` +
	`body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1.5rem;color:#222;background:#fff}` +
	`h1{font-size:1.5rem}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}</style>
<h1>%[2]s</h1>
<p>%[3]s</p>
</html>
`

// writePage answers with the page for the status, in the reader's language.
func writePage(w http.ResponseWriter, r *http.Request, status int) {
	p := choose(pagesOf(status), r.Header.Get("Accept-Language"))
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", p.language)
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	// A client that has left needs no answer.
	_, _ = fmt.Fprintf(w, frame, p.language, p.title, p.text)
}

// choose returns the page in the first language of the Accept-Language header for
// which there is one. Browsers send the languages in order; weights that say
// otherwise are ignored.
func choose(pages []page, accepted string) page {
	for tag := range strings.SplitSeq(accepted, ",") {
		language, _, _ := strings.Cut(strings.TrimSpace(tag), ";")
		language, _, _ = strings.Cut(language, "-")
		for _, p := range pages {
			if strings.EqualFold(p.language, language) {
				return p
			}
		}
	}
	return pages[0]
}
