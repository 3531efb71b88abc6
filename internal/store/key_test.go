package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

func TestKeysAreListedAndRevoked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		made := time.UnixMilli(1_700_000_000_000).UTC()
		keys := access.NewKeys(s.Keys, func() time.Time { return made }, nil)
		first, err := keys.CreateKey(t.Context(), workspace.Default, "shop", access.ScopeFull)
		require.NoError(t, err)
		second, err := keys.CreateKey(t.Context(), workspace.Default, "crm", access.ScopeContacts)
		require.NoError(t, err)
		all, err := keys.Keys(t.Context(), workspace.Default)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Equal(t, "shop", all[0].Name)
		require.Equal(t, access.ScopeContacts, all[1].Scope)
		require.Equal(t, made, all[1].CreatedAt)

		revoked, err := keys.RevokeKey(t.Context(), workspace.Default, all[0].ID)
		require.NoError(t, err)
		require.Equal(t, all[0], revoked)
		_, err = keys.Authenticate(t.Context(), first, 0)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err))
		_, err = keys.Authenticate(t.Context(), second, 0)
		require.NoError(t, err)
		for _, c := range []struct{ workspace, id int64 }{{workspace.Default, all[0].ID}, {workspace.Default + 1, all[1].ID}} {
			_, err = keys.RevokeKey(t.Context(), c.workspace, c.id)
			require.Equal(t, fault.NotFound, fault.KindOf(err), "%+v", c)
		}
		left, err := keys.Keys(t.Context(), workspace.Default)
		require.NoError(t, err)
		require.Equal(t, all[1:], left)
	})
}
