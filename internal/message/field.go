package message

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bellman/internal/message/liquid"
)

// customFields is what messages speak of custom fields by: contact.fields.city.
const customFields = "contact.fields"

// Field is a custom field of the workspace, as messages know it.
type Field struct {
	ID int64 `json:"id"`
	// Key is its name in messages, in the form of [FieldKey].
	Key string `json:"key"`
	// Type is what its values are.
	Type FieldType `json:"type"`
	// Name is for people; it is not kept with content.
	Name string `json:"-"`
}

// FieldType is the type of a custom field's values.
type FieldType string

// The types of custom fields. In Liquid a number is a number, a boolean is true or
// false, and a date is a text that the filter date reads.
const (
	TextField    FieldType = "text"
	NumberField  FieldType = "number"
	DateField    FieldType = "date"
	BooleanField FieldType = "boolean"
)

// FieldValue is a person's value of a custom field, as it is stored.
type FieldValue struct {
	FieldID int64
	Value   string
}

// Fields is what message asks of whoever keeps custom fields.
type Fields interface {
	// MessageFields returns the custom fields of the workspace, ordered by id.
	MessageFields(ctx context.Context, workspaceID int64) ([]Field, error)
}

// WithFields lets messages speak of custom fields: without it, workspaces have none.
// It returns the service.
func (s *Service) WithFields(fields Fields) *Service {
	s.fields = fields
	return s
}

// FieldKey returns what a name is as the key of a custom field: its letters and
// digits in lower case, with a low line for what is between them. Names that people
// take for the same have one key, and what stands behind contact.fields in a message
// is read in the same way: "Loyalty card" is contact.fields.loyalty_card, and
// contact.fields["Loyalty card"] as well. It is empty for a name without letters and
// digits. The key of a key is the key itself.
func FieldKey(name string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToLower(norm.NFC.String(name))) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := strings.Trim(b.String(), "_")
	if key != "" && !liquid.IsProperty(key) {
		return "field_" + key
	}
	return key
}

// value returns a stored value as Liquid reckons with it.
func (f Field) value(stored string) any {
	switch f.Type {
	case NumberField:
		return liquid.Number(stored)
	case BooleanField:
		return stored == "true"
	}
	return stored
}

// custom returns the person's value of a custom field, nil for none.
func (p *Person) custom(f Field) any {
	for _, v := range p.Fields {
		if v.FieldID == f.ID {
			return f.value(v.Value)
		}
	}
	return nil
}

// fieldOf returns the field among them that a name in a message means.
func fieldOf(fields []Field, name string) (Field, bool) {
	key := FieldKey(name)
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key && key != "" })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// canonical returns the name of a variable with the key of its custom field, if it is
// one.
func canonical(variable string) string {
	if name, ok := strings.CutPrefix(variable, customFields+"."); ok {
		return customFields + "." + FieldKey(name)
	}
	return variable
}
