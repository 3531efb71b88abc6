package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/audit"
	"bellman/internal/store"
)

// What commands change is told as done by who runs them, and the check sees what somebody
// does to that.
func TestCommandsAreAudited(t *testing.T) {
	t.Parallel()
	at := database{DB: filepath.Join(t.TempDir(), "bellman.db")}
	made, err := store.Open(t.Context(), at.DB)
	require.NoError(t, err)
	require.NoError(t, made.Close())
	check := &auditCheckCommand{at}
	require.NoError(t, check.Run())

	require.NoError(t, (&keyCreateCommand{database: at, Name: "shop", Workspace: 1, Scope: access.ScopeFull}).Run())
	require.NoError(t, (&userCreateCommand{database: at, Email: "o@example.com", Role: access.Writer, Workspace: 1}).Run())
	require.NoError(t, (&userResetPasswordCommand{database: at, Email: "o@example.com"}).Run())
	require.Error(t, (&userResetPasswordCommand{database: at, Email: "p@example.com"}).Run())
	require.NoError(t, (&keyRevokeCommand{database: at, Workspace: 1, ID: 1}).Run())
	require.Error(t, (&keyRevokeCommand{database: at, Workspace: 1, ID: 1}).Run())
	require.NoError(t, check.Run())

	db, err := store.OpenExisting(t.Context(), at.DB)
	require.NoError(t, err)
	lines, err := db.Audit.Chain(t.Context(), 0, 100)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	var told []string
	for _, e := range lines {
		require.Equal(t, audit.Actor{Kind: audit.Command, Name: account()}, e.Actor)
		require.NotEmpty(t, e.Actor.Name)
		told = append(told, fmt.Sprint(e.WorkspaceID, " ", e.Act, " ", e.Subject, " ", e.Outcome))
	}
	require.Equal(t, []string{
		"1 create-key keys/1 done", "1 create-user users/1 done", "0 make-reset-link users/1 done", "1 revoke-key keys/1 done",
	}, told)

	raw, err := sql.Open("sqlite", at.DB)
	require.NoError(t, err)
	_, err = raw.ExecContext(t.Context(), `DELETE FROM audit WHERE id = 2`)
	require.NoError(t, err)
	require.NoError(t, raw.Close())
	err = check.Run()
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "line 2 does not fit (it is missing); before it, 1 do")
}
