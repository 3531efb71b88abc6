package markup

import "bellman/internal/fault"

// tag is one of the tags that Telegram knows (Bot API, "HTML style").
type tag struct {
	name string
	kind kind
	// attribute is the one that counts; all others are ignored, but for the format
	// of a time.
	attribute string
	// prefix is how its value has to begin.
	prefix string
}

// tags are all of them by name.
//
// spec: tg-html
var tags = func() map[string]*tag {
	byName := make(map[string]*tag)
	for _, t := range []tag{
		{name: "b", kind: bold}, {name: "strong", kind: bold}, {name: "i", kind: italic}, {name: "em", kind: italic},
		{name: "u", kind: underline}, {name: "ins", kind: underline},
		{name: "s", kind: struck}, {name: "strike", kind: struck}, {name: "del", kind: struck},
		{name: "tg-spoiler", kind: spoiler}, {name: "pre", kind: block},
		{name: "a", kind: link, attribute: "href"},
		{name: "span", kind: spoiler, attribute: "class", prefix: "tg-"},
		{name: "code", kind: code, attribute: "class", prefix: "language-"},
		{name: "blockquote", kind: quote, attribute: "expandable"},
		{name: "tg-emoji", kind: emoji, attribute: "emoji-id"},
		{name: "tg-time", kind: moment, attribute: "unix"},
	} {
		byName[t.name] = &t
	}
	return byName
}()

// longestTag is the length of the longest name; mostOfName is how much of a name
// is looked at.
const (
	longestTag = len("blockquote")
	mostOfName = 200
)

// instead says what to write in place of tags that people try.
var instead = map[string]string{
	"br": "write a line break as a new line", "br/": "write a line break as a new line",
	"p": "separate paragraphs by an empty line", "div": "separate paragraphs by an empty line",
	"h1": "use <b>", "h2": "use <b>", "h3": "use <b>", "h4": "use <b>", "h5": "use <b>", "h6": "use <b>",
	"ul": "begin the lines of a list with •", "ol": "begin the lines of a list with 1., 2., …",
	"li":  "begin the lines of a list with •",
	"img": "add the picture to the message as its photo", "video": "add the video to the message as a file",
	"hr": "write a line of dashes", "hr/": "write a line of dashes",
	"font": "Telegram has no colours", "small": "Telegram has no sizes", "big": "Telegram has no sizes",
	"mark": "use <b>", "q": "use <blockquote>", "tt": "use <code>", "table": "use <pre>",
	"spoiler": "use <tg-spoiler>", "emoji": "use <tg-emoji>",
}

// otherTag says what is wrong with a tag that Telegram does not know.
func otherTag(name string, at int) *fault.Flaw {
	if name == "" || !isLetter(name[0]) && name[0] != '!' && name[0] != '?' {
		return fault.Flawf(at, "html_less_than", `"<" begins a tag; write &lt; for the sign itself`)
	}
	hint, ok := instead[name]
	if !ok {
		hint = "take it out, or write &lt; for the sign itself"
	}
	return fault.Flawf(at, "html_tag_unknown", `<%s> is not a tag that Telegram knows; %s`, fault.Snippet(name), hint)
}
