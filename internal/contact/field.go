package contact

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bellman/internal/fault"
)

// Field is a custom field of the workspace.
type Field struct {
	ID          int64
	WorkspaceID int64
	// Key is by what messages speak of it, contact.fields.KEY: unique in its workspace,
	// and unchanged when the field is renamed. See [message.FieldKey].
	Key string
	// Name is for people: unique in its workspace, without regard to case.
	Name      string
	Type      Type
	CreatedAt time.Time
}

// Type is the type of a custom field's values.
type Type string

// The types of custom fields, and how their values are stored.
const (
	// Text is up to [MaxValue] characters.
	Text Type = "text"
	// Number is a decimal number without an exponent, of up to 40 digits:
	// "12.5".
	Number Type = "number"
	// Date is a day, "2026-03-01", or a time, "2026-03-01T15:04:05"; one that
	// came with a time zone is in UTC and ends in Z.
	Date Type = "date"
	// Boolean is "true" or "false".
	Boolean Type = "boolean"
)

// Limits of custom fields.
const (
	// MaxFields is how many custom fields a workspace may have.
	MaxFields = 500
	// MaxFieldName is the longest name of a field, in characters.
	MaxFieldName = 100
	// MaxValue is the longest text value, in characters.
	MaxValue = 1000
)

// FieldStore is what contact needs of the store for custom fields.
type FieldStore interface {
	// Fields returns the fields of the workspace, ordered by id.
	Fields(ctx context.Context, workspaceID int64) ([]Field, error)
	// CreateField writes a field and returns it, with the id and the key that it got
	// where f has none; see [Field.FreeKey]. It returns Conflict when the name, the id
	// or the key is taken, or when there are limit fields already.
	CreateField(ctx context.Context, f Field, limit int) (Field, error)
	// RenameField changes the name of a field and returns the field; Conflict
	// when the name is taken, NotFound when there is no such field.
	RenameField(ctx context.Context, workspaceID, id int64, name string) (Field, error)
	// DeleteField removes a field with all its values, or returns NotFound.
	DeleteField(ctx context.Context, workspaceID, id int64) error
}

// Faults of custom fields.
var (
	// ErrFieldNotFound is returned for a field that the workspace does not have.
	ErrFieldNotFound = fault.New(fault.NotFound, "field_not_found", "there is no custom field with this id")
	// ErrFieldTaken is returned for a name that another field has.
	ErrFieldTaken = fault.New(fault.Conflict, "field_name_taken", "another custom field has this name").In("name")
	// ErrFieldIDTaken is returned for an id that another field has, of this
	// workspace or of another one.
	ErrFieldIDTaken = fault.New(fault.Conflict, "field_id_taken", "another custom field of this installation has this id").In("id")
	// ErrTooManyFields is returned when the workspace has [MaxFields] fields.
	ErrTooManyFields = fault.New(fault.Conflict, "too_many_fields",
		"a workspace has at most %d custom fields: delete one that is not used", MaxFields)
)

// Fields returns the custom fields of the workspace, ordered by id.
func (s *Service) Fields(ctx context.Context, workspaceID int64) ([]Field, error) {
	return s.store.Fields(ctx, workspaceID)
}

// CreateField adds a custom field to the workspace. It gets its own id, unless that is
// zero: systems that move here from elsewhere know their fields by number; and its own
// key, unless that is empty: then one is made of the name. A name of other than 1 to
// [MaxFieldName] characters, a key that a message could not name and an unknown type
// are Invalid; a name, a key or an id that is taken is a Conflict.
func (s *Service) CreateField(ctx context.Context, workspaceID int64, f Field) (Field, error) {
	f.WorkspaceID, f.Name, f.CreatedAt = workspaceID, strings.TrimSpace(f.Name), s.now()
	if err := checkFieldName(f.Name); err != nil {
		return Field{}, err
	}
	if err := checkFieldKey(f.Key); err != nil {
		return Field{}, err
	}
	if !slices.Contains([]Type{Text, Number, Date, Boolean}, f.Type) {
		return Field{}, fault.New(fault.Invalid, "field_type_unknown", "write text, number, date or boolean").In("type")
	}
	return s.store.CreateField(ctx, f, MaxFields)
}

// EnsureFields adds a text field, named "Field" and the id, for each id without a
// field, so that values are kept that a system sends for fields that were made
// elsewhere.
func (s *Service) EnsureFields(ctx context.Context, workspaceID int64, ids []int64) error {
	types, err := s.fieldTypes(ctx, workspaceID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, known := types[id]; known || id <= 0 || id > MaxID {
			continue
		}
		_, err := s.CreateField(ctx, workspaceID, Field{ID: id, Name: fmt.Sprint("Field ", id), Type: Text})
		// Another call may have made it meanwhile. When that was in another
		// workspace, the id is refused like that of any unknown field.
		if err != nil && !errors.Is(err, ErrFieldIDTaken) {
			return err
		}
	}
	return nil
}

