package message

import (
	"slices"

	"bellman/internal/fault"
	"bellman/internal/message/markup"
)

const (
	// maxKeyboard is how many bytes of JSON a keyboard may take. Telegram refuses a
	// larger one ("reply markup is too long"); it publishes no figure, but those that
	// were refused took 10 kB and more (github.com/tginfo/Telegram-Limits, issue 187).
	maxKeyboard = 10_000
	// countedAddress is how long an address that counts clicks usually is, such as
	// https://go.shop.example/r/ with a code of 30 characters, in quotes.
	countedAddress = 60
)

// keyboard writes the buttons.
func (w *versionCompiler) keyboard() {
	if len(w.Buttons) == 0 {
		return
	}
	w.name("reply_markup")
	first, before := len(w.parts), len(w.fixed)
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
	w.limit(first, before)
}

// limit puts a keyboard that is not the same for everybody between slots that
// measure it. It begins in a part, after so many bytes.
func (w *versionCompiler) limit(first, before int) {
	if len(w.parts) == first {
		return
	}
	p := &w.parts[first]
	begin := part{p.fixed[:before:before], keyboardBegin{}}
	p.fixed = p.fixed[before:]
	w.parts = slices.Insert(w.parts, first, begin)
	w.slot(keyboardEnd(w.field("buttons")))
}

// keyboardBegin and keyboardEnd stand around a keyboard; they write nothing.
type (
	keyboardBegin struct{}
	keyboardEnd   string
)

func (keyboardBegin) write(c *composer) error {
	c.keyboard = len(c.dst)
	return nil
}

func (s keyboardEnd) write(c *composer) error {
	if n := len(c.dst) - c.keyboard; n > maxKeyboard {
		return keyboardTooLong(string(s), n)
	}
	return nil
}

func keyboardTooLong(field string, bytes int) *fault.Error {
	return invalid(field, "buttons_too_long",
		"the buttons take %d bytes with their addresses, Telegram takes %d; use fewer or shorter ones, or leave some uncounted (untracked)",
		bytes, maxKeyboard)
}

// keyboardSize returns how many bytes the buttons of a version take at least, with
// addresses that count clicks as long as those usually are.
func keyboardSize(v versioned, untracked bool) int {
	w := &versionCompiler{template: &Template{}, versioned: v, untracked: untracked}
	w.keyboard()
	n := len(w.fixed)
	for _, p := range w.parts {
		n += len(p.fixed)
		if link, ok := p.slot.(*linkSlot); ok {
			n += max(len(link.written), countedAddress)
		}
	}
	return n - len(`,"reply_markup":`)
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
	// spec: tg-web-app
	case b.WebApp != "":
		w.slot(privateSlot(field + ".webApp"))
		w.name("web_app")
		w.add(`{"url":`)
		w.address(field+".webApp", b.WebApp)
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
	t := w.parse(field, b.URL)
	outlineAddress(t.Nodes, false)
	if _, ok := tracked(markup.TrimAddress(sampled(t.Nodes))); ok && !w.untracked && !b.Untracked {
		number = w.track(Link{Target: markup.TrimAddress(b.URL), Personal: t.Dynamic, Button: b.Text})
	}
	w.parsedAddress(field, t, number)
}
