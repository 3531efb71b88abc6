package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of files, in bytes.
const (
	maxPhoto  = 10 << 20
	maxUpload = 50 << 20
)

// mediaKind is a kind of media with Telegram's names for it.
type mediaKind struct {
	name     string // of the parameter, of the type in an album, and of the field of a Message
	fileType string // in refusals
	folder   string // of its file_path
	visual   bool   // it can have a spoiler and a caption above
}

var (
	photoKind     = &mediaKind{"photo", "Photo", "photos", true}
	videoKind     = &mediaKind{"video", "Video", "videos", true}
	animationKind = &mediaKind{"animation", "Animation", "animations", true}
	documentKind  = &mediaKind{"document", "Document", "documents", false}
	audioKind     = &mediaKind{"audio", "Audio", "music", false}
	voiceKind     = &mediaKind{"voice", "VoiceNote", "voice", false}

	mediaKinds = []*mediaKind{photoKind, videoKind, animationKind, documentKind, audioKind, voiceKind}
)

// kindNamed returns the kind of that name; nil if there is none.
func kindNamed(name string) *mediaKind {
	for _, k := range mediaKinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// attachment is the file of a message that is about to be sent.
type attachment struct {
	method string // that sends it, such as "sendPhoto"
	file   *File  // without an ID until it was sent

	content []byte // of a file that comes with the call
	spoiler bool
	above   bool // the caption is shown above it
}

// description is the data that a call gives about a file besides its source.
type description struct {
	duration, width, height int64
	performer, title        string
	undetected              bool // a document is not looked into
	spoiler, above          bool
}

// readMedia makes the sender of single files of a kind.
func readMedia(k *mediaKind) method {
	name := "send" + strings.ToUpper(k.name[:1]) + k.name[1:]
	return func(c *call) error {
		from, found := c.source(k.name, c.params.get(k.name))
		if !found {
			return fmt.Errorf("There is no %s in the request", k.name)
		}
		f, err := c.html.caption(c.params.get("caption"), c.params.get("parse_mode"), c.params.get("caption_entities"))
		if err != nil {
			return err
		}
		d, err := c.deliverable(true)
		if err != nil {
			return err
		}
		a, err := c.attach(k, from, c.description())
		if err != nil {
			return err
		}
		a.method = name
		if err := f.finishCaption(); err != nil {
			return err
		}
		if err := c.checkOptions(&d); err != nil {
			return err
		}
		if err := a.judge(k, false); err != nil {
			return err
		}
		c.draft = draft{deliverable: d, items: append(c.draft.items[:0], item{f, a})}
		return nil
	}
}

// The largest numbers that Telegram uses; larger ones count as these.
const (
	maxDuration = 24 * 60 * 60 // seconds
	maxSide     = 10000        // pixels
)

// description reads the parameters about the file.
func (c *call) description() description {
	number := func(name string, most int64) int64 { return min(max(c.params.integer(name, 0), 0), most) }
	return description{
		duration: number("duration", maxDuration), width: number("width", maxSide), height: number("height", maxSide),
		performer: string(c.params.get("performer")), title: string(c.params.get("title")),
		undetected: c.params.flag("disable_content_type_detection"),
		spoiler:    c.params.flag("has_spoiler"), above: c.params.flag("show_caption_above_media"),
	}
}

// source is where a file comes from: the call itself, or else a file_id or an address.
type source struct {
	upload *param
	text   string
}

// source finds the file that a parameter names; without a value it is the file in the form's field of that name.
func (c *call) source(field string, value []byte) (source, bool) {
	text := strings.TrimSpace(string(value))
	name, attached := strings.CutPrefix(text, "attach://")
	switch {
	case attached:
		field = name
	case text != "":
		return source{text: text}, true
	}
	upload := c.params.file(field)
	return source{upload: upload}, upload != nil
}

// errTooLarge is the answer to a request, or a file, that is larger than Telegram reads.
var errTooLarge = &refusal{code: 413, description: "Request Entity Too Large"}

// attach finds the file to be sent as a kind of media, or makes it from an upload in the call. Everything that
// requires a look into the file is left to judge.
func (c *call) attach(k *mediaKind, from source, d description) (*attachment, error) {
	for _, text := range []string{from.text, d.performer, d.title} {
		if !utf8.ValidString(text) {
			return nil, errTextUTF8
		}
	}
	a := &attachment{spoiler: d.spoiler && k.visual, above: d.above && k.visual}
	switch {
	case from.upload != nil:
		a.content = from.upload.value
		switch {
		case !utf8.ValidString(from.upload.fileName):
			return nil, errTextUTF8
		case len(a.content) == 0:
			return nil, errors.New("file must be non-empty")
		case k == photoKind && len(a.content) > maxPhoto:
			return nil, fmt.Errorf("File of size %d bytes is too big for a photo; the maximum size is %d bytes", len(a.content), maxPhoto)
		case len(a.content) > maxUpload:
			return nil, errTooLarge
		}
		a.file = newUpload(k, from.upload.fileName, a.content, d)
	case strings.Contains(from.text, "."):
		address, err := fileAddress(from.text)
		if err != nil {
			return nil, err
		}
		a.file = newRemote(k, address, d)
	default:
		file, err := c.bot.sentFile(from.text)
		if err != nil {
			return nil, err
		}
		if file.Kind != k.name {
			return nil, fmt.Errorf("Can't use file of type %s as %s", kindNamed(file.Kind).fileType, k.fileType)
		}
		a.file = file
	}
	return a, nil
}

// newUpload describes a file that came with a call, before its content is examined.
func newUpload(k *mediaKind, name string, content []byte, d description) *File {
	sum := sha256.Sum256(content)
	f := newFile(k, d)
	f.Name, f.Size, f.SHA256 = name, int64(len(content)), hex.EncodeToString(sum[:])
	f.UniqueID = uniqueID(sum[:])
	return f
}

func newFile(k *mediaKind, d description) *File {
	f := &File{Kind: k.name}
	switch k {
	case videoKind, animationKind:
		f.Width, f.Height, f.Duration = d.width, d.height, d.duration
	case audioKind:
		f.Duration, f.Performer, f.Title = d.duration, d.performer, d.title
	case voiceKind:
		f.Duration = d.duration
	case documentKind:
		f.undetected = d.undetected
	}
	return f
}

func uniqueID(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:12]) }

