package track

import (
	"strings"
	"sync"

	"github.com/mileusna/useragent"
)

// maxAgent is how much of a User-Agent is examined, in bytes: those of browsers are
// shorter.
const maxAgent = 512

// Agent returns the family of the browser that sends the User-Agent, such as
// "Chrome" or "Safari", empty for an unknown one, and whether a person uses it.
// Telegram's preview fetcher, other crawlers and plain HTTP clients are not used by
// a person. A request without a User-Agent counts as a person's.
func Agent(userAgent string) (family string, person bool) {
	userAgent = userAgent[:min(len(userAgent), maxAgent)]
	ua := useragent.Parse(userAgent)
	if ua.Bot || isMachine(userAgent) {
		return "", false
	}
	for _, b := range brands {
		if strings.Contains(userAgent, b.token) {
			return b.family, true
		}
	}
	if family, known := families[ua.Name]; known {
		return family, true
	}
	// An app that shows pages on an iPhone does so with Safari's engine and names
	// no browser.
	if ua.OS == useragent.IOS && strings.Contains(userAgent, "AppleWebKit/") {
		return useragent.Safari, true
	}
	return "", true
}

// brands are browsers on Chrome's engine that the parser takes for Chrome.
var brands = []struct{ token, family string }{
	{"Telegram-Android/", "Telegram"},
	{"YaBrowser/", "Yandex Browser"},
	{"YaSearchBrowser/", "Yandex Browser"},
	{"MiuiBrowser/", "MIUI Browser"},
	{"UCBrowser/", "UC Browser"},
	{"DuckDuckGo/", "DuckDuckGo"},
	{"Ddg/", "DuckDuckGo"},
	{"Brave/", "Brave"},
	{"Silk/", "Silk"},
}

// families maps the parser's names of browsers to ours. The list is closed, because
// the client chooses the name that it sends.
var families = map[string]string{
	"Android browser":   "Android Browser",
	"Chrome":            "Chrome",
	"Edge":              "Edge",
	"Facebook App":      "Facebook",
	"Firefox":           "Firefox",
	"Huawei Browser":    "Huawei Browser",
	"Instagram App":     "Instagram",
	"Internet Explorer": "Internet Explorer",
	"Opera":             "Opera",
	"Opera Mini":        "Opera Mini",
	"Opera Touch":       "Opera",
	"Safari":            "Safari",
	"Samsung Browser":   "Samsung Internet",
	"TikTok App":        "TikTok",
	"Vivaldi":           "Vivaldi",
}

// machines are words, in lower case, that identify programs which no person uses
// although the parser takes them for browsers.
var machines = []string{
	"bot/", "bot ", "bot)", "bot;", "bot-", "-bot", "crawl", "spider", "slurp", "preview", "fetcher", "monitor", "scanner", "headless",
	"phantomjs", "lighthouse", "pagespeed", "chrome-proxy", "facebookexternalhit", "facebookcatalog", "meta-externalagent",
	"whatsapp/", "vkshare", "embedly", "iframely", "quora link", "outbrain", "pinterest/0.", "google-read-aloud", "googleimageproxy",
	"google-safety", "feedfetcher", "mediapartners", "yahoo! link", "barracuda", "proofpoint", "mimecast", "safelinks",
	"curl/", "wget/", "python-", "python/", "aiohttp/", "httpx/", "go-http-client", "okhttp/", "java/", "apache-httpclient",
	"libwww-perl", "axios/", "node-fetch", "undici", "got (", "guzzlehttp", "php/", "ruby", "scrapy", "postmanruntime", "insomnia/",
}

// isMachine reports whether a User-Agent names a program that no person uses.
func isMachine(userAgent string) bool {
	lower := strings.ToLower(userAgent)
	// Cubot makes telephones.
	lower = strings.ReplaceAll(lower, "cubot", "")
	if strings.HasSuffix(lower, "bot") {
		return true
	}
	for _, word := range machines {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// agents caches the results of [Agent]: a thousand people use a dozen browsers.
type agents struct {
	mu    sync.RWMutex
	known map[string]visitor
}

type visitor struct {
	family string
	person bool
}

// maxAgents is how many User-Agents are cached before the cache is cleared.
const maxAgents = 4096

func (a *agents) of(userAgent string) visitor {
	userAgent = userAgent[:min(len(userAgent), maxAgent)]
	a.mu.RLock()
	v, known := a.known[userAgent]
	a.mu.RUnlock()
	if known {
		return v
	}
	v.family, v.person = Agent(userAgent)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil || len(a.known) >= maxAgents {
		a.known = map[string]visitor{}
	}
	a.known[strings.Clone(userAgent)] = v
	return v
}
