package api_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // opens the file beside the store

	"bellman/internal/access"
	"bellman/internal/api/apitest"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// values returns every value of every table of a SQLite file, as texts.
func values(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	all := map[string][]string{}
	for _, table := range texts(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		all[table] = texts(t, db, `SELECT * FROM "`+table+`"`)
	}
	return all
}

// texts returns every value of the rows of a query.
func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(t, rows.Scan(into...))
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			all = append(all, fmt.Sprint(v))
		}
	}
	require.NoError(t, rows.Err())
	return all
}

// Whoever steals the database can use nothing of what opens something: it is there as a
// hash, or sealed.
func TestSecretsAreNotReadInTheDatabase(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	in := furnished(t, storetest.Open(t, path))
	owner := in.Own(t)
	office := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(office.Close)
	secrets := map[string]string{"the bot's token": "AAgood", "a password": apitest.Password, "a webhook's password": "open the office"}
	in.Connect(t)
	call := func(path, body, field string) string {
		t.Helper()
		w := owner.Call(http.MethodPost, "/manage/v1"+path, body)
		require.Less(t, w.Code, 300, w.Body)
		if field == "" {
			return ""
		}
		return apitest.Field[string](t, w, field)
	}
	secrets["a key"] = call("/keys", `{"name":"k","scope":"full"}`, "secret")
	secrets["a rotated key"] = call("/keys/2/rotate", `{"overlapHours":5}`, "secret")
	_, secrets["an invitation"], _ = strings.Cut(call("/invitations", `{"email":"p@x.test","role":"writer"}`, "link"), "#")
	writer := in.Join(t, workspace.Default, access.Writer)
	_, secrets["a link for a password"], _ = strings.Cut(call("/users/2/reset", "", "link"), "#")
	secrets["an authenticator's secret"] = call("/me/authenticator", "", "secret")
	const hook = `{"name":"w","url":%q,"login":"me","password":"open the office","statuses":["UNDELIVERED"]}`
	call("/webhooks", fmt.Sprintf(hook, office.URL), "")
	secrets["a webhook's secret"] = call("/webhooks/1/secret", "", "secret")
	secrets["a session"], secrets["another session"] = owner.Cookies["bellman"], writer.Cookies["bellman"]

	all := values(t, path)
	for _, table := range []string{"bots", "api_keys", "links", "users", "sessions", "webhooks"} {
		require.NotEmpty(t, all[table], table)
	}
	for what, secret := range secrets {
		require.GreaterOrEqual(t, len(secret), 6, what)
		for table, texts := range all {
			for _, text := range texts {
				require.NotContains(t, text, secret, "%s in %s", what, table)
			}
		}
		require.NotContains(t, in.Log.String(), secret, "%s in the log", what)
	}
}
