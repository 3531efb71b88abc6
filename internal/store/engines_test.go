package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// One SQL text serves both engines: only the dialect files and the overlays may name
// one, and nothing else may distinguish them by whether writers and readers share
// their connections. Each difference is a member of dialect, with its reason.
func TestOnlyTheDialectNamesAnEngine(t *testing.T) {
	t.Parallel()
	engine := regexp.MustCompile(`(?i)sqlite|postgres|pgx`)
	handles := regexp.MustCompile(`\.(read|write)\s*[!=]=|[!=]=\s*\w+\.(read|write)\b`)
	require.Regexp(t, handles, "if s.read == s.write {")
	comment := regexp.MustCompile(`(?m)(//|--).*$`)
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	migrations, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, migrations)
	for _, name := range append(names, migrations...) {
		if strings.HasPrefix(name, "dialect") || strings.HasSuffix(name, "_test.go") || strings.Count(filepath.Base(name), ".") > 1 {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		code := comment.ReplaceAllString(string(text), "")
		require.NotRegexp(t, engine, code, name)
		require.NotRegexp(t, handles, code, name)
	}
}

func TestOpenTwiceKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s, err := store.Open(t.Context(), address)
		require.NoError(t, err)
		one := seal.RandomSecret()
		ring, err := openRing(t.Context(), s, one)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		s = storetest.Open(t, address)
		again, err := openRing(t.Context(), s, one)
		require.NoError(t, err)
		plain, err := again.Unseal(ring.Seal("token", 5), 5)
		require.NoError(t, err)
		require.Equal(t, "token", plain)
		_, err = openRing(t.Context(), s, seal.RandomSecret())
		require.ErrorIs(t, err, seal.ErrOtherSecret)
	})
}

func TestACommandBesideTheServerChangesNoSchema(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		driver := "sqlite"
		if store.IsPostgres(address) {
			driver = "pgx"
		}
		_, err := store.OpenExisting(t.Context(), address)
		require.ErrorIs(t, err, store.ErrNoInstallation)
		_, err = store.OpenExisting(t.Context(), address)
		require.ErrorIs(t, err, store.ErrNoInstallation, "the first call has made nothing")
		s, err := store.Open(t.Context(), address)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		s, err = store.OpenExisting(t.Context(), address)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		db, err := sql.Open(driver, address)
		require.NoError(t, err)
		for _, c := range []struct{ change, says string }{
			{`DELETE FROM schema_versions WHERE version = (SELECT MAX(version) FROM schema_versions)`, "start bellman serve of this version first"},
			{`INSERT INTO schema_versions (version) VALUES (9999)`, "use a newer program"},
		} {
			_, err = db.ExecContext(t.Context(), c.change)
			require.NoError(t, err)
			_, err = store.OpenExisting(t.Context(), address)
			require.ErrorContains(t, err, c.says)
		}
		require.NoError(t, db.Close())
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		s, err := store.Open(t.Context(), address)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		driver := "sqlite"
		if store.IsPostgres(address) {
			driver = "pgx"
		}
		db, err := sql.Open(driver, address)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), `INSERT INTO schema_versions (version) VALUES (9999)`)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		_, err = store.Open(t.Context(), address)
		require.ErrorContains(t, err, "use a newer program")
	})
}
