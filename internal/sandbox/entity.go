package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// maxEntities is how many entities of a message Telegram honours; it drops the rest.
const maxEntities = 100

// entityType is the type of a message entity.
type entityType byte

const (
	noEntity entityType = iota
	mention
	hashtag
	cashtag
	botCommand
	plainURL
	email
	phoneNumber
	expandableBlockquote
	blockquote
	textLink
	textMention
	bold
	italic
	underline
	strikethrough
	spoiler
	dateTime
	customEmoji
	code
	pre
)

var entityNames = [...]string{
	mention: "mention", hashtag: "hashtag", cashtag: "cashtag", botCommand: "bot_command", plainURL: "url",
	email: "email", phoneNumber: "phone_number", expandableBlockquote: "expandable_blockquote",
	blockquote: "blockquote", textLink: "text_link", textMention: "text_mention", bold: "bold", italic: "italic",
	underline: "underline", strikethrough: "strikethrough", spoiler: "spoiler", dateTime: "date_time",
	customEmoji: "custom_emoji", code: "code", pre: "pre",
}

// entity is a stretch of text with a meaning. Offset and length are UTF-16 units.
type entity struct {
	kind   entityType
	offset int
	length int
	value  string // address, language, emoji id or Unix time
	format string // of a time
	user   int64
}

func (e *entity) end() int { return e.offset + e.length }

func (e *entity) isQuote() bool { return e.kind == blockquote || e.kind == expandableBlockquote }

func (e *entity) isStyle() bool { return e.kind >= bold && e.kind <= spoiler }

// isCode reports whether no other entity can be in e; a time counts as code.
func (e *entity) isCode() bool { return e.kind == code || e.kind == pre || e.kind == dateTime }

// parseEntities reads the entities parameter. Their offsets are checked later, by checkBounds.
func parseEntities(data []byte) ([]entity, error) {
	v, err := parseJSON(data)
	if err != nil {
		return nil, errors.New("Can't parse entities JSON object")
	}
	if v.kind == kindNull {
		return nil, nil
	}
	if v.kind != kindArray {
		return nil, errors.New("Expected an Array of MessageEntity")
	}
	var list []entity
	for i := range v.items {
		e, err := parseEntity(&v.items[i])
		if err != nil {
			return nil, fmt.Errorf("Can't parse MessageEntity: %w", err)
		}
		list = append(list, e)
	}
	return list, nil
}

func parseEntity(v *value) (entity, error) {
	if v.kind != kindObject {
		return entity{}, errors.New("Expected an Object")
	}
	name, err := v.requiredString("type")
	if err != nil {
		return entity{}, err
	}
	e := entity{}
	for _, part := range []struct {
		name string
		to   *int
	}{{"offset", &e.offset}, {"length", &e.length}} {
		n, found, err := v.intField(part.name)
		switch {
		case err != nil:
			return entity{}, err
		case !found:
			return entity{}, errMissing(part.name)
		case n != int64(int32(n)):
			return entity{}, errors.New(`Field "` + part.name + `" must be a valid Number`)
		}
		*part.to = int(n)
	}
	e.kind = entityType(max(0, slices.Index(entityNames[:], name)))
	if e.kind == noEntity {
		return entity{}, errors.New("Unsupported type specified")
	}
	return e, e.parseValue(v)
}

// parseValue reads the value that an entity of its type has besides the span.
func (e *entity) parseValue(v *value) (err error) {
	switch e.kind {
	case textLink:
		e.value, err = v.requiredString("url")
	case textMention:
		user, found, err := v.objectField("user")
		if err != nil {
			return err
		}
		if !found {
			return errMissing("user")
		}
		e.user, _, err = user.intField("id")
		return err
	case pre:
		e.value, err = v.stringField("language")
	case dateTime:
		at, found, err := v.intField("unix_time")
		if err != nil {
			return err
		}
		if !found {
			return errMissing("unix_time")
		}
		if e.value = strconv.FormatInt(at, 10); at <= 0 {
			e.length = 0
		}
		if e.format, err = v.stringField("date_time_format"); err == nil && !isTimeFormat(e.format) {
			return errTimeFormat
		}
		return err
	case customEmoji:
		id, found, err := v.intField("custom_emoji_id")
		if err != nil {
			return err
		}
		if !found {
			return errMissing("custom_emoji_id")
		}
		e.value = strconv.FormatInt(id, 10)
	}
	return err
}

