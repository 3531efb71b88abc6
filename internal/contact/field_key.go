package contact

import (
	"context"
	"fmt"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// Faults of the keys of custom fields.
var (
	// ErrFieldKeyTaken is returned for a key that another field has.
	ErrFieldKeyTaken = fault.New(fault.Conflict, "field_key_taken", "another custom field has this key").In("key")

	errFieldKey = fault.New(fault.Invalid, "field_key_invalid",
		"write a key of letters in lower case, digits and _ that begins with a letter, of up to %d characters", MaxFieldName).In("key")
)

// checkFieldKey returns Invalid for a key that was chosen and cannot be one.
func checkFieldKey(key string) error {
	if key != "" && (message.FieldKey(key) != key || !isText(key, MaxFieldName)) {
		return errFieldKey
	}
	return nil
}

// FreeKey returns the key of a field that has none yet: that of its name, see
// [message.FieldKey], with a number where that is taken.
func (f Field) FreeKey(taken func(key string) bool) string {
	base := message.FieldKey(f.Name)
	if base == "" {
		base = fmt.Sprint("field_", f.ID)
	}
	key := base
	for n := 2; taken(key); n++ {
		key = fmt.Sprint(base, "_", n)
	}
	return key
}

// MessageFields implements [message.Fields].
func (s *Service) MessageFields(ctx context.Context, workspaceID int64) ([]message.Field, error) {
	fields, err := s.store.Fields(ctx, workspaceID)
	out := make([]message.Field, len(fields))
	for i, f := range fields {
		out[i] = message.Field{ID: f.ID, Key: f.Key, Type: message.FieldType(f.Type), Name: f.Name}
	}
	return out, err
}
