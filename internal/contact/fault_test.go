package contact_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/workspace"
)

var errAway = errors.New("the database is away")

// away is a store that fails to return the fields.
type away struct{ contact.Store }

func (away) Fields(context.Context, int64) ([]contact.Field, error) { return nil, errAway }

// An import that could not check returns an error, and not an empty result.
func TestImportTellsThatItCouldNotLook(t *testing.T) {
	t.Parallel()
	svc := contact.New(away{}, clock())
	o := contact.ImportOptions{DedupeOn: contact.OnEmail}
	_, err := svc.Import(t.Context(), workspace.Workspace{ID: 1}, []contact.Profile{who("", "", "a@x.ua")}, o)
	require.ErrorIs(t, err, errAway)
	require.ErrorIs(t, svc.Check(t.Context(), 1, o), errAway)
}

// chosen is a store of contacts that have chosen sets of categories.
type chosen struct {
	contact.Store
	sets map[string]int64
}

func (c chosen) Subscribed(context.Context, int64) (map[string]int64, error) {
	if c.sets == nil {
		return nil, errAway
	}
	return c.sets, nil
}

func TestCategoriesAreCounted(t *testing.T) {
	t.Parallel()
	sets := map[string]int64{`["b","a"]`: 2, `["b"]`: 3, `[]`: 9, `["c"]`: 1}
	svc := contact.New(chosen{sets: sets}, clock())
	got, err := svc.Categories(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, []contact.Category{{"a", 2}, {"b", 5}, {"c", 1}}, got)
	sets["?"] = 1
	_, err = svc.Categories(t.Context(), 1)
	require.ErrorContains(t, err, "categories")
	_, err = contact.New(chosen{}, clock()).Categories(t.Context(), 1)
	require.ErrorIs(t, err, errAway)
}
