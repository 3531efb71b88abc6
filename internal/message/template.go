package message

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bellman/internal/fault"
	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// Template is content compiled for sending: what is the same for everybody is
// written once. It is safe for concurrent use.
type Template struct {
	// versions are in the order of their content; languages tells which of them
	// somebody gets.
	versions  []*version
	languages Languages
	// fields are the custom fields of the content; named are those of them that it
	// uses, by what it calls them.
	fields    []Field
	named     map[string]Field
	links     []Link
	required  []string
	personal  bool
	pressable bool
	// edits tells that calls edit messages.
	edits     bool
	composers sync.Pool
}

// Compile prepares content for sending. The error is an Invalid fault: the
// Liquid in it cannot be read. Whether Telegram would take the content is what
// [Content.Check] tells.
func Compile(c Content) (*Template, error) { return compile(c, false) }

// CompileEdit prepares content that takes the place of what messages say: see
// [Content.CheckEdit]. How a message arrives, its sound, effect and protection, stays as it
// was.
func CompileEdit(c Content) (*Template, error) { return compile(c, true) }

func compile(c Content, edits bool) (*Template, error) {
	t := &Template{edits: edits, languages: c.Languages(), fields: c.Fields, named: map[string]Field{}, personal: len(c.Translations) > 0}
	for _, v := range c.versions() {
		compiled, err := t.compile(c, v)
		if err != nil {
			return nil, err
		}
		t.versions = append(t.versions, compiled)
		t.required = append(t.required, compiled.required...)
	}
	t.required = sortedOnce(t.required)
	t.composers.New = func() any {
		return &composer{targets: make([]target, len(t.links)), variables: variables{fields: t.named}}
	}
	return t, nil
}

// Personal tells that calls depend on [Recipient].Person.
func (t *Template) Personal() bool { return t.personal }

