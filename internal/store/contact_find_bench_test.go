package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// millionRows make a million contacts, two custom fields, groups that are large, old and
// small, and chats with a bot for all and one for few.
var millionRows = []string{`
	INSERT INTO contacts (id, workspace_id, external_customer_id, phone, email, email_key, first_name, last_name, first_key, last_key,
		language_code, created_at, updated_at)
	{n} SELECT i, 1, 'e' || i, '+38050' || (1000000 + i), 'p' || i || '@example.com', 'p' || i || '@example.com',
		CASE i % 10 WHEN 0 THEN 'Anna' ELSE 'Bohdan' END, 'Lee' || i, CASE i % 10 WHEN 0 THEN 'anna' ELSE 'bohdan' END,
		CASE WHEN i < 100000 THEN 'z' ELSE 'lee' END || i, CASE WHEN i % 3 = 0 THEN 'uk' ELSE 'en' END, i * 1000, i * 1000 FROM n`,
	identitiesOfAll, `
	INSERT INTO contact_blocks (workspace_id, block, living) SELECT 1, id >> 10, COUNT(*) FROM contacts GROUP BY id >> 10`, `
	INSERT INTO fields (id, workspace_id, name, name_key, key, type, created_at)
	VALUES (1, 1, 'n', 'n', 'n', 'number', 1), (2, 1, 't', 't', 't', 'text', 1)`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key, num)
	SELECT id, 1, '' || (id % 1000), '' || (id % 1000), id % 1000 FROM contacts`, `
	INSERT INTO contact_fields (contact_id, field_id, value, value_key) SELECT id, 2, 'v' || (id % 5), 'v' || (id % 5) FROM contacts`, `
	INSERT INTO groups (id, workspace_id, name, name_key, created_at) VALUES (1, 1, 'g', 'g', 1), (2, 1, 'h', 'h', 1), (3, 1, 'i', 'i', 1)`, `
	INSERT INTO members (group_id, contact_id) SELECT 1, id FROM contacts WHERE id % 2 = 0`, `
	INSERT INTO members (group_id, contact_id) SELECT 2, id FROM contacts WHERE id < 100000`, `
	INSERT INTO members (group_id, contact_id) SELECT 3, id FROM contacts WHERE id % 1000 = 0`, `
	INSERT INTO member_blocks (group_id, block, members)
	SELECT group_id, contact_id >> 10, COUNT(*) FROM members GROUP BY group_id, contact_id >> 10`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at, muted_until, inactive)
	SELECT {bot}, (id * 7919) % 1000003, id, 1, CASE WHEN id % 5000 = 3 THEN {later} ELSE 0 END, id % 50 = 1 FROM contacts`, `
	INSERT INTO chats (bot_id, chat_id, contact_id, created_at) SELECT {bot} + 1, id, id, 1 FROM contacts WHERE id % 100 = 3`, `
	UPDATE bots SET subscribers = (SELECT COUNT(*) FROM chats WHERE bot_id = bots.id)`,
}

// BenchmarkFind measures pages of lists of a million contacts, and how many there are on
// all of them.
func BenchmarkFind(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": pgtest.Schema} {
		s := storetest.OpenIll(b, address(b))
		botID := connect(b, s, 5)
		connect(b, s, 6)
		fill(b, s, millionRows, botID, 1_000_000)
		store.AnalyzeForTest(b, s)
		field := func(id int64, op contact.FieldOp, value string) contact.FieldTest {
			return contact.FieldTest{ID: id, Op: op, Value: value}
		}
		for _, c := range []struct {
			name string
			q    contact.Query
		}{
			{"all", contact.Query{}},
			{"letter", contact.Query{Search: "a"}},
			{"old letter", contact.Query{Search: "z"}},
			{"digits", contact.Query{Search: "+38050"}},
			{"half a group", contact.Query{GroupIDs: []int64{1}}},
			{"old group", contact.Query{GroupIDs: []int64{2}}},
			{"old group, letter", contact.Query{GroupIDs: []int64{2}, Search: "a"}},
			{"small group, letter", contact.Query{GroupIDs: []int64{3}, Search: "a"}},
			{"two groups", contact.Query{GroupIDs: []int64{2, 3}}},
			{"language", contact.Query{Languages: []string{"uk"}}},
			{"no such language", contact.Query{Languages: []string{"fr"}}},
			{"no such language, letter", contact.Query{Languages: []string{"fr"}, Search: "b"}},
			{"rare value", contact.Query{Field: field(1, contact.FieldEquals, "7")}},
			{"common value", contact.Query{Field: field(2, contact.FieldEquals, "v1")}},
			{"large numbers", contact.Query{Field: field(1, contact.FieldAtLeast, "500")}},
			{"value in old group", contact.Query{GroupIDs: []int64{2}, Field: field(2, contact.FieldEquals, "v1")}},
			{"no value", contact.Query{Field: field(1, contact.FieldUnset, "")}},
			{"bot", contact.Query{BotID: botID}},
			{"small bot", contact.Query{BotID: botID + 1}},
			{"muted", contact.Query{BotID: botID, Chat: contact.ChatMuted}},
			{"no chat", contact.Query{Chat: contact.NoChat}},
			{"old", contact.Query{CreatedTo: time.UnixMilli(1_000_000)}},
			{"all of these", contact.Query{
				Search: "b", GroupIDs: []int64{1}, BotID: botID, Chat: contact.ChatActive, Languages: []string{"en"},
				Field: field(2, contact.FieldEquals, "v1"), CreatedTo: time.UnixMilli(1_000_000),
			}},
		} {
			svc, space := contact.New(s.Contacts, now), workspace.Workspace{ID: 1}
			for name, o := range map[string]contact.Order{"newest": contact.NewestFirst, "changed": {ByUpdate: true, Descending: true}} {
				b.Run("page/"+engine+"/"+name+"/"+c.name, func(b *testing.B) {
					for b.Loop() {
						page, _, err := svc.Find(b.Context(), space, c.q, o, nil, 50)
						require.NoError(b, err)
						b.ReportMetric(float64(len(page.Contacts)), "found")
					}
				})
			}
			b.Run("count/"+engine+"/"+c.name, func(b *testing.B) {
				for b.Loop() {
					n, err := svc.Count(b.Context(), space, c.q)
					require.NoError(b, err)
					b.ReportMetric(float64(n.N), "counted")
				}
			})
		}
	}
}
