package contact_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// bundle is a workspace with a bot, on one engine.
type bundle struct {
	store *store.DB
	svc   *contact.Service
	ws    workspace.Workspace
	botID int64
}

// clock advances a millisecond with each call, so that "most recently updated" is
// never a tie.
func clock() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Millisecond)
		return now
	}
}

func setup(t *testing.T, s *store.DB) bundle {
	t.Helper()
	now := clock()
	b, err := s.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: "3f0c4a4e-0000-4000-8000-000000000001", TelegramID: 7,
		Username: "b", Name: "b", SealedToken: []byte("x"), State: bot.Active, CreatedAt: now(), UpdatedAt: now()})
	require.NoError(t, err)
	return bundle{
		store: s, svc: contact.New(s.Contacts, now), ws: workspace.Workspace{ID: 1, IdentityMatch: workspace.MatchFirst}, botID: b.ID,
	}
}

func (b bundle) add(t *testing.T, items ...contact.Token) []contact.TokenResult {
	t.Helper()
	results, err := b.svc.AddTokens(t.Context(), b.ws, b.botID, items)
	require.NoError(t, err)
	require.Len(t, results, len(items))
	return results
}

func (b bundle) get(t *testing.T, id int64) contact.Contact {
	t.Helper()
	c, _, err := b.svc.Get(t.Context(), 1, id)
	require.NoError(t, err)
	return c
}

func (b bundle) subscribers(t *testing.T) int64 {
	t.Helper()
	got, err := b.store.Bots.Find(t.Context(), 1, b.botID)
	require.NoError(t, err)
	return got.Subscribers
}

//go:fix inline

func (b bundle) save(t *testing.T, p contact.Profile) int64 {
	t.Helper()
	c, err := b.svc.Save(t.Context(), 1, "UA", p)
	require.NoError(t, err)
	return c.ID
}

// spec: app-created-with-all
func TestTokensOfNewPeopleCreateThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		got := b.add(t,
			contact.Token{ChatID: 11, ExternalCustomerID: "e1", Phone: "+380501234567", Email: "Anna@Example.com"},
			contact.Token{ChatID: 12, Email: "bob@example.com"},
		)
		require.Equal(t, contact.TokenCreated, got[0].Status)
		require.Equal(t, contact.TokenCreated, got[1].Status)
		require.NotEqual(t, got[0].ContactID, got[1].ContactID)
		anna := b.get(t, got[0].ContactID)
		require.Equal(t, contact.Identity{ExternalCustomerID: "e1", Phone: "+380501234567", Email: "Anna@Example.com"}, anna.Identity)
		require.EqualValues(t, 2, b.subscribers(t))
	})
}