// Fields returns the ids of the custom fields whose values calls depend on,
// ascending: [Person].Fields has to have them.
func (t *Template) Fields() []int64 {
	var ids []int64
	for _, f := range t.named {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Field returns the custom field that a variable of [Template.Required] is.
func (t *Template) Field(variable string) (Field, bool) {
	name, ok := strings.CutPrefix(variable, customFields+".")
	if !ok {
		return Field{}, false
	}
	return fieldOf(t.fields, name)
}

// Pressable tells that some button sends callback data.
func (t *Template) Pressable() bool { return t.pressable }

// Links returns the links whose clicks are counted; their places are the
// numbers that [Recipient].Link gets, the same for the same content. They are
// the addresses of <a> and of URL buttons that lead out of Telegram and that
// nobody opted out; an address that stands in the text as such stays as it is,
// because people would see another one.
func (t *Template) Links() []Link { return t.links }

// Media returns the files of the version that the person gets, in order; the
// person may be nil when the template is not personal. The caller may not
// change them.
func (t *Template) Media(p *Person) []Media { return t.version(p).media }

// Required returns the variables, such as "contact.firstName", "contact.fields.city"
// or "data.order.total", that are written out somewhere without a default value
// and not inside an {% if %} that asks for them, in order. A variable in a list
// is named by the list.
func (t *Template) Required() []string { return t.required }

// MissingData returns the variables of data, such as "data.order.total", that are
// written out without a default and that a recipient's data, a JSON object or
// nothing, has no value for: in the version for the language, or in any version
// when it is empty.
func (t *Template) MissingData(data json.RawMessage, language string) []string {
	required := t.required
	if language != "" {
		required = t.versions[t.languages.place(language)].required
	}
	var missing []string
	var values any
	for _, v := range required {
		path, ok := strings.CutPrefix(v, "data.")
		if !ok {
			continue
		}
		if values == nil && json.Unmarshal(data, &values) != nil {
			values = map[string]any{}
		}
		if !hasValue(values, path) {
			missing = append(missing, v)
		}
	}
	return missing
}

func sortedOnce(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Compose writes the call for one recipient; its body is appended to dst. The
// error is an Invalid fault: with this recipient's values the message is one
// that Telegram would refuse.
func (t *Template) Compose(dst []byte, to Recipient) (Call, error) {
	v := t.version(to.Person)
	dst = append(dst, `{"chat_id":`...)
	dst = strconv.AppendInt(dst, to.ChatID, 10)
	if t.edits {
		dst = append(dst, `,"message_id":`...)
		dst = strconv.AppendInt(dst, to.MessageID, 10)
	}
	if to.Paid {
		dst = append(dst, `,"allow_paid_broadcast":true`...)
	}
	if len(v.parts) == 1 {
		return Call{Method: v.method, Body: append(dst, v.parts[0].fixed...), Media: v.media}, nil
	}
	c := t.composers.Get().(*composer)
	defer t.composers.Put(c)
	c.begin(dst, to, v)
	for _, p := range v.parts {
		c.dst = append(c.dst, p.fixed...)
		if p.slot == nil {
			break
		}
		if err := p.slot.write(c); err != nil {
			c.end()
			return Call{}, err
		}
	}
	call := Call{Method: c.method, Body: c.dst, Uploads: c.uploads, Media: v.media}
	c.end()
	return call, nil
}

// version returns the one for a person, who may be nil.
func (t *Template) version(p *Person) *version {
	if p == nil {
		return t.versions[0]
	}
	return t.versions[t.languages.place(p.language())]
}

// versioned is a version with where it stands in its content.
type versioned struct {
	Version
	language string
	// translation tells that it is one.
	translation bool
}

// versions returns the version for everybody and the translations in the order
// of their tags.
func (c Content) versions() []versioned {
	all := []versioned{{Version: c.Version, language: c.Language}}
	for _, language := range slices.Sorted(maps.Keys(c.Translations)) {
		all = append(all, versioned{c.Translations[language], language, true})
	}
	return all
}

// field returns the path of one of the version's fields in its content.
func (v versioned) field(name string) string {
	if v.translation {
		return "translations." + v.language + "." + name
	}
	return name
}

// fileIDs returns the uploaded files of all versions.
func (c Content) fileIDs() []int64 {
	var ids []int64
	for _, m := range c.AllMedia() {
		if m.ID != 0 {
			ids = append(ids, m.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// version is one compiled version.
type version struct {
	method string
	// language is the one that it is in; empty when that is not said.
	language string
	// parts make up the body from the chat on; the last of them has no slot.
	parts []part
	media []Media
	// required are the variables that it writes out without a default.
	required []string
}

// part is what is the same for everybody, and then what is not.
type part struct {
	fixed []byte
	slot  slot
}

// slot writes a part of a body that is not the same for everybody.
type slot interface {
	write(c *composer) error
}

// composer is what one call is written with. It is reused: its buffers stay.
type composer struct {
	dst     []byte
	to      Recipient
	method  string
	uploads []Upload
	// renderer writes texts with the variables into rendered, html reads them.
	renderer  liquid.Renderer
	variables variables
	rendered  []byte
	html      markup.Parser
	// keyboard is where in dst the keyboard begins.
	keyboard int
	// targets are where the links led last; most lead everybody to the same place.
	targets []target
}

// target is where a link leads.
type target struct {
	address string // as written
	target  string // with its scheme
	tracked bool
}

func (c *composer) begin(dst []byte, to Recipient, v *version) {
	c.dst, c.to, c.method = dst, to, v.method
	c.renderer.Now, c.renderer.Language = to.Now, v.language
	if c.variables.person = to.Person; to.Person == nil {
		c.variables.person = nobody
	}
}

// end forgets whatever belongs to the recipient.
func (c *composer) end() {
	c.dst, c.to, c.uploads = nil, Recipient{}, nil
	c.variables.forget()
}

// nobody is who a template is written for when nobody is named.
var nobody = &Person{}

// render writes a template with the recipient's values. The result is good until
// the next call.
func (c *composer) render(t *liquid.Template, escaper liquid.Escaper) ([]byte, error) {
	if err := c.variables.read(); err != nil {
		return nil, err
	}
	out, err := c.renderer.Render(c.rendered[:0], t, &c.variables, escaper)
	if err == nil {
		c.rendered = out
	}
	return out, err
}

// link returns the address under which clicks are counted, and false where the
// link stays as it is.
func (c *composer) link(number int, address []byte) (string, bool) {
	if number < 0 || c.to.Link == nil {
		return "", false
	}
	t := &c.targets[number]
	if t.address != string(address) {
		t.address = string(address)
		t.target, t.tracked = tracked(t.address)
	}
	if !t.tracked {
		return "", false
	}
	return c.to.Link(number, t.target), true
}

// invalid is a fault of a rendered field.
func invalid(field, code, format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, code, format, args...).In(field)
}
