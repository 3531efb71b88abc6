package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// A search finds the same contacts, in the same pages, whether they are common or rare,
// among the newest or the oldest, and by whatever they are called.
func TestSearchFindsEverybody(t *testing.T) {
	t.Parallel()
	const people = 5000
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		// Those who are old are called Quinn, every third new one Anna, every 400th
		// Zoe; those with an odd number have a phone, and those with an even one an email.
		nameOf := func(i int) string {
			switch {
			case i <= 2000:
				return "quinn"
			case i%400 == 0:
				return "zoe"
			case i%3 == 0:
				return "anna"
			}
			return ""
		}
		store.ExecForTest(t, s, fmt.Sprintf(`
			INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email_key, first_key, last_key, created_at, updated_at, deleted_at)
			WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT i, 1, 'e' || i, CASE WHEN i %% 2 = 1 THEN '+38' || i END, CASE WHEN i %% 2 = 0 THEN 'm' || i END,
				CASE WHEN i <= 2000 THEN 'quinn' WHEN i %% 400 = 0 THEN 'zoe' WHEN i %% 3 = 0 THEN 'anna' ELSE '' END,
				CASE WHEN i %% 5 = 0 THEN 'lee' ELSE '' END, 1, 1, CASE WHEN i %% 7 = 0 THEN 1 ELSE 0 END FROM n`, people))
		store.ExecForTest(t, s, identitiesOfAll)
		svc := contact.New(s.Contacts, now)
		for _, text := range []string{"q", "a", "z", "e", "e49", "e4999", "+38", "+3849", "m", "m12", "l", "lee z", "anna lee", "nobody"} {
			var want []int64
			for i := people; i > 0; i-- {
				first, last := nameOf(i), ""
				if i%5 == 0 {
					last = "lee"
				}
				a, b, two := strings.Cut(text, " ")
				begins := func(value, with string) bool { return value != "" && strings.HasPrefix(value, with) }
				found := begins(fmt.Sprint("e", i), text) || i%2 == 0 && begins(fmt.Sprint("m", i), text) ||
					i%2 == 1 && begins(fmt.Sprint("+38", i), text)
				if two {
					found = found || begins(first, a) && begins(last, b) || begins(first, b) && begins(last, a)
				} else {
					found = found || begins(first, text) || begins(last, text)
				}
				if found && i%7 != 0 {
					want = append(want, int64(i))
				}
			}
			var got []int64
			for before := int64(1 << 53); ; {
				q, after := contact.Query{Search: text}, &contact.Position{ID: before}
				page, _, err := svc.Find(t.Context(), workspace.Workspace{ID: 1}, q, contact.NewestFirst, after, 40)
				require.NoError(t, err)
				for _, c := range page.Contacts {
					got = append(got, c.ID)
				}
				if len(page.Contacts) < 40 || len(got) > 3*40 {
					break
				}
				before = got[len(got)-1]
			}
			require.Equal(t, want[:min(len(got), len(want))], slices.Clip(got), text)
			require.GreaterOrEqual(t, len(got), min(len(want), 3*40), text)
		}
	})
}
