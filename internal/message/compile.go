package message

import (
	"slices"
	"strconv"
	"strings"

	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// versionCompiler writes the parts of a version.
type versionCompiler struct {
	template *Template
	versioned
	untracked bool
	parts     []part
	fixed     []byte
	required  []string
	err       error
}

func (t *Template) compile(c Content, v versioned) (*version, error) {
	w := &versionCompiler{template: t, versioned: v, untracked: c.Untracked}
	compiled := &version{language: v.language, media: v.Media}
	if t.edits {
		compiled.method = w.edit()
	} else {
		compiled.method = w.send()
		w.arrival(c)
	}
	w.keyboard()
	w.fixed = append(w.fixed, '}')
	w.parts = append(w.parts, part{fixed: w.fixed})
	compiled.parts, compiled.required = w.parts, sortedOnce(w.required)
	return compiled, w.err
}

// send writes what a new message says, and returns the method.
func (w *versionCompiler) send() (method string) {
	switch len(w.Media) {
	case 0:
		w.name("text")
		w.text()
		w.preview()
		return "sendMessage"
	case 1:
		w.single(w.Media[0])
		return methods[w.Media[0].Kind]
	}
	w.album()
	return "sendMediaGroup"
}

// arrival writes how a new message arrives.
func (w *versionCompiler) arrival(c Content) {
	w.flag("disable_notification", c.Silent)
	w.flag("protect_content", c.Protected)
	// spec: tg-effect
	if c.Effect != "" {
		w.slot(effectSlot(c.Effect))
	}
}

func (w *versionCompiler) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *versionCompiler) add(json string) { w.fixed = append(w.fixed, json...) }

// name begins a member of the body.
func (w *versionCompiler) name(name string) { w.add(`,"` + name + `":`) }

func (w *versionCompiler) flag(name string, set bool) {
	if set {
		w.name(name)
		w.add("true")
	}
}

func (w *versionCompiler) slot(s slot) {
	w.parts = append(w.parts, part{w.fixed, s})
	w.fixed = nil
}

// parse takes the source of a field apart. A source that cannot be read has
// nothing in it and makes the compilation fail.
func (w *versionCompiler) parse(field, source string) *liquid.Template {
	t := parse(strings.ToValidUTF8(source, "\uFFFD"))
	if len(t.Flaws) > 0 {
		w.fail(t.Flaws[0].In(field, t.Source))
		return &liquid.Template{}
	}
	w.template.personal = w.template.personal || t.Dynamic
	for _, name := range t.Required {
		w.required = append(w.required, canonical(name))
	}
	for _, n := range t.Named {
		if f, known := fieldOf(w.template.fields, n.Name); known {
			w.template.named[n.Name] = f
		}
	}
	return t
}

// track numbers a link; -1 is the number of one whose clicks are not counted.
func (w *versionCompiler) track(l Link) int {
	l.Language = w.language
	w.template.links = append(w.template.links, l)
	return len(w.template.links) - 1
}

// text writes the text of the version, which is a caption when there is media.
func (w *versionCompiler) text() {
	field := w.field("text")
	t := w.parse(field, w.Text)
	o := outline{found: func(l *outlined) {
		if w.untracked || !l.counted() {
			return
		}
		number := w.track(Link{Target: markup.TrimAddress(markup.Decode(l.target)), Personal: l.personal})
		l.text.Insert(l.at, " "+markup.NumberAttribute+"="+strconv.Itoa(number))
	}}
	o.walk(t.Nodes)
	if t.Dynamic {
		w.slot(&textSlot{template: t, field: field, most: w.mostText(), caption: len(w.Media) > 0})
	} else {
		w.sameText(t.Nodes)
	}
	w.name("parse_mode")
	w.add(`"HTML"`)
}

func (w *versionCompiler) mostText() int {
	if len(w.Media) > 0 {
		return MaxCaption
	}
	return MaxText
}

// sameText writes a text that is the same for everybody but for its links.
func (w *versionCompiler) sameText(nodes []liquid.Node) {
	var source []byte
	for _, n := range nodes {
		source = append(source, n.(*liquid.Text).Written()...)
	}
	w.add(`"`)
	var p markup.Parser
	if f := p.Parse(source); f != nil {
		// It was not checked. Telegram refuses it, and says so.
		w.fixed = appendJSON(w.fixed, source)
	} else {
		p.Rewrite(func(part []byte) {
			w.fixed = appendJSON(w.fixed, part)
		}, func(a markup.Anchor, written []byte) {
			w.slot(&linkSlot{number: a.Number, address: slices.Clone(p.Target(a)), html: true, written: appendJSON(nil, written)})
		})
	}
	w.add(`"`)
}

// preview writes how a link in the text is shown.
func (w *versionCompiler) preview() {
	p := w.Preview
	if p == nil {
		return
	}
	w.name("link_preview_options")
	w.add(`{"is_disabled":` + strconv.FormatBool(p.Disabled))
	if p.URL != "" {
		w.name("url")
		w.address(w.field("preview.url"), p.URL)
	}
	w.flag("prefer_small_media", p.Small)
	w.flag("prefer_large_media", p.Large)
	w.flag("show_above_text", p.Above)
	w.add("}")
}

// plain writes a field that is no HTML.
func (w *versionCompiler) plain(field, source string, check checkPlain) {
	t := w.parse(field, source)
	if t.Dynamic {
		w.slot(&plainSlot{template: t, field: field, check: check})
		return
	}
	w.fixed = appendString(w.fixed, t.Source)
}

// address writes a field that is an address whose clicks are not counted.
func (w *versionCompiler) address(field, source string) {
	t := w.parse(field, source)
	outlineAddress(t.Nodes, false)
	w.parsedAddress(field, t, -1)
}

func (w *versionCompiler) parsedAddress(field string, t *liquid.Template, number int) {
	address := markup.TrimAddress(t.Source)
	switch {
	case t.Dynamic:
		w.slot(&addressSlot{template: t, field: field, number: number})
	case number >= 0:
		w.slot(&linkSlot{number: number, address: []byte(address), written: appendString(nil, address)})
	default:
		w.fixed = appendString(w.fixed, address)
	}
}
