package contact_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A field has a key by which messages speak of it: one that was chosen, or one made of
// its name. It stays when the field gets another name.
func TestFieldKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		create := func(key, name string) (contact.Field, error) {
			return b.svc.CreateField(t.Context(), 1, contact.Field{Key: key, Name: name, Type: contact.Text})
		}
		for _, tt := range []struct{ key, name, want string }{
			{"", "Місто", "місто"}, {"city", "Місто проживання", "city"}, {"", "City", "city_2"}, {"", "?!", ""},
		} {
			f, err := create(tt.key, tt.name)
			require.NoError(t, err, tt.name)
			if tt.want == "" {
				tt.want = fmt.Sprint("field_", f.ID)
			}
			require.Equal(t, tt.want, f.Key)
			renamed, err := b.svc.RenameField(t.Context(), 1, f.ID, "Now "+tt.name)
			require.NoError(t, err)
			require.Equal(t, tt.want, renamed.Key)
		}
		_, err := create("city", "Another")
		require.ErrorIs(t, err, contact.ErrFieldKeyTaken)
		_, err = create("Not a key", "Another")
		require.True(t, fault.Is(err, "field_key_invalid"), err)
		fields, err := b.svc.Fields(t.Context(), 1)
		require.NoError(t, err)
		known, err := b.svc.MessageFields(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, known, len(fields))
		for i, f := range fields {
			require.Equal(t, message.Field{ID: f.ID, Key: f.Key, Type: message.TextField, Name: f.Name}, known[i])
		}
	})
}
