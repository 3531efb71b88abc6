//go:build !race

package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Each table of the schema lies in one way, by a column that it has.
func TestClusterHasEachTableInOneWay(t *testing.T) {
	t.Parallel()
	columns := store.ColumnsForTest(t, storetest.Open(t, storetest.SQLite(t)))
	delete(columns, "counters") // of one engine alone, which is no cluster
	for table, names := range columns {
		lying := store.LyingForTest(table)
		require.Len(t, lying, 1, "%s: add it to cluster.go", table)
		if lying[0].Family != "" {
			require.Contains(t, names, lying[0].Column, table)
		}
	}
	for _, m := range regexp.MustCompile(`create_\w+_table\('(\w+)'`).FindAllStringSubmatch(store.ClusterSQL(), -1) {
		require.Contains(t, columns, m[1], "there is no such table")
	}
}

// What must be unique in a table that is divided contains what divides it; no cluster
// divides it otherwise.
func TestClusterTakesUniqueIndexes(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, pgtest.Schema(t))
	for _, i := range store.UniqueIndexesForTest(t, s) {
		lying := store.LyingForTest(i.Table)
		require.Len(t, lying, 1, i.Table)
		if lying[0].Family != "" {
			require.Contains(t, i.Columns, lying[0].Column, "%s of %s", i.Name, i.Table)
		}
	}
}

// exceptions are parts of statements that a cluster does not run, with the reason for
// which they are as they are. docs/scaling.md tells operators.
var exceptions = map[string]string{
	`EXISTS (SELECT 1 FROM members x WHERE x.contact_id = c.contact_id`: "layout to groups: the members are looked up for each chat; " +
		"to read them all for each chunk would cost one machine more",
	`contacts p CROSS JOIN chats c`:                       "the check of values that are missing, on SQLite",
	`chats c LEFT JOIN contacts p ON p.id = c.contact_id`: "the check of values that are missing counts chats and contacts together",
}

// A sharded cluster runs every statement of the store. What cannot be seen in plans on
// one machine is seen in the statements.
func TestClusterRunsEveryStatement(t *testing.T) {
	t.Parallel()
	ran, columns := allStatements(t)
	needed := map[string]bool{}
	for _, statement := range slices.Sorted(maps.Keys(ran)) {
		violations := violationsOf(t, columns, statement)
		if len(violations) == 0 {
			continue
		}
		excepted := false
		for part := range exceptions {
			if strings.Contains(flat(statement), part) {
				needed[part], excepted = true, true
			}
		}
		if !excepted {
			t.Errorf("%s:\n%s", strings.Join(violations, "; "), statement)
		}
	}
	for part := range exceptions {
		require.True(t, needed[part], "this exception is not needed any more: %s", part)
	}
	noneMissed(t, ran)
}

// unseen are files whose SQL is run at the start alone, before calls, or on other
// connections.
var unseen = []string{
	"cluster.go", "contact_field_key.go", "contact_names.go", "dialect_postgres_fit.go", "dialect_postgres_listen.go", "migrate.go",
}

// askedAtStart are parts of what dialects ask at the start alone.
var askedAtStart = []string{"FROM sqlite_master", "FROM pg_index"}

// noneMissed makes sure that every piece of SQL in the source is part of a statement
// that was judged.
func noneMissed(t *testing.T, ran map[string]bool) {
	t.Helper()
	var all strings.Builder
	for statement := range ran {
		all.WriteString(flat(statement) + "\n")
	}
	seen := all.String()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	pieces := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains(unseen, file) {
			continue
		}
		for _, piece := range sqlIn(t, file) {
			pieces++
			atStart := slices.ContainsFunc(askedAtStart, func(part string) bool { return strings.Contains(piece, part) })
			if !strings.Contains(seen, piece) && !atStart {
				t.Errorf("%s: no call in calls_test.go or cluster_calls_test.go runs this:\n%s", file, piece)
			}
		}
	}
	require.Greater(t, pieces, 300)
}

