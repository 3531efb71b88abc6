package sandbox

import (
	"bytes"
	"errors"
	"strconv"
	"sync"
	"time"
)

// deliverable is the data that every sending method reads besides its content.
type deliverable struct {
	chat      int64
	markup    markup
	preview   string // link_preview_options as a Message carries it
	effect    string
	replyTo   int64 // the message that is answered; 0 for none
	protected bool
	paid      bool
}

// draft is the message, or album, that a call is about to send.
type draft struct {
	deliverable
	items []item // one, or those of an album
	album bool
}

// item is the content of one message.
type item struct {
	formatted              // the text, or the caption
	attachment *attachment // nil for a text message
}

// readText reads sendMessage.
func (c *call) readText() error {
	f, err := c.html.format(c.params.get("text"), c.params.get("parse_mode"), c.params.get("entities"))
	if err != nil {
		return err
	}
	d, err := c.deliverable(true)
	if err != nil {
		return err
	}
	if d.preview, err = c.linkPreview(); err != nil {
		return err
	}
	if err := f.finish(maxTextLength); err != nil {
		return err
	}
	if err := c.checkOptions(&d); err != nil {
		return err
	}
	c.draft = draft{deliverable: d, items: append(c.draft.items[:0], item{formatted: f})}
	return nil
}

// deliverable reads chat, options and, where the method has one, the keyboard. The chat must be known; whether it can
// be written to is not checked yet.
func (c *call) deliverable(keyboard bool) (d deliverable, err error) {
	if d.chat, err = parseChat(c.params.get("chat_id")); err != nil {
		return d, err
	}
	if err = c.bot.find(d.chat); err != nil {
		return d, err
	}
	if d.replyTo, err = c.replyTo(d.chat); err != nil {
		return d, err
	}
	if keyboard {
		d.markup, err = c.markup(d.chat)
	}
	d.protected = c.params.flag("protect_content")
	d.paid = c.params.flag("allow_paid_broadcast")
	return d, err
}

// markup reads the reply_markup parameter.
func (c *call) markup(chat int64) (markup, error) {
	data := c.params.get("reply_markup")
	if len(data) == 0 {
		return markup{}, nil
	}
	return c.sandbox.markups.parse(data, c.bot.scene(chat))
}

// checkOptions refuses options that only Telegram's servers can judge: topics, effects, business connections, paid
// sending.
func (c *call) checkOptions(d *deliverable) error {
	if c.params.integer("message_thread_id", 0) != 0 {
		return errors.New("message thread not found")
	}
	if len(c.params.get("business_connection_id")) != 0 {
		return errors.New("business connection not found")
	}
	if c.params.integer("direct_messages_topic_id", 0) != 0 {
		return errors.New("direct messages topic not found")
	}
	if len(c.params.get("suggested_post_parameters")) != 0 {
		return errors.New("suggested posts can be sent only to channel direct messages")
	}
	if effect := c.params.get("message_effect_id"); len(effect) != 0 {
		if id, ok := parseInt(effect); !ok || id <= 0 || d.chat < 0 {
			return errors.New("EFFECT_ID_INVALID")
		}
		d.effect = string(effect)
	}
	if d.paid && c.bot.identity.Load().Unpaid {
		return errors.New("FLOODSKIP_NOT_ALLOWED")
	}
	return nil
}

// replyTo reads the message that is replied to, in the new form or the old.
func (c *call) replyTo(chat int64) (int64, error) {
	message := c.params.integer("reply_to_message_id", 0)
	optional := c.params.flag("allow_sending_without_reply")
	if data := c.params.get("reply_parameters"); len(data) != 0 {
		v, err := parseJSON(data)
		if err != nil {
			return 0, errors.New("Can't parse reply parameters JSON object")
		}
		if v.kind != kindObject {
			return 0, errors.New("Object expected as reply parameters")
		}
		n, found, err := v.intField("message_id")
		if err != nil {
			return 0, err
		}
		if !found {
			return 0, errMissing("message_id")
		}
		if optional, err = v.boolField("allow_sending_without_reply"); err != nil {
			return 0, err
		}
		message = n
	}
	if message == 0 {
		return 0, nil
	}
	if _, found := c.message(chat, message); found {
		return message, nil
	}
	if optional {
		return 0, nil
	}
	return 0, errors.New("message to be replied not found")
}

