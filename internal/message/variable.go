package message

import "context"

// Variable is a value that a message can have in it.
type Variable struct {
	// Name is how it is written: "contact.firstName", "contact.fields.city".
	Name string
	Type FieldType
	// Field is the name of the custom field that it is, empty for another value, and
	// FieldID its id.
	Field   string
	FieldID int64
}

// Variables returns the values that messages of the workspace can have in them, for
// people who choose: those of every contact, then the custom fields in the order of
// their ids. What comes with triggered sends is not among them.
func (s *Service) Variables(ctx context.Context, workspaceID int64) ([]Variable, error) {
	var all []Variable
	for _, name := range contactFields {
		v := Variable{Name: "contact." + name, Type: TextField}
		if name == "id" {
			v.Type = NumberField
		}
		all = append(all, v)
	}
	if s.fields == nil {
		return all, nil
	}
	fields, err := s.fields.MessageFields(ctx, workspaceID)
	for _, f := range fields {
		all = append(all, Variable{customFields + "." + f.Key, f.Type, f.Name, f.ID})
	}
	return all, err
}
