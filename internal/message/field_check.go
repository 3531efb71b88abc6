package message

import (
	"cmp"
	"context"
	"slices"

	"bellman/internal/fault"
	"bellman/internal/message/liquid"
	"bellman/internal/spelling"
)

// fieldLookup finds the custom fields that content speaks of. They are read when the
// first is met: most content speaks of none.
type fieldLookup struct {
	read  func() ([]Field, error)
	asked bool
	known []Field
	err   error
	// used are those that were found.
	used []Field
}

func (s *Service) lookup(ctx context.Context, workspaceID int64) *fieldLookup {
	return &fieldLookup{read: func() ([]Field, error) {
		if s.fields == nil {
			return nil, nil
		}
		return s.fields.MessageFields(ctx, workspaceID)
	}}
}

// find looks for the field that a name in a message means.
func (l *fieldLookup) find(name string) bool {
	if !l.asked {
		l.asked = true
		l.known, l.err = l.read()
	}
	f, found := fieldOf(l.known, name)
	if found && !slices.Contains(l.used, f) {
		l.used = append(l.used, f)
	}
	return found || l.err != nil
}

// meant is a question for an author who wrote a name that no field has.
func (l *fieldLookup) meant(name string) string {
	keys := make([]string, len(l.known))
	for i, f := range l.known {
		keys[i] = f.Key
	}
	if near := spelling.Nearest(FieldKey(name), keys); near != "" {
		return "did you mean " + customFields + "." + near + "?"
	}
	return "GET /manage/v1/messages/variables lists those that there are"
}

// custom finds fault with the custom fields in a source that the workspace does not
// have.
func (k *checker) custom(field string, t *liquid.Template) {
	if k.fields == nil {
		return
	}
	for _, n := range t.Named {
		if !k.fields.find(n.Name) {
			k.add(fault.Flawf(n.At, "liquid_variable_unknown", "there is no custom field %s; %s",
				fault.Snippet(n.Name), k.fields.meant(n.Name)).In(field, t.Source))
		}
	}
}

// inspectText checks content of the workspace but for its files, and notes in it the
// custom fields that it speaks of.
func (s *Service) inspectText(ctx context.Context, workspaceID int64, c *Content, k checker) ([]*fault.Error, error) {
	k.fields = s.lookup(ctx, workspaceID)
	faults := c.faults(k)
	c.Fields = k.fields.used
	slices.SortFunc(c.Fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	return faults, k.fields.err
}