// linkPreview checks link_preview_options and returns them as they are shown; empty when they set nothing.
func (c *call) linkPreview() (string, error) {
	data := c.params.get("link_preview_options")
	if len(data) == 0 {
		if c.params.flag("disable_web_page_preview") {
			return `{"is_disabled":true}`, nil
		}
		return "", nil
	}
	v, err := parseJSON(data)
	if err != nil {
		return "", errors.New("Can't parse link preview options JSON object")
	}
	if v.kind != kindObject {
		return "", errors.New("Object expected as link preview options")
	}
	shown := []byte{'{'}
	for _, name := range []string{"is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"} {
		set, err := v.boolField(name)
		if err != nil {
			return "", err
		}
		if set {
			shown = append(append(appendString(shown, name), ":true"...), ',')
		}
	}
	link, err := v.stringField("url")
	if err != nil {
		return "", err
	}
	if link != "" {
		if link, err = checkLink(link, false); err != nil {
			return "", errors.New("WEBPAGE_URL_INVALID")
		}
		shown = append(shown, `"url":`...)
		shown = append(appendString(shown, link), ',')
	}
	if len(shown) == 1 {
		return "", nil
	}
	shown[len(shown)-1] = '}'
	return string(shown), nil
}

// deliver applies the limits to the draft, records it and renders the answer.
func (c *call) deliver() error {
	d := &c.draft
	now := c.sandbox.options.Now()
	first, err := c.bot.admit(now, d.chat, len(d.items), d.paid, c.sandbox.rates.Load())
	if err != nil {
		return err
	}
	h := messageHead{id: first, chat: d.chat, date: now.Unix()}
	if d.album {
		h.group = first
		c.out = append(c.out, '[')
	}
	for i := range d.items {
		if i > 0 {
			h.id++
			c.out = append(c.out, ',')
		}
		if err := c.deliverItem(now, h, &d.items[i]); err != nil {
			return err
		}
	}
	if d.album {
		c.out = append(c.out, ']')
	}
	return nil
}

// deliverItem records one message and renders it.
func (c *call) deliverItem(now time.Time, h messageHead, it *item) error {
	d := &c.draft
	s := shown{text: it.text, markup: d.markup.json}
	if len(it.entities) > 0 {
		c.entities = appendEntities(c.entities[:0], it.entities)
		s.entities = c.entities
	}
	if it.attachment != nil {
		s.media = c.send(it.attachment)
		c.media = appendAttachment(c.media[:0], it.attachment)
		s.field = c.media
	}
	if err := c.record(now, h, s); err != nil {
		return err
	}
	c.out = append(d.append(c.appendMessage(c.out, h, s)), '}')
	return nil
}

// send marks a new file as sent by the bot, and returns what the journal keeps of it.
func (c *call) send(a *attachment) *Media {
	uploaded := a.content != nil
	if a.file.ID == "" {
		c.bot.keepFile(a.file)
	}
	if uploaded {
		c.sandbox.contents.add(a.file.SHA256, a.content, c.sandbox.options.Keep == KeepMessages)
	}
	return &Media{File: *a.file, Method: a.method, Uploaded: uploaded}
}

// record adds an accepted message to the journal.
func (c *call) record(now time.Time, h messageHead, s shown) error {
	parameters := ""
	if c.sandbox.options.KeepParameters {
		parameters = c.params.object()
	}
	r := record{
		bot: c.bot.id, chat: h.chat, at: now.UnixMilli(), message: int32(h.id), group: int32(h.group),
	}
	seq, err := c.sandbox.journal.add(r, s, parameters)
	if err != nil {
		c.sandbox.options.Logger.Error("sandbox: log of messages", "error", err)
		return &refusal{code: 500, description: "Internal Server Error: the sandbox cannot write its log"}
	}
	if c.sandbox.options.Keep == KeepMessages {
		c.bot.remember(h.id, seq)
	}
	return nil
}

