package message

import (
	"slices"
	"strconv"
	"strings"
)

// versionCompiler writes the parts of a version.
type versionCompiler struct {
	template *Template
	versioned
	untracked bool
	parts     []part
	fixed     []byte
	err       error
}

func (t *Template) compile(c Content, v versioned) (*version, error) {
	w := &versionCompiler{template: t, versioned: v, untracked: c.Untracked}
	compiled := &version{method: "sendMessage", media: v.Media}
	switch len(v.Media) {
	case 0:
		w.name("text")
		w.text()
	case 1:
		compiled.method = methods[v.Media[0].Kind]
		w.single(v.Media[0])
	default:
		compiled.method = "sendMediaGroup"
		w.album()
	}
	w.preview()
	w.flag("disable_notification", c.Silent)
	w.flag("protect_content", c.Protected)
	// spec: tg-effect
	if c.Effect != "" {
		w.slot(effectSlot(c.Effect))
	}
	w.keyboard()
	w.fixed = append(w.fixed, '}')
	w.parts = append(w.parts, part{fixed: w.fixed})
	compiled.parts = w.parts
	return compiled, w.err
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

// script reads the source of a field. A source that cannot be read has nothing
// in it and makes the compilation fail.
func (w *versionCompiler) script(field, source string) *script {
	s := readScript(strings.ToValidUTF8(source, "\uFFFD"))
	if len(s.flaws) > 0 {
		w.fail(s.flaws[0].in(field, s.source))
		return &script{}
	}
	w.template.personal = w.template.personal || s.personal
	w.template.required = append(w.template.required, s.required...)
	return s
}

func (w *versionCompiler) compileScript(field string, s *script, html bool) program {
	language := plainLiquid
	if html {
		language = htmlLiquid
	}
	p, err := s.compile(language)
	if err != nil {
		w.fail(invalid(field, "liquid_syntax", "the Liquid cannot be read: %s", reasonOf(err)))
	}
	return p
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
	s := w.script(field, w.Text)
	o := outline{found: func(l *outlined) {
		if w.untracked || !l.counted() {
			return
		}
		number := w.track(Link{Target: decoded(l.target), Personal: l.personal})
		l.node.marks = append(l.node.marks, mark{l.at, number})
	}}
	o.walk(s.nodes)
	if s.personal {
		w.slot(&textSlot{program: w.compileScript(field, s, true), field: field, most: w.mostText(), caption: len(w.Media) > 0})
	} else {
		w.sameText(appendCode(nil, s.nodes))
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
func (w *versionCompiler) sameText(source []byte) {
	w.add(`"`)
	var p htmlParser
	if f := p.parse(source); f != nil {
		// It was not checked. Telegram refuses it, and says so.
		w.fixed = appendJSON(w.fixed, source)
	} else {
		p.rewrite(func(part []byte) {
			w.fixed = appendJSON(w.fixed, part)
		}, func(a anchor, written []byte) {
			w.slot(&linkSlot{number: a.number, address: slices.Clone(p.value(a.target)), html: true, written: appendJSON(nil, written)})
		})
	}
	w.add(`"`)
}

// preview writes how a link in the text is shown.
func (w *versionCompiler) preview() {
	p := w.Preview
	if p == nil || len(w.Media) > 0 {
		return
	}
	w.name("link_preview_options")
	w.add(`{"is_disabled":` + strconv.FormatBool(p.Disabled))
	if p.URL != "" {
		w.name("url")
		w.address(w.field("preview.url"), p.URL, -1)
	}
	w.flag("prefer_small_media", p.Small)
	w.flag("prefer_large_media", p.Large)
	w.flag("show_above_text", p.Above)
	w.add("}")
}

// keyboard writes the buttons.
func (w *versionCompiler) keyboard() {
	if len(w.Buttons) == 0 {
		return
	}
	w.name("reply_markup")
	w.add(`{"inline_keyboard":`)
	separator := "["
	for i, row := range w.Buttons {
		w.add(separator)
		w.add("[")
		for j, b := range row {
			if j > 0 {
				w.add(",")
			}
			w.button(w.field(buttonField(i, j)), b)
		}
		w.add("]")
		separator = ","
	}
	w.add("]}")
}

func (w *versionCompiler) button(field string, b Button) {
	w.add(`{"text":`)
	w.plain(field+".text", b.Text, checkButtonText)
	switch {
	case b.URL != "":
		w.name("url")
		w.buttonURL(field+".url", b)
	case b.CallbackData != "":
		w.template.pressable = true
		w.name("callback_data")
		w.plain(field+".callbackData", b.CallbackData, checkCallbackData)
	case b.WebApp != "":
		w.name("web_app")
		w.add(`{"url":`)
		w.address(field+".webApp", b.WebApp, -1)
		w.add("}")
	case b.CopyText != "":
		w.name("copy_text")
		w.add(`{"text":`)
		w.plain(field+".copyText", b.CopyText, checkCopyText)
		w.add("}")
	}
	if b.Style != "" {
		w.name("style")
		w.fixed = appendString(w.fixed, b.Style)
	}
	if b.Icon != "" {
		w.name("icon_custom_emoji_id")
		w.fixed = appendString(w.fixed, b.Icon)
	}
	w.add("}")
}

func (w *versionCompiler) buttonURL(field string, b Button) {
	number := -1
	s := readScript(strings.ToValidUTF8(b.URL, "\uFFFD"))
	outlineAddress(s.nodes, false)
	if _, ok := tracked(sampled(s.nodes)); ok && !w.untracked && !b.Untracked {
		number = w.track(Link{Target: b.URL, Personal: s.personal, Button: b.Text})
	}
	w.address(field, b.URL, number)
}

// plain writes a field that is no HTML.
func (w *versionCompiler) plain(field, source string, check checkPlain) {
	s := w.script(field, source)
	if s.personal {
		w.slot(&plainSlot{program: w.compileScript(field, s, false), field: field, check: check})
		return
	}
	w.fixed = appendString(w.fixed, s.source)
}

// address writes a field that is an address.
func (w *versionCompiler) address(field, source string, number int) {
	s := w.script(field, source)
	outlineAddress(s.nodes, false)
	switch {
	case s.personal:
		w.slot(&addressSlot{program: w.compileScript(field, s, false), field: field, number: number})
	case number >= 0:
		w.slot(&linkSlot{number: number, address: []byte(s.source), written: appendString(nil, s.source)})
	default:
		w.fixed = appendString(w.fixed, s.source)
	}
}
