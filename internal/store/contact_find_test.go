package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// crowdSize is more than two blocks.
const crowdSize = 2500

// crowdRows make contacts of whom everything follows from their number, which is their
// id, so that another program can say who matches.
var crowdRows = []string{`
	INSERT INTO contacts (id, workspace_id, external_customer_id, first_name, first_key, language_code, created_at, updated_at, deleted_at)
	{n} SELECT i, 1, 'e' || i, CASE WHEN i % 3 = 0 THEN 'Anna' ELSE '' END, CASE WHEN i % 3 = 0 THEN 'anna' ELSE '' END,
		CASE i % 4 WHEN 0 THEN 'uk' WHEN 1 THEN 'en' ELSE '' END, i * 1000, (i * 7919) % 500, CASE WHEN i % 11 = 0 THEN 1 ELSE 0 END FROM n`,
	identitiesOfAll, `
	INSERT INTO contact_blocks (workspace_id, block, living)
	SELECT 1, id >> 10, COUNT(*) FROM contacts WHERE deleted_at = 0 GROUP BY id >> 10`, `
	INSERT INTO fields (id, workspace_id, name, name_key, key, type, created_at)
	VALUES (1, 1, 'n', 'n', 'n', 'number', 1), (2, 1, 't', 't', 't', 'text', 1)`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key, num) SELECT id, 1, '' || (id % 100), '' || (id % 100), id % 100
	FROM contacts WHERE id % 5 <> 0`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key) SELECT id, 2, 'v' || (id % 300), 'v' || (id % 300)
	FROM contacts WHERE id % 2 = 0`, `
	INSERT INTO groups (id, workspace_id, name, name_key, created_at) VALUES (1, 1, 'g', 'g', 1), (2, 1, 'h', 'h', 1), (3, 1, 'i', 'i', 1)`, `
	INSERT INTO members (group_id, contact_id) SELECT 1, id FROM contacts WHERE id % 3 = 0 AND deleted_at = 0`, `
	INSERT INTO members (group_id, contact_id) SELECT 2, id FROM contacts WHERE id > 2490 AND deleted_at = 0`, `
	INSERT INTO member_blocks (group_id, block, members)
	SELECT group_id, contact_id >> 10, COUNT(*) FROM members GROUP BY group_id, contact_id >> 10`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at, muted_until, inactive)
	SELECT {bot}, id, id, 1, CASE WHEN id % 10 = 3 THEN {later} ELSE 0 END, id % 10 = 1 FROM contacts WHERE id % 2 = 1 AND deleted_at = 0`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at)
	SELECT {bot} + 1, id, id, 1 FROM contacts WHERE id % 250 = 3 AND deleted_at = 0`, `
	UPDATE bots SET subscribers = (SELECT COUNT(*) FROM chats WHERE bot_id = bots.id)`, `
	INSERT INTO stats (workspace_id, quarter, bot_id, kind, message_id, what, reason, n)
	SELECT 1, 0, id, '', 0, 'subscribed', '', subscribers FROM bots`,
}

// fill runs statements, in which {n} stands for a list of numbers from 1.
func fill(t testing.TB, s *store.DB, rows []string, botID int64, n int) {
	t.Helper()
	words := strings.NewReplacer("{bot}", fmt.Sprint(botID), "{later}", fmt.Sprint(start.Add(time.Hour).UnixMilli()),
		"{n}", fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, n))
	for _, row := range rows {
		store.ExecForTest(t, s, words.Replace(row))
	}
}

// matches says who of them matches, without a database.
func matches(q contact.Query, i, botID int64) bool {
	if i%11 == 0 {
		return false
	}
	external, first := fmt.Sprint("e", i), ""
	if i%3 == 0 {
		first = "anna"
	}
	text := strings.ToLower(q.Search)
	if text != "" && !strings.HasPrefix(external, text) && (first == "" || !strings.HasPrefix(first, text)) {
		return false
	}
	if len(q.Languages) > 0 && !slices.Contains(q.Languages, []string{"uk", "en", "", ""}[i%4]) {
		return false
	}
	in := map[int64]bool{1: i%3 == 0, 2: i > 2490}
	if len(q.GroupIDs) > 0 && !slices.ContainsFunc(q.GroupIDs, func(id int64) bool { return in[id] }) {
		return false
	}
	for _, a := range q.Lacks {
		if (map[contact.Lack]bool{"externalCustomerId": true, "firstName": first != "", "languageCode": i%4 < 2})[a] {
			return false
		}
	}
	at := time.UnixMilli(i * 1000)
	if !q.CreatedFrom.IsZero() && at.Before(q.CreatedFrom) || !q.CreatedTo.IsZero() && !at.Before(q.CreatedTo) {
		return false
	}
	return hasValue(q.Field, i) && hasChat(q, i, botID)
}