// RenameField changes the name of a custom field; its key, its type and its values
// stay unchanged.
func (s *Service) RenameField(ctx context.Context, workspaceID, id int64, name string) (Field, error) {
	name = strings.TrimSpace(name)
	if err := checkFieldName(name); err != nil {
		return Field{}, err
	}
	return s.store.RenameField(ctx, workspaceID, id, name)
}

// DeleteField removes a custom field together with its values.
func (s *Service) DeleteField(ctx context.Context, workspaceID, id int64) error {
	return s.store.DeleteField(ctx, workspaceID, id)
}

func checkFieldName(name string) error {
	if name == "" || !isText(name, MaxFieldName) {
		return fault.New(fault.Invalid, "name_invalid", "write a name of 1 to %d characters", MaxFieldName).In("name")
	}
	return nil
}

// fieldTypes are the types of a workspace's fields, by id.
type fieldTypes map[int64]Type

func (s *Service) fieldTypes(ctx context.Context, workspaceID int64) (fieldTypes, error) {
	fields, err := s.store.Fields(ctx, workspaceID)
	types := make(fieldTypes, len(fields))
	for _, f := range fields {
		types[f.ID] = f.Type
	}
	return types, err
}

// clean returns a value of the field in the form in which it is stored; an empty
// one stays empty.
func (t fieldTypes) clean(id int64, value string) (string, error) {
	kind, known := t[id]
	if !known {
		return "", fault.New(fault.Invalid, "field_unknown", "there is no custom field %d", id).In("fields")
	}
	if value == "" {
		return "", nil
	}
	value, ok := kind.clean(value)
	if !ok {
		return "", fault.New(fault.Invalid, "field_value_invalid", "custom field %d takes %s", id, kind.takes()).In("fields")
	}
	return value, nil
}

// takes says, for error messages, which values a type accepts.
func (t Type) takes() string {
	switch t {
	case Number:
		return "a number such as 12.5"
	case Date:
		return "a date such as 2026-03-01 or 2026-03-01T15:04:05"
	case Boolean:
		return "true or false"
	}
	return "a text of up to 1000 characters"
}

// clean returns the value as it is stored, or false when the type does not accept
// it.
func (t Type) clean(value string) (string, bool) {
	if t == Text {
		return value, isText(value, MaxValue)
	}
	value = strings.TrimSpace(value)
	switch t {
	case Number:
		return cleanNumber(value)
	case Date:
		return cleanDate(value)
	case Boolean:
		return cleanBoolean(value)
	}
	return "", false
}

// decimal is a number with a point, or with the comma of most of Europe.
var decimal = regexp.MustCompile(`^([+-]?)0*([0-9]+)(?:[.,]([0-9]*?)0*)?$`)

func cleanNumber(s string) (string, bool) {
	m := decimal.FindStringSubmatch(s)
	if m == nil || len(m[2])+len(m[3]) > 40 {
		return "", false
	}
	number := m[2]
	if m[3] != "" {
		number += "." + m[3]
	}
	if m[1] == "-" && number != "0" {
		number = "-" + number
	}
	return number, true
}

// The forms in which times are stored.
const (
	dayLayout  = "2006-01-02"
	timeLayout = "2006-01-02T15:04:05"
)

// The forms in which days are read, with the day before the month as nearly all of
// the world writes them, and the clocks that may follow. Two digits of a year are
// from 1969 to 2068.
var (
	dayLayouts   = []string{dayLayout, "2.1.2006", "2/1/2006", "2.1.06", "2006/1/2", "2006.1.2"}
	clockLayouts = []string{"T15:04:05", "T15:04", " 15:04:05", " 15:04"}
)

func cleanDate(s string) (string, bool) {
	for _, day := range dayLayouts {
		if t, err := time.Parse(day, s); err == nil {
			return t.Format(dayLayout), true
		}
		for _, clock := range clockLayouts {
			if t, err := time.Parse(day+clock, s); err == nil {
				return t.Format(timeLayout), true
			}
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 {
			return t.UTC().Format(timeLayout) + "Z", true
		}
	}
	return "", false
}

func cleanBoolean(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "true", "1":
		return "true", true
	case "false", "0":
		return "false", true
	}
	return "", false
}