// messageHead is the part of a Message before its content.
type messageHead struct {
	id, chat int64
	date     int64 // Unix seconds
	edited   int64 // Unix seconds; 0: never
	group    int64 // the first message of its album; 0 outside of albums
}

// groupID is the media_group_id of the album whose first message is given.
func groupID(first int64) string { return strconv.FormatInt(10_000_000_000_000_000+first, 10) }

// appendMessage appends a Message without its closing brace.
func (c *call) appendMessage(dst []byte, h messageHead, s shown) []byte {
	dst = append(dst, `{"message_id":`...)
	dst = strconv.AppendInt(dst, h.id, 10)
	dst = append(dst, `,"from":`...)
	dst = append(dst, c.bot.identity.Load().user...)
	dst = append(dst, `,"chat":`...)
	dst = appendChat(dst, h.chat)
	dst = append(dst, `,"date":`...)
	dst = strconv.AppendInt(dst, h.date, 10)
	if h.edited != 0 {
		dst = append(dst, `,"edit_date":`...)
		dst = strconv.AppendInt(dst, h.edited, 10)
	}
	if h.group != 0 {
		dst = append(dst, `,"media_group_id":`...)
		dst = appendString(dst, groupID(h.group))
	}
	text, entities := `,"text":`, `,"entities":`
	if s.media != nil {
		dst = append(dst, s.field...)
		text, entities = `,"caption":`, `,"caption_entities":`
	}
	if s.media == nil || len(s.text) > 0 {
		dst = append(dst, text...)
		dst = appendString(dst, s.text)
	}
	if len(s.entities) > 0 {
		dst = append(dst, entities...)
		dst = append(dst, s.entities...)
	}
	if s.markup != "" {
		dst = append(dst, `,"reply_markup":`...)
		dst = append(dst, s.markup...)
	}
	return dst
}

// append appends the options of a message that its recipient can see.
func (d *deliverable) append(dst []byte) []byte {
	if d.preview != "" {
		dst = append(dst, `,"link_preview_options":`...)
		dst = append(dst, d.preview...)
	}
	if d.effect != "" {
		dst = append(dst, `,"effect_id":`...)
		dst = appendString(dst, d.effect)
	}
	if d.protected {
		dst = append(dst, `,"has_protected_content":true`...)
	}
	if d.replyTo != 0 {
		dst = append(dst, `,"reply_to_message":{"message_id":`...)
		dst = strconv.AppendInt(dst, d.replyTo, 10)
		dst = append(dst, `,"chat":`...)
		dst = appendChat(dst, d.chat)
		dst = append(dst, `,"date":0}`...)
	}
	return dst
}

// markupCache keeps keyboards that were found valid: in a broadcast most messages have the same one.
type markupCache struct {
	mu    sync.RWMutex
	right map[string]markup // by the parameter, one byte for the kind of chat in front
	key   sync.Pool
}

// maxMarkups is how many keyboards are kept before the cache is cleared.
const maxMarkups = 1024

func (m *markupCache) parse(data []byte, at scene) (markup, error) {
	if bytes.Contains(data, []byte("login_url")) { // right or wrong by the bot, not by itself
		return parseMarkup(data, at)
	}
	buffer, _ := m.key.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	defer m.key.Put(buffer)
	kind := byte('g')
	if at.private {
		kind = 'p'
	}
	key := append(append((*buffer)[:0], kind), data...)
	*buffer = key
	m.mu.RLock()
	known, ok := m.right[string(key)]
	m.mu.RUnlock()
	if ok {
		return known, nil
	}
	parsed, err := parseMarkup(data, at)
	if err != nil {
		return parsed, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.right == nil || len(m.right) >= maxMarkups {
		m.right = make(map[string]markup)
	}
	m.right[string(key)] = parsed
	return parsed, nil
}