func hasValue(f contact.FieldTest, i int64) bool {
	value := map[int64]string{}
	if i%5 != 0 {
		value[1] = fmt.Sprint(i % 100)
	}
	if i%2 == 0 {
		value[2] = fmt.Sprint("v", i%300)
	}
	v, has := value[f.ID]
	number := func(s string) (n int64) {
		_, _ = fmt.Sscan(s, &n)
		return n
	}
	switch {
	case f.ID == 0:
		return true
	case f.Op == contact.FieldUnset:
		return !has
	case f.Op == contact.FieldSet:
		return has
	case f.Op == contact.FieldEquals:
		return has && v == f.Value
	case f.Op == contact.FieldAtLeast:
		return has && number(v) >= number(f.Value)
	}
	return has && number(v) <= number(f.Value)
}

func hasChat(q contact.Query, i, botID int64) bool {
	states := map[int64]contact.ChatState{}
	if i%2 == 1 {
		states[botID] = contact.ChatActive
		switch i % 10 {
		case 3:
			states[botID] = contact.ChatMuted
		case 1:
			states[botID] = contact.ChatInactive
		}
	}
	if i%250 == 3 {
		states[botID+1] = contact.ChatActive
	}
	if q.BotID == 0 && q.Chat == "" {
		return true
	}
	has := false
	for bot, state := range states {
		if q.BotID == 0 || q.BotID == bot {
			has = has || q.Chat == "" || q.Chat == contact.NoChat || q.Chat == state
		}
	}
	return has != (q.Chat == contact.NoChat)
}

// conditions are what a query may ask.
func conditions(botID int64) (all []func(*contact.Query)) {
	add := func(condition func(*contact.Query)) { all = append(all, condition) }
	for _, text := range []string{"a", "e", "e1", "e24", "e777", "Anna", "nobody"} {
		add(func(q *contact.Query) { q.Search = text })
	}
	for _, ids := range [][]int64{{1}, {2}, {3}, {1, 2}, {77}} {
		add(func(q *contact.Query) { q.GroupIDs = ids })
	}
	for _, id := range []int64{botID, botID + 1, botID + 2} {
		add(func(q *contact.Query) { q.BotID = id })
	}
	for _, state := range []contact.ChatState{contact.ChatActive, contact.ChatMuted, contact.ChatInactive, contact.NoChat} {
		add(func(q *contact.Query) { q.Chat = state })
	}
	for _, codes := range [][]string{{"uk"}, {"uk", "en"}, {"fr"}} {
		add(func(q *contact.Query) { q.Languages = codes })
	}
	for _, f := range []contact.FieldTest{
		{ID: 1, Op: contact.FieldEquals, Value: "7"}, {ID: 1, Op: contact.FieldAtLeast, Value: "98"},
		{ID: 1, Op: contact.FieldAtMost, Value: "1"},
		{ID: 1, Op: contact.FieldAtLeast, Value: "20"}, {ID: 1, Op: contact.FieldUnset}, {ID: 2, Op: contact.FieldSet},
		{ID: 2, Op: contact.FieldEquals, Value: "v8"}, {ID: 2, Op: contact.FieldEquals, Value: "V8"},
	} {
		add(func(q *contact.Query) { q.Field = f })
	}
	for _, lacks := range [][]contact.Lack{
		{"externalCustomerId"}, {"phone", "email"}, {"firstName"}, {"lastName"}, {"firstName", "languageCode"}, {"timeZone"},
	} {
		add(func(q *contact.Query) { q.Lacks = lacks })
	}
	for _, at := range []int64{0, 1_000_000, 2_499_000, 2_500_000} {
		add(func(q *contact.Query) { q.CreatedFrom = time.UnixMilli(at) })
		add(func(q *contact.Query) { q.CreatedTo = time.UnixMilli(at) })
	}
	return all
}

