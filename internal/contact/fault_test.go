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

// away is a store that cannot tell which fields there are.
type away struct{ contact.Store }

func (away) Fields(context.Context, int64) ([]contact.Field, error) { return nil, errAway }

// An import that could not look is not one that had nothing to do.
func TestImportTellsThatItCouldNotLook(t *testing.T) {
	t.Parallel()
	svc := contact.New(away{}, clock())
	o := contact.ImportOptions{DedupeOn: contact.OnEmail}
	_, err := svc.Import(t.Context(), workspace.Workspace{ID: 1}, []contact.Profile{who("", "", "a@x.ua")}, o)
	require.ErrorIs(t, err, errAway)
	require.ErrorIs(t, svc.Check(t.Context(), 1, o), errAway)
}
