package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// deletable is how long a message can be deleted after it was sent.
const deletable = 48 * time.Hour

var errNotModified = errors.New("message is not modified: specified new message content and reply markup are exactly " +
	"the same as a current content and reply markup of the message")

// message finds a message that is still in a chat. Those of people have Seq 0 and no content.
func (c *call) message(chat, id int64) (Message, bool) {
	seq, found := c.bot.locate(id)
	if !found {
		return Message{}, false
	}
	if seq == 0 {
		// Of a message of a person only the number is known; with KeepCounts and KeepTotals this holds for all
		// messages.
		return Message{Chat: chat, MessageID: id}, true
	}
	m, found := c.sandbox.journal.get(seq)
	return m, found && m.Chat == chat && !m.Deleted
}

// target finds the message that a call names.
func (c *call) target(what string) (Message, error) {
	if len(c.params.get("chat_id")) == 0 && len(c.params.get("inline_message_id")) != 0 {
		return Message{}, errors.New("MESSAGE_ID_INVALID")
	}
	chat, err := parseChat(c.params.get("chat_id"))
	if err != nil {
		return Message{}, err
	}
	if err := c.bot.find(chat); err != nil {
		return Message{}, err
	}
	id := c.params.integer("message_id", 0)
	if id == 0 {
		return Message{}, errors.New("message identifier is not specified")
	}
	m, found := c.message(chat, id)
	if !found {
		return Message{}, errors.New("message to " + what + " not found")
	}
	return m, nil
}

func (c *call) editMessageText() error {
	f, err := c.html.format(c.params.get("text"), c.params.get("parse_mode"), c.params.get("entities"))
	if err != nil {
		return err
	}
	m, err := c.target("edit")
	if err != nil {
		return err
	}
	if m.Media != nil {
		return errors.New("there is no text in the message to edit")
	}
	keyboard, err := c.markup(m.Chat)
	if err != nil {
		return err
	}
	preview, err := c.linkPreview()
	if err != nil {
		return err
	}
	if err := f.finish(maxTextLength); err != nil {
		return err
	}
	s := shown{text: f.text, markup: keyboard.json}
	if len(f.entities) > 0 {
		c.entities = appendEntities(c.entities[:0], f.entities)
		s.entities = c.entities
	}
	return c.edit(m, s, &deliverable{chat: m.Chat, preview: preview})
}

// editMessageMedia puts another file, with its caption, in the place of a message's. Telegram adds files to texts as
// well; the sandbox does not.
func (c *call) editMessageMedia() error {
	v, err := parseJSON(c.params.get("media"))
	if err != nil {
		return errors.New("Can't parse media JSON object")
	}
	one, err := c.inputMedia(&v)
	if err != nil {
		return fmt.Errorf("Can't parse InputMedia: %w", err)
	}
	m, err := c.target("edit")
	if err != nil {
		return err
	}
	if m.Media == nil {
		return errors.New("there is no media in the message to edit")
	}
	keyboard, err := c.markup(m.Chat)
	if err != nil {
		return err
	}
	a, err := c.attach(one.kind, one.from, one.description)
	if err != nil {
		return err
	}
	if err := one.caption.finishCaption(); err != nil {
		return err
	}
	if err := a.judge(one.kind, false); err != nil {
		return err
	}
	if err := c.bot.reach(m.Chat); err != nil {
		return err
	}
	// The journal keeps how the message was sent; the same file is the same content.
	a.method = m.Media.Method
	s := shown{text: one.caption.text, markup: keyboard.json, media: c.send(a)}
	if s.media.ID == m.Media.ID {
		s.media.Uploaded = m.Media.Uploaded
	}
	if len(one.caption.entities) > 0 {
		c.entities = appendEntities(c.entities[:0], one.caption.entities)
		s.entities = c.entities
	}
	c.media = appendAttachment(c.media[:0], a)
	s.field = c.media
	return c.edit(m, s, &deliverable{chat: m.Chat})
}

func (c *call) editMessageReplyMarkup() error {
	m, err := c.target("edit")
	if err != nil {
		return err
	}
	keyboard, err := c.markup(m.Chat)
	if err != nil {
		return err
	}
	s := m.shown()
	s.markup = keyboard.json
	return c.edit(m, s, &deliverable{chat: m.Chat})
}

// edit puts new content into a message of the bot.
func (c *call) edit(m Message, s shown, d *deliverable) error {
	if m.Seq == 0 {
		return errors.New("message can't be edited")
	}
	if err := c.bot.reach(m.Chat); err != nil {
		return err
	}
	if !c.sandbox.journal.edit(m.Seq, s) {
		return errNotModified
	}
	h := m.head()
	h.edited = c.sandbox.options.Now().Unix()
	c.out = append(d.append(c.appendMessage(c.out, h, s)), '}')
	return nil
}

func (c *call) deleteMessage() error {
	m, err := c.target("delete")
	if err != nil {
		return err
	}
	if m.Seq != 0 {
		if c.sandbox.options.Now().Sub(time.UnixMilli(m.At)) > deletable {
			return errors.New("message can't be deleted for everyone")
		}
		c.sandbox.journal.delete(m.Seq)
	}
	c.out = append(c.out, "true"...)
	return nil
}

// messageJSON renders a message of the bot for an update.
func (c *call) messageJSON(m Message) json.RawMessage {
	return append(c.appendMessage(nil, m.head(), m.shown()), '}')
}
