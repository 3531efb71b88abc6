package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// maxAlbum is the largest number of items of an album; the smallest is two.
const maxAlbum = 10

var (
	errAlbumEmpty   = errors.New("there are no messages to send")
	errAlbumShort   = errors.New("too few messages to send as an album")
	errAlbumLong    = errors.New("too many messages to send as an album")
	errAlbumCaption = errors.New("parameter show_caption_above_media must be the same for all messages")
	errAlbumKind    = errors.New("Can't use the media of the specified type in the album")
)

// albumItem is an item of an album, or the media of an edit, as it is described, before its file is looked for.
type albumItem struct {
	kind        *mediaKind
	from        source
	description description
	caption     formatted
}

// readAlbum reads sendMediaGroup. An album has no keyboard: reply_markup is ignored, as Telegram does.
func (c *call) readAlbum() error {
	list, err := c.albumItems(c.params.get("media"))
	if err != nil {
		return err
	}
	d, err := c.deliverable(false)
	if err != nil {
		return err
	}
	c.draft = draft{deliverable: d, items: c.draft.items[:0], album: true}
	for _, one := range list {
		a, err := c.attach(one.kind, one.from, one.description)
		if err != nil {
			return err
		}
		a.method = "sendMediaGroup"
		if err := one.caption.finishCaption(); err != nil {
			return err
		}
		c.draft.items = append(c.draft.items, item{one.caption, a})
	}
	if err := checkAlbum(list); err != nil {
		return err
	}
	if err := c.checkOptions(&c.draft.deliverable); err != nil {
		return err
	}
	for i, one := range list {
		err := c.draft.items[i].attachment.judge(one.kind, true)
		if e, remote := errors.AsType[*serverError](err); remote {
			return fmt.Errorf("Failed to send message #%d with the error message %q", i+1, e.code)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *call) albumItems(data []byte) ([]albumItem, error) {
	if len(data) == 0 {
		return nil, errors.New(`parameter "media" is required`)
	}
	v, err := parseJSON(data)
	switch {
	case err != nil:
		return nil, errors.New("Can't parse media JSON object")
	case v.kind == kindNull:
		return nil, errAlbumEmpty
	case v.kind != kindArray:
		return nil, errors.New("Expected an Array of InputMedia")
	}
	list := make([]albumItem, len(v.items))
	for i := range v.items {
		if list[i], err = c.inputMedia(&v.items[i]); err == nil && list[i].kind == animationKind {
			err = fmt.Errorf("type %q can't be used in sendMediaGroup", animationKind.name)
		}
		if err != nil {
			return nil, fmt.Errorf("Can't parse InputMedia: %w", err)
		}
	}
	switch {
	case len(list) == 0:
		return nil, errAlbumEmpty
	case len(list) == 1:
		return nil, errAlbumShort
	case len(list) > maxAlbum:
		return nil, errAlbumLong
	}
	return list, nil
}

// inputMedia reads an InputMedia: its caption, its type, then its file.
func (c *call) inputMedia(v *value) (one albumItem, err error) {
	if v.kind != kindObject {
		return one, errors.New("Expected an Object")
	}
	if one.caption, err = c.itemCaption(v); err != nil {
		return one, err
	}
	name, err := v.requiredString("type")
	if err != nil {
		return one, err
	}
	one.kind = kindNamed(lowerString([]byte(name)))
	switch one.kind {
	case nil, voiceKind:
		return one, fmt.Errorf("type %q is unsupported", name)
	}
	media, err := v.stringField("media")
	if err != nil {
		return one, err
	}
	if one.description, err = itemDescription(v); err != nil {
		return one, err
	}
	var found bool
	if one.from, found = c.source("", []byte(media)); !found {
		return one, errors.New("media not found")
	}
	return one, nil
}

// itemCaption reads the caption of an item. It is copied: the next item reuses the parser.
func (c *call) itemCaption(v *value) (formatted, error) {
	text, err := v.stringField("caption")
	if err != nil {
		return formatted{}, err
	}
	mode, err := v.stringField("parse_mode")
	if err != nil {
		return formatted{}, err
	}
	var entities []byte
	if list, ok := v.field("caption_entities"); ok {
		entities = list.append(nil)
	}
	f, err := c.html.caption([]byte(text), []byte(mode), entities)
	return formatted{bytes.Clone(f.text), slices.Clone(f.entities)}, err
}

func itemDescription(v *value) (d description, err error) {
	for _, part := range []struct {
		name string
		most int64
		to   *int64
	}{{"duration", maxDuration, &d.duration}, {"width", maxSide, &d.width}, {"height", maxSide, &d.height}} {
		n, _, err := v.intField(part.name)
		if err != nil {
			return d, err
		}
		*part.to = min(max(n, 0), part.most)
	}
	for _, part := range []struct {
		name string
		to   *string
	}{{"performer", &d.performer}, {"title", &d.title}} {
		if *part.to, err = v.stringField(part.name); err != nil {
			return d, err
		}
	}
	var streaming bool // is for clients
	for _, part := range []struct {
		name string
		to   *bool
	}{
		{"has_spoiler", &d.spoiler}, {"show_caption_above_media", &d.above},
		{"disable_content_type_detection", &d.undetected}, {"supports_streaming", &streaming},
	} {
		if *part.to, err = v.boolField(part.name); err != nil {
			return d, err
		}
	}
	return d, nil
}

// checkAlbum checks what the items of an album must have in common.
func checkAlbum(list []albumItem) error {
	first := &list[0]
	for i := range list {
		one := &list[i]
		if one.kind.visual && first.kind.visual && one.description.above != first.description.above {
			return errAlbumCaption
		}
		if one.kind == first.kind || one.kind.visual && first.kind.visual {
			continue
		}
		alone := one.kind
		if alone.visual {
			alone = first.kind
		}
		return fmt.Errorf("%s can't be mixed with other media types", alone.name)
	}
	return nil
}
