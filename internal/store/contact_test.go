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