// serverError is an error of Telegram's servers about a file that they have examined or tried to fetch. An album
// reports the code, a single message the text.
type serverError struct{ code, text string }

func (e *serverError) Error() string { return e.text }

func serverCode(code string) *serverError { return &serverError{code, code} }

// judge examines a new file and decides what it becomes, or returns why it cannot be sent.
func (a *attachment) judge(k *mediaKind, album bool) error {
	switch {
	case a.file.ID != "":
		return nil
	case a.file.URL != "":
		return judgeAddress(k, a.file)
	}
	return judgeContent(k, a.file, a.content, album)
}

// appendAttachment appends the part of a Message about its file: `,"photo":[…]` and what belongs to it.
func appendAttachment(dst []byte, a *attachment) []byte {
	dst = append(dst, ',')
	dst = a.file.appendField(dst)
	if a.above {
		dst = append(dst, `,"show_caption_above_media":true`...)
	}
	if a.spoiler {
		dst = append(dst, `,"has_media_spoiler":true`...)
	}
	return dst
}

// appendField appends the field of a Message that describes the file.
func (f *File) appendField(dst []byte) []byte {
	if f.Kind == photoKind.name {
		return f.appendPhoto(dst)
	}
	dst = f.appendObject(dst, f.Kind)
	if f.Kind == animationKind.name {
		// Clients from before animations show it as a document.
		dst = f.appendObject(append(dst, ','), documentKind.name)
	}
	return dst
}

// photoBoxes are the squares, in pixels, into which Telegram fits the sizes of a photo.
var photoBoxes = []int64{90, 320, 800, 1280}

// photoSize is a photo made smaller.
type photoSize struct{ width, height int64 }

// sizes returns the sizes that Telegram keeps of a photo, the largest last.
func (f *File) sizes() []photoSize {
	var list []photoSize
	for _, box := range photoBoxes {
		longer := max(f.Width, f.Height)
		if longer <= box {
			return append(list, photoSize{f.Width, f.Height})
		}
		list = append(list, photoSize{max(1, f.Width*box/longer), max(1, f.Height*box/longer)})
	}
	return list
}

// sizeMarks distinguish the file ids of the smaller sizes of a photo from that of the largest.
var sizeMarks = []string{"-s", "-m", "-x"}

func (f *File) appendPhoto(dst []byte) []byte {
	dst = append(dst, `"photo":[`...)
	sizes := f.sizes()
	for i, size := range sizes {
		mark, length := "", f.Size
		if i < len(sizes)-1 {
			mark = sizeMarks[i]
			length = max(1, f.Size*size.width*size.height/max(1, f.Width*f.Height))
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"file_id":`...)
		dst = appendString(dst, f.ID+mark)
		dst = append(dst, `,"file_unique_id":`...)
		dst = appendString(dst, f.UniqueID+mark)
		dst = append(dst, `,"file_size":`...)
		dst = strconv.AppendInt(dst, length, 10)
		dst = append(dst, `,"width":`...)
		dst = strconv.AppendInt(dst, size.width, 10)
		dst = append(dst, `,"height":`...)
		dst = strconv.AppendInt(dst, size.height, 10)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// appendObject appends the file as a Video, an Animation, a Document, an Audio or a Voice, under a name.
func (f *File) appendObject(dst []byte, name string) []byte {
	dst = append(appendString(dst, name), ":{"...)
	number := func(name string, n int64) {
		dst = append(appendString(dst, name), ':')
		dst = append(strconv.AppendInt(dst, n, 10), ',')
	}
	text := func(name, value string) {
		if value != "" {
			dst = append(appendString(dst, name), ':')
			dst = append(appendString(dst, value), ',')
		}
	}
	if name != documentKind.name {
		number("duration", f.Duration)
	}
	if name == videoKind.name || name == animationKind.name {
		number("width", f.Width)
		number("height", f.Height)
	}
	if name != voiceKind.name {
		text("file_name", f.Name)
	}
	text("mime_type", f.MIMEType)
	if name == audioKind.name {
		text("title", f.Title)
		text("performer", f.Performer)
	}
	text("file_id", f.ID)
	text("file_unique_id", f.UniqueID)
	number("file_size", f.Size)
	dst[len(dst)-1] = '}'
	return dst
}
