package track

import (
	_ "embed" // the list of machines
	"slices"
	"strings"
	"sync"

	"github.com/mileusna/useragent"
)

// maxAgent is how much of a User-Agent is examined, in bytes: those of browsers are
// shorter.
const maxAgent = 512

// Agent returns the family of the browser that sends the User-Agent, such as
// "Chrome" or "Safari", empty for an unknown one, and whether a person uses it.
// Telegram's preview fetcher, other crawlers, scanners and plain HTTP clients are not
// used by a person, and neither is what sends no User-Agent: every browser has one.
func Agent(userAgent string) (family string, person bool) {
	userAgent = userAgent[:min(len(userAgent), maxAgent)]
	if strings.TrimSpace(userAgent) == "" {
		return "", false
	}
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

//go:embed machines.txt
var machinesText string

// machines are words, in lower case, that identify programs which no person uses
// although the parser takes them for browsers; lookalikes are words of people's
// telephones and apps that contain one.
var machines, lookalikes = readMachines(machinesText)

// readMachines reads the list: a word a line, in which an underscore is a blank, with
// a + before lookalikes; a # begins a comment.
func readMachines(text string) (words []string, lookalikes *strings.Replacer) {
	var taken []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(line)), "_", " ")
		if other, ok := strings.CutPrefix(word, "+"); ok {
			taken = append(taken, other, "")
		} else if word != "" {
			words = append(words, word)
		}
	}
	return words, strings.NewReplacer(taken...)
}

// isMachine reports whether a User-Agent names a program that no person uses.
func isMachine(userAgent string) bool {
	lower := lookalikes.Replace(strings.ToLower(userAgent))
	return strings.HasSuffix(lower, "bot") || slices.ContainsFunc(machines, func(word string) bool { return strings.Contains(lower, word) })
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