var (
	// keyword tells SQL from other texts.
	keyword = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN|WHERE)\b`)
	// hole is where something is put into a text.
	hole = regexp.MustCompile(`\{\w+\}|%[a-z]`)
)

// sqlIn returns the pieces of SQL in the texts of a file.
func sqlIn(t *testing.T, file string) (pieces []string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	ast.Inspect(tree, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)
		for _, piece := range hole.Split(text, -1) {
			if keyword.MatchString(piece) {
				pieces = append(pieces, flat(piece))
			}
		}
		return true
	})
	return pieces
}

// flat returns a text with single spaces.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// allStatements runs the calls on both engines and returns what they ran, and the
// columns of the tables.
func allStatements(t *testing.T) (ran map[string]bool, columns map[string][]string) {
	t.Helper()
	ran = map[string]bool{}
	for _, address := range []string{storetest.SQLite(t), pgtest.Schema(t)} {
		r := &recorder{}
		w := newTown(t, address, r)
		columns = store.ColumnsForTest(t, w.DB)
		for _, a := range r.during(func() {
			for _, c := range calls {
				c.run(t, w, 2)
			}
			otherCalls(t, w)
		}) {
			ran[a.query] = true
		}
	}
	return ran, columns
}

// The judge refuses what a cluster refuses, and no more.
func TestClusterJudge(t *testing.T) {
	t.Parallel()
	columns := store.ColumnsForTest(t, storetest.Open(t, storetest.SQLite(t)))
	const rows = `(SELECT (e->>0)::bigint AS campaign_id, (e->>1)::bigint AS chat_id FROM jsonb_array_elements($1::jsonb) AS e) AS v`
	for name, tt := range map[string]struct{ statement, says string }{
		"a join of two families": {
			`SELECT 1 FROM recipients r JOIN chats c ON c.chat_id = r.chat_id`, "c are of two families|r are of two families"},
		"a join of a family by another column": {
			`SELECT 1 FROM recipients r JOIN outcomes o ON o.seq = r.seq`, "not joined by what divides them"},
		"the same without a condition": {`SELECT 1 FROM recipients r, outcomes o`, "not joined by what divides them"},
		"a join by what divides them": {
			`SELECT 1 FROM recipients r JOIN outcomes o ON o.seq = r.seq AND o.campaign_id = r.campaign_id`, ""},
		"a join by the same value": {
			`SELECT 1 FROM recipients r CROSS JOIN outcomes o WHERE o.campaign_id = $1 AND r.campaign_id = $1`, ""},
		"a join by way of rows": {`SELECT 1 FROM ` + rows + ` JOIN recipients r ON r.campaign_id = v.campaign_id
			LEFT JOIN outcomes o ON o.campaign_id = v.campaign_id AND o.seq = r.seq`, ""},
		"a join with a small table": {`SELECT 1 FROM recipients r JOIN campaigns c ON c.id = r.campaign_id`, ""},
		"a join with what another family selects": {
			`SELECT 1 FROM (SELECT chat_id FROM recipients WHERE campaign_id = $1) AS r CROSS JOIN chats c WHERE c.chat_id = r.chat_id`, ""},
		"a subquery that refers to a small table": {
			`SELECT (SELECT MIN(d.due_at) FROM deferred d WHERE d.campaign_id = c.id) FROM campaigns c`, "refers to c around it"},
		"the same without its name": {
			`SELECT id FROM campaigns WHERE EXISTS (SELECT 1 FROM clicks WHERE clicks.campaign_id = launched_at)`, "refers to campaigns around it"},
		"a subquery further in": {`SELECT (SELECT 1 FROM campaigns x WHERE x.id IN (SELECT campaign_id FROM deferred WHERE seq = c.id))
			FROM campaigns c`, "refers to c around it"},
		"a subquery about each chat": {
			`SELECT 1 FROM chats c WHERE EXISTS (SELECT 1 FROM members m WHERE m.contact_id = c.contact_id)`, "refers to c around it"},
		"a subquery within the family": {`SELECT 1 FROM recipients r WHERE NOT EXISTS (
			SELECT 1 FROM outcomes o WHERE o.campaign_id = r.campaign_id AND o.seq = r.seq)`, ""},
		"a subquery within the family by another column": {`SELECT 1 FROM recipients r WHERE NOT EXISTS (
			SELECT 1 FROM outcomes o WHERE o.seq = r.seq)`, "refers to r around it"},
		"a subquery of small tables": {`UPDATE deferred SET lost = TRUE WHERE EXISTS (
			SELECT 1 FROM campaigns c WHERE c.id = deferred.campaign_id)`, ""},
		"a subquery of rows that refers to a divided table": {
			`SELECT 1 FROM chats c WHERE EXISTS (SELECT 1 FROM ` + rows + ` WHERE v.chat_id = c.chat_id)`, "refers to c around it"},
		"a subquery that refers to nothing": {`SELECT 1 FROM chats WHERE contact_id IN (SELECT contact_id FROM members WHERE group_id = 1)`, ""},
		"small tables among themselves": {
			`SELECT 1 FROM campaigns c WHERE laid_seq = (SELECT sent FROM ledgers l WHERE l.campaign_id = c.id)`, ""},
		"a recursion": {`WITH RECURSIVE p (seq) AS (SELECT CAST(1 AS BIGINT) UNION ALL
			SELECT r.seq + 1 FROM p JOIN recipients r ON r.seq = p.seq) SELECT seq FROM p`, "recurs"},
		"an outer join to a divided table": {
			`SELECT 1 FROM ` + rows + ` LEFT JOIN outcomes o ON o.campaign_id = v.campaign_id`, "outer join"},
		"an outer join from a divided table": {`SELECT 1 FROM recipients r LEFT JOIN campaigns c ON c.id = r.campaign_id`, ""},
		"a full join":                        {`SELECT 1 FROM recipients r FULL JOIN campaigns c ON c.id = r.campaign_id`, "outer join"},
		"a change of what divides":           {`UPDATE chats SET chat_id = 1 WHERE bot_id = 2`, "is changed"},
		"a change on conflict": {`INSERT INTO chats (bot_id, chat_id, contact_id, created_at) VALUES (1, 2, 3, 4)
			ON CONFLICT (bot_id, chat_id) DO UPDATE SET chat_id = 5`, "is changed"},
		"a change of something else": {`UPDATE chats SET inactive = TRUE WHERE bot_id = 2`, ""},
		"a lock on many servers":     {`SELECT 1 FROM contacts WHERE id > $1 FOR UPDATE`, "locked on many servers"},
		"a lock on one":              {`SELECT 1 FROM contacts WHERE id = $1 FOR UPDATE`, ""},
		"what is at home":            {`SELECT 1 FROM chats WHERE bot_id IN (SELECT step FROM senders)`, "at home"},
		"an update by rows":          {`UPDATE chats SET inactive = TRUE FROM ` + rows + ` WHERE chats.chat_id = v.chat_id`, ""},
		"an update by another family": {
			`UPDATE chats SET inactive = TRUE FROM contacts c WHERE chats.contact_id = c.id`, "of two families"},
		"a deletion by another family": {`DELETE FROM chats USING contacts c WHERE chats.contact_id = c.id`, "of two families"},
		"rows written from another family": {
			`INSERT INTO recipients (campaign_id, seq, chat_id, contact_id) SELECT 1, 1, chat_id, contact_id FROM chats`, ""},
		"the second part of a union": {`SELECT 1 UNION SELECT 1 FROM recipients r, outcomes o`, "not joined by what divides them"},
		"what WITH names":            {`WITH x AS (SELECT 1 FROM recipients r, outcomes o) SELECT * FROM x`, "not joined by what divides them"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(violationsOf(t, columns, tt.statement), "; ")
			if tt.says == "" {
				require.Empty(t, got)
				return
			}
			require.Regexp(t, tt.says, got)
		})
	}
}

// docs/scaling.md says where each family lies.
func TestClusterIsDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/scaling.md")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`create_distributed_table\('(\w+)'`).FindAllStringSubmatch(store.ClusterSQL(), -1) {
		require.Contains(t, string(page), "`"+m[1]+"`")
	}
}
