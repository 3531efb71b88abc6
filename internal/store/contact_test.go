package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// The blocks hold the numbers of living contacts, whatever created, deleted,
// restored or erased them, so that pages begin where they should.
func TestContactBlocks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, ws := context.Background(), workspace.Workspace{ID: 1}
		botID := connect(t, s, 1)
		svc := contact.New(s.Contacts, now)
		// Nearly a whole block first, so that the next contacts cross its end.
		crowd := make([]contact.Profile, 1010)
		for i := range crowd {
			crowd[i] = contact.Profile{ExternalCustomerID: new(fmt.Sprint("crowd", i))}
		}
		_, err := svc.Import(ctx, ws, crowd, contact.ImportOptions{DedupeOn: contact.OnExternalID})
		require.NoError(t, err)
		chat := int64(0)
		rapid.Check(t, func(rt *rapid.T) {
			who := func() *string { return new(fmt.Sprint("p", rapid.IntRange(1, 60).Draw(rt, "who"))) }
			known := func(err error) {
				if err != nil {
					require.ErrorIs(rt, err, contact.ErrNotFound)
				}
			}
			rt.Repeat(map[string]func(*rapid.T){
				"token": func(*rapid.T) {
					chat++
					_, err := svc.AddTokens(ctx, ws, botID, []contact.Token{
						{ChatID: chat, ExternalCustomerID: *who()}, {ChatID: chat, ExternalCustomerID: *who()},
					})
					require.NoError(rt, err)
				},
				"save": func(*rapid.T) {
					_, err := svc.Save(ctx, 1, "", contact.Profile{ExternalCustomerID: who()})
					require.NoError(rt, err)
				},
				"import": func(*rapid.T) {
					_, err := svc.Import(ctx, ws, []contact.Profile{{ExternalCustomerID: who()}, {ExternalCustomerID: who()}, {ExternalCustomerID: who()}},
						contact.ImportOptions{DedupeOn: contact.OnExternalID, RestoreDeleted: rapid.Bool().Draw(rt, "restore")})
					require.NoError(rt, err)
				},
				"delete": func(*rapid.T) {
					_, err := svc.DeleteByExternalID(ctx, 1, *who(), false)
					known(err)
				},
				"erase": func(*rapid.T) {
					_, err := svc.DeleteByExternalID(ctx, 1, *who(), true)
					known(err)
				},
				"": func(*rapid.T) {
					counted, kept, err := store.BlocksForTest(ctx, s)
					require.NoError(rt, err)
					require.Equal(rt, counted, kept)
				},
			})
			total := int64(0)
			_, kept, err := store.BlocksForTest(ctx, s)
			require.NoError(rt, err)
			for _, n := range kept {
				total += n
			}
			offset := rapid.Int64Range(1000, total).Draw(rt, "offset")
			got, n, err := s.Contacts.Contacts(ctx, 1, contact.Filter{}, contact.Span{ByID: true, Offset: offset, Limit: 500})
			require.NoError(rt, err)
			require.Equal(rt, total, n)
			require.Len(rt, got, int(total-offset))
		})
		require.Equal(t, store.CountForTest(t, s, `SELECT COUNT(*) FROM chats`), store.CountForTest(t, s, `SELECT subscribers FROM bots`))
	})
}

// Nothing of an erased contact is left: not in contacts, not in their details, and
// not in what was sent or clicked.
func TestEraseLeavesIDsAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := connect(t, s, 1)
		svc := contact.New(s.Contacts, now)
		field, err := svc.CreateField(t.Context(), 1, contact.Field{Name: "Card", Type: contact.Text})
		require.NoError(t, err)
		for _, external := range []string{"gone", "stays"} {
			_, err := svc.Save(t.Context(), 1, "", contact.Profile{
				ExternalCustomerID: &external, FirstName: new("Secret"), Fields: map[int64]string{field.ID: "Secret"},
				Devices: []contact.Device{{Type: contact.WebPush, Token: "Secret"}},
			})
			require.NoError(t, err)
		}
		_, err = svc.AddTokens(t.Context(), workspace.Workspace{ID: 1}, botID, []contact.Token{
			{ChatID: 1, ExternalCustomerID: "gone"}, {ChatID: 2, ExternalCustomerID: "stays"},
		})
		require.NoError(t, err)
		store.ExecForTest(t, s, `INSERT INTO recipients (campaign_id, seq, chat_id, contact_id, data)
			SELECT 1, chat_id, chat_id, contact_id, '{"a":"Secret"}' FROM chats`)
		store.ExecForTest(t, s, `INSERT INTO clicks (campaign_id, id, seq, contact_id, link, target, clicked_at)
			SELECT 1, CAST(chat_id AS TEXT), chat_id, contact_id, 0, 'https://x.example/Secret', 1 FROM chats`)
		store.PressableForTest(t, s, botID, 1, 5, 1, 1)
		store.PressableForTest(t, s, botID, 2, 5, 1, 2)

		for _, external := range []string{"gone", "stays"} {
			store.ExecForTest(t, s, `INSERT INTO events (id, workspace_id, type_id, contact_id, key, params, occurred_at, created_at, past)
				SELECT id, 1, 1, id, 'Secret', '[]', 1, 1, FALSE FROM contacts WHERE external_customer_id = '`+external+`'`)
		}
		id, err := svc.DeleteByExternalID(t.Context(), 1, "gone", true)
		require.NoError(t, err)
		for query, want := range map[string]int64{
			`SELECT COUNT(*) FROM contacts`:                                          1,
			`SELECT COUNT(*) FROM contact_fields`:                                    1,
			`SELECT COUNT(*) FROM contact_devices`:                                   1,
			`SELECT COUNT(*) FROM chats`:                                             1,
			`SELECT subscribers FROM bots`:                                           1,
			`SELECT COUNT(*) FROM pressable`:                                         1,
			`SELECT COUNT(*) FROM recipients`:                                        2,
			`SELECT contact_id FROM recipients WHERE data IS NULL`:                   id,
			`SELECT COUNT(*) FROM events`:                                            1,
			`SELECT COUNT(*) FROM clicks`:                                            2,
			`SELECT contact_id FROM clicks WHERE target IS NULL AND contact_id <> 0`: id,
		} {
			require.Equal(t, want, store.CountForTest(t, s, query), query)
		}
	})
}

// In a database of an earlier version, contacts are counted and their names are
// found in any case.
func TestContactsFromBefore(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		store.MigrateForTest(t, address, 5, `
			INSERT INTO contacts (id, workspace_id, first_name, last_name, created_at, updated_at)
			WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
			SELECT i, 1, CASE WHEN i % 2 = 0 THEN 'ЮРІЙ' ELSE '' END, 'Коваль', 1, 1 FROM n`)
		s := storetest.Open(t, address)
		counted, kept, err := store.BlocksForTest(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, counted, 21)
		require.Equal(t, counted, kept)
		svc := contact.New(s.Contacts, now)
		for _, tt := range []struct {
			filter contact.Filter
			total  int64
		}{{contact.Filter{}, 21000}, {contact.Filter{FirstName: "юрій"}, 10500}, {contact.Filter{LastName: "КОВАЛЬ"}, 21000}} {
			page, err := svc.List(t.Context(), workspace.Workspace{ID: 1}, tt.filter, contact.Span{ByID: true, Offset: tt.total - 1, Limit: 10})
			require.NoError(t, err)
			require.Equal(t, tt.total, page.Total)
			require.Len(t, page.Contacts, 1)
			require.EqualValues(t, 21000, page.Contacts[0].ID)
		}
	})
}