// spec: app-priority app-first-decides app-any-decides app-matched-untouched app-tokens-add
func TestIdentityRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		b.ws.PhoneRegion = "UA"
		anna := b.save(t, contact.Profile{ExternalCustomerID: new("anna"), Phone: new("+380501111111"), Email: new("anna@x.ua")})
		bob := b.save(t, contact.Profile{Email: new("Боб@x.ua")})

		chat := int64(100)
		next := func(tok contact.Token) contact.TokenResult {
			chat++
			tok.ChatID = chat
			return b.add(t, tok)[0]
		}
		t.Run("the highest identifier that was sent decides", func(t *testing.T) {
			require.Equal(t, anna, next(contact.Token{ContactID: anna, ExternalCustomerID: "other", Email: "боб@x.ua"}).ContactID)
			require.Equal(t, anna, next(contact.Token{ExternalCustomerID: "anna", Email: "боб@x.ua"}).ContactID)
			require.Equal(t, anna, next(contact.Token{Phone: "050 111-11-11", Email: "боб@x.ua"}).ContactID)
			require.Equal(t, bob, next(contact.Token{Email: "БОБ@X.UA"}).ContactID)
		})
		t.Run("a match updates nothing", func(t *testing.T) {
			require.Equal(t, contact.Identity{ExternalCustomerID: "anna", Phone: "+380501111111", Email: "anna@x.ua"}, b.get(t, anna).Identity)
		})
		t.Run("no match creates with what nobody holds", func(t *testing.T) {
			got := next(contact.Token{ExternalCustomerID: "new", Phone: "+380501111111", Email: "new@x.ua"})
			require.Equal(t, contact.TokenCreated, got.Status)
			require.Equal(t, contact.Identity{ExternalCustomerID: "new", Email: "new@x.ua"}, b.get(t, got.ContactID).Identity)
		})
		t.Run("an unknown contactId", func(t *testing.T) {
			require.Equal(t, contact.TokenRejected, next(contact.Token{ContactID: 999999}).Status)
			got := next(contact.Token{ContactID: 999999, Email: "fresh@x.ua"})
			require.Equal(t, contact.TokenCreated, got.Status)
			require.NotEqual(t, int64(999999), got.ContactID)
		})
		t.Run("a token is never moved", func(t *testing.T) {
			first := b.add(t, contact.Token{ChatID: 500, Email: "anna@x.ua"})[0]
			again := b.add(t, contact.Token{ChatID: 500, Email: "anna@x.ua"})[0]
			require.Equal(t, contact.TokenResult{ContactID: first.ContactID, Status: contact.TokenExists}, again)
			before := b.subscribers(t)
			other := b.add(t, contact.Token{ChatID: 500, Email: "nobody-else@x.ua"})[0]
			require.Equal(t, first.ContactID, other.ContactID)
			require.Equal(t, contact.TokenExists, other.Status)
			other = b.add(t, contact.Token{ChatID: 500, Email: "Боб@x.ua"})[0]
			require.Equal(t, first.ContactID, other.ContactID)
			require.NotEmpty(t, other.Message)
			require.Equal(t, before, b.subscribers(t))
			require.Equal(t, contact.TokenCreated, next(contact.Token{Email: "nobody-else@x.ua"}).Status)
		})
		t.Run("bad items are rejected alone", func(t *testing.T) {
			got := b.add(t,
				contact.Token{ChatID: 0, Email: "a@x.ua"},
				contact.Token{ChatID: 601},
				contact.Token{ChatID: 602, Phone: "call me"},
				contact.Token{ChatID: 603, Email: "no-at"},
				contact.Token{ChatID: 604, Email: "good@x.ua"},
			)
			for _, r := range got[:4] {
				require.Equal(t, contact.TokenRejected, r.Status)
				require.NotEmpty(t, r.Message)
				require.Zero(t, r.ContactID)
			}
			require.Equal(t, contact.TokenCreated, got[4].Status)
		})
		t.Run("who shares an email", func(t *testing.T) {
			b.save(t, contact.Profile{ExternalCustomerID: new("f1"), Email: new("family@x.ua")})
			second := b.save(t, contact.Profile{ExternalCustomerID: new("f2"), Email: new("family@x.ua")})
			require.Equal(t, second, next(contact.Token{Email: "family@x.ua"}).ContactID, "the most recently updated")
			b.save(t, contact.Profile{ExternalCustomerID: new("f1"), FirstName: new("touched")})
			require.NotEqual(t, second, next(contact.Token{Email: "family@x.ua"}).ContactID)
		})
		t.Run("match any tries the next identifier", func(t *testing.T) {
			b.ws.IdentityMatch = workspace.MatchAny
			require.Equal(t, anna, next(contact.Token{ExternalCustomerID: "unheard", Email: "anna@x.ua"}).ContactID)
			require.Equal(t, contact.TokenCreated, next(contact.Token{ExternalCustomerID: "unheard", Email: "unheard@x.ua"}).Status)
		})
	})
}

// The same items make the same contacts, whether they come one by one, in one
// request, or from many clients at once.
func TestSameItemsSamePeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		items := make([]contact.Token, 300)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range items {
			person := rng.IntN(60)
			items[i] = contact.Token{ChatID: int64(1000 + person*10 + rng.IntN(3)), ExternalCustomerID: fmt.Sprintf("p%d", person),
				Phone: fmt.Sprintf("+3805000001%02d", person)}
		}
		var wait sync.WaitGroup
		for client := range 10 {
			wait.Go(func() {
				order := rand.New(rand.NewPCG(3, uint64(client))).Perm(len(items))
				for lo := 0; lo < len(order); lo += 7 {
					var part []contact.Token
					for _, k := range order[lo:min(lo+7, len(order))] {
						part = append(part, items[k])
					}
					_, err := b.svc.AddTokens(context.Background(), b.ws, b.botID, part)
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		chats, people := map[int64]bool{}, map[string]int64{}
		for i, r := range b.add(t, items...) {
			require.Equal(t, contact.TokenExists, r.Status)
			require.Empty(t, r.Message)
			chats[items[i].ChatID] = true
			if id, ok := people[items[i].ExternalCustomerID]; ok {
				require.Equal(t, id, r.ContactID)
			}
			people[items[i].ExternalCustomerID] = r.ContactID
		}
		require.EqualValues(t, len(chats), b.subscribers(t))
		for name, id := range people {
			c := b.get(t, id)
			require.Equal(t, name, c.ExternalCustomerID)
			require.NotEmpty(t, c.Phone)
		}
	})
}

func TestTooManyTokens(t *testing.T) {
	t.Parallel()
	_, err := contact.New(nil, time.Now).AddTokens(t.Context(), workspace.Workspace{}, 1, make([]contact.Token, contact.MaxTokens+1))
	require.ErrorContains(t, err, "at most 3000")
}