// checkEntities checks entities that came as a parameter against the text they belong to, and their addresses. It
// drops empty entities, as Telegram does.
func checkEntities(text []byte, list []entity) ([]entity, error) {
	bounds := unitBounds(text)
	kept := list[:0]
	for _, e := range list {
		switch {
		case e.length == 0:
			continue
		case e.offset < 0:
			return nil, fmt.Errorf("Receive an entity with incorrect offset %d", e.offset)
		case e.length < 0:
			return nil, fmt.Errorf("Receive an entity with incorrect length %d", e.length)
		case e.offset >= len(bounds)-1:
			return nil, fmt.Errorf("Entity begins after the end of the text at UTF-16 offset %d", e.offset)
		case !bounds[e.offset]:
			return nil, fmt.Errorf("Entity begins in a middle of a UTF-16 symbol at UTF-16 offset %d", e.offset)
		case e.end() >= len(bounds):
			return nil, fmt.Errorf("Entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d",
				e.offset, e.end())
		case !bounds[e.end()]:
			return nil, fmt.Errorf("Entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol at UTF-16 offset %d",
				e.offset, e.end())
		}
		e, err := e.resolve()
		if err != nil {
			return nil, err
		}
		kept = append(kept, e)
	}
	return kept, nil
}

// resolve checks the address or the user of an entity that came as a parameter.
func (e entity) resolve() (entity, error) {
	switch e.kind {
	case textLink:
		if id, ok := linkUser(e.value); ok {
			e.kind, e.user, e.value = textMention, id, ""
			return e, nil
		}
		address, err := checkLink(e.value, false)
		if err != nil {
			return e, fmt.Errorf("Entity %w", err)
		}
		e.value = address
	case textMention:
		if e.user <= 0 {
			return e, errors.New("user not found")
		}
	}
	return e, nil
}

// unitBounds returns, for every UTF-16 offset of a text, its end included, whether a character begins there.
func unitBounds(text []byte) []bool {
	bounds := make([]bool, 0, len(text)+1)
	for _, r := range string(text) {
		bounds = append(bounds, true)
		if r > 0xffff {
			bounds = append(bounds, false)
		}
	}
	return append(bounds, true)
}

// appendEntities appends entities as the JSON array that a Message carries.
func appendEntities(dst []byte, list []entity) []byte {
	dst = append(dst, '[')
	for i := range list {
		e := &list[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"offset":`...)
		dst = strconv.AppendInt(dst, int64(e.offset), 10)
		dst = append(dst, `,"length":`...)
		dst = strconv.AppendInt(dst, int64(e.length), 10)
		dst = append(dst, `,"type":"`...)
		dst = append(dst, entityNames[e.kind]...)
		dst = append(dst, '"')
		dst = e.appendValue(dst)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func (e *entity) appendValue(dst []byte) []byte {
	switch e.kind {
	case textLink:
		dst = append(dst, `,"url":`...)
		return appendString(dst, e.value)
	case textMention:
		dst = append(dst, `,"user":`...)
		return appendPerson(dst, e.user)
	case customEmoji:
		dst = append(dst, `,"custom_emoji_id":`...)
		return appendString(dst, e.value)
	case dateTime:
		dst = append(dst, `,"unix_time":`...)
		dst = append(dst, e.value...)
		dst = append(dst, `,"date_time_format":`...)
		return appendString(dst, []byte(shownTimeFormat(e.format)))
	case pre:
		if e.value != "" {
			dst = append(dst, `,"language":`...)
			return appendString(dst, e.value)
		}
	}
	return dst
}