// Whatever is asked, in any order and in pages of any size, everybody who matches is
// found once, and nobody else, however little each call looks at; and as many are counted.
func TestFindIsAPlainFilter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 5)
		require.Equal(t, botID+1, connect(t, s, 6))
		fill(t, s, crowdRows, botID, crowdSize)
		usual, near := contact.New(s.Contacts, now), contact.New(store.NearForTest(s.Contacts), now)
		space, asked := workspace.Workspace{ID: 1}, conditions(botID)
		for _, condition := range asked {
			var q contact.Query
			condition(&q)
			for _, svc := range []*contact.Service{usual, near} {
				for _, o := range []contact.Order{{}, {Descending: true}, {ByUpdate: true}, {ByUpdate: true, Descending: true}} {
					checkFound(t, svc, q, o, 50, botID)
				}
			}
		}
		rapid.Check(t, func(rt *rapid.T) {
			var q contact.Query
			for range rapid.IntRange(0, 4).Draw(rt, "conditions") {
				asked[rapid.IntRange(0, len(asked)-1).Draw(rt, "condition")](&q)
			}
			o := contact.Order{ByUpdate: rapid.Bool().Draw(rt, "by update"), Descending: rapid.Bool().Draw(rt, "descending")}
			svc := rapid.SampledFrom([]*contact.Service{usual, near}).Draw(rt, "service")
			checkFound(rt, svc, q, o, rapid.SampledFrom([]int{1, 7, 50, 500}).Draw(rt, "limit"), botID)
		})
		for name, q := range map[string]contact.Query{
			"field_unknown":       {Field: contact.FieldTest{ID: 3, Op: contact.FieldSet}},
			"field_op_invalid":    {Field: contact.FieldTest{ID: 2, Op: contact.FieldAtLeast, Value: "1"}},
			"lack_unknown":        {Lacks: []contact.Lack{"shoeSize"}},
			"field_value_invalid": {Field: contact.FieldTest{ID: 1, Op: contact.FieldEquals, Value: "much"}},
		} {
			_, _, err := usual.Find(t.Context(), space, q, contact.NewestFirst, nil, 1)
			require.True(t, fault.Is(err, name), "%s: %v", name, err)
		}
		// Another workspace has none of them, whatever it asks for.
		for _, q := range []contact.Query{{GroupIDs: []int64{1}}, {BotID: botID}, {Search: "e"}, {Chat: contact.ChatActive}, {}} {
			page, _, err := usual.Find(t.Context(), workspace.Workspace{ID: 2}, q, contact.NewestFirst, nil, 10)
			require.NoError(t, err)
			require.Empty(t, page.Contacts)
			n, err := usual.Count(t.Context(), workspace.Workspace{ID: 2}, q)
			require.NoError(t, err)
			require.Zero(t, n)
		}
	})
}

// checkFound walks over the first pages of a list, and counts it.
func checkFound(t require.TestingT, svc *contact.Service, q contact.Query, o contact.Order, limit int, botID int64) {
	ctx, space := context.Background(), workspace.Workspace{ID: 1}
	var want, got []int64
	for i := int64(1); i <= crowdSize; i++ {
		if matches(q, i, botID) {
			want = append(want, i)
		}
	}
	n, err := svc.Count(ctx, space, q)
	require.NoError(t, err)
	require.LessOrEqual(t, n.N, int64(crowdSize))
	if !n.About {
		require.EqualValues(t, len(want), n.N, q)
	}
	slices.SortFunc(want, func(a, b int64) int {
		order := cmp.Compare(a, b)
		if o.ByUpdate {
			order = cmp.Or(cmp.Compare(a*7919%500, b*7919%500), order)
		}
		if o.Descending {
			order = -order
		}
		return order
	})
	whole := len(want) <= 6*limit
	want = want[:min(len(want), 6*limit)]
	for after := (*contact.Position)(nil); whole || len(got) < len(want); {
		page, next, err := svc.Find(ctx, space, q, o, after, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Contacts), limit)
		for _, c := range page.Contacts {
			got = append(got, c.ID)
			require.Len(t, page.Chats[c.ID], chatsOf(c.ID))
		}
		if after = next; next == nil {
			break
		}
	}
	require.Equal(t, want, got[:min(len(got), len(want))], q)
	require.True(t, !whole || len(got) == len(want), q)
}

func chatsOf(i int64) int {
	n := int(i % 2)
	if i%250 == 3 {
		n++
	}
	return n
}
