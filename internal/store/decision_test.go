package store_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/pgtest"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

// A crowd are the people of a workspace, with few identifiers among them, and a bot.
type crowd struct {
	*store.DB
	*contact.Service
	space, botID int64
}

// newCrowd returns a crowd of its own: spaces count those of the database.
func newCrowd(t *testing.T, s *store.DB, spaces *int64) crowd {
	t.Helper()
	*spaces++
	return crowd{s, contact.New(s.Contacts, now), *spaces, connect(t, s, *spaces)}
}

// deed is one call: tokens, a save, or the deletion of who has an external id.
type deed struct {
	match  workspace.IdentityMatch
	tokens []contact.Token
	saved  contact.Identity
	gone   string
}

var (
	phones = []string{"", "+380501112233", "+380501112244"}
	emails = []string{"", "a@x.ua", "b@x.ua"}
)

func drawTokens(r *rand.Rand, externals ...string) deed {
	d := deed{match: []workspace.IdentityMatch{workspace.MatchFirst, workspace.MatchAny}[r.IntN(2)]}
	for range 1 + r.IntN(3) {
		d.tokens = append(d.tokens, contact.Token{
			ChatID: int64(1 + r.IntN(5)), ExternalCustomerID: externals[r.IntN(len(externals))],
			Phone: phones[r.IntN(3)], Email: emails[r.IntN(3)],
		})
	}
	return d
}

// drawWithExternals returns a deed by which contacts may have external ids.
func drawWithExternals(r *rand.Rand) deed {
	if r.IntN(4) == 0 {
		return deed{gone: []string{"x", "y", "z"}[r.IntN(3)]}
	}
	return drawTokens(r, "", "x", "y", "z")
}

// drawWithout returns a deed by which nobody gets one: such people share no phone and
// no email, of whom one is preferred by who came first.
func drawWithout(r *rand.Rand) deed {
	if r.IntN(2) == 0 {
		return deed{saved: contact.Identity{Phone: phones[1+r.IntN(2)], Email: emails[r.IntN(3)]}}
	}
	return drawTokens(r, "")
}

// do carries the deed out, and returns what came of it; contacts are told by their
// ids.
func (c crowd) do(t *testing.T, d deed) (results []contact.TokenResult) {
	t.Helper()
	space := workspace.Workspace{ID: c.space, IdentityMatch: d.match}
	switch {
	case d.gone != "":
		_, err := c.DeleteByExternalID(t.Context(), c.space, d.gone, false)
		require.True(t, err == nil || fault.Is(err, contact.ErrNotFound.Code), err)
	case d.saved != (contact.Identity{}):
		p := contact.Profile{Phone: &d.saved.Phone}
		if d.saved.Email != "" {
			p.Email = &d.saved.Email
		}
		saved, err := c.Save(t.Context(), c.space, "", p)
		require.NoError(t, err)
		results = []contact.TokenResult{{ContactID: saved.ID, NewContact: saved.Created, Message: fmt.Sprint(saved.LeftOut)}}
	default:
		var err error
		results, err = c.AddTokens(t.Context(), space, c.botID, d.tokens)
		require.NoError(t, err)
	}
	return results
}

// tell describes everybody and what came of the deeds, whatever ids contacts have.
func (c crowd) tell(t *testing.T, of [][]contact.TokenResult) string {
	t.Helper()
	page, err := c.List(t.Context(), workspace.Workspace{ID: c.space}, contact.Filter{}, contact.Span{Limit: 100})
	require.NoError(t, err)
	names := map[int64]string{}
	for _, p := range page.Contacts {
		chats, err := c.Contacts.Chats(t.Context(), []int64{p.ID})
		require.NoError(t, err)
		var ids []string
		for _, chat := range chats {
			ids = append(ids, fmt.Sprint(chat.ChatID))
		}
		sort.Strings(ids)
		names[p.ID] = fmt.Sprint(p.ExternalCustomerID, "|", p.Phone, "|", p.Email, "|", strings.Join(ids, " "))
	}
	var all []string
	for _, name := range names {
		all = append(all, name)
	}
	sort.Strings(all)
	told := strings.Join(all, "\n")
	for i, results := range of {
		for _, r := range results {
			told += fmt.Sprintf("\n%d: %s %v %q %s", i, r.Status, r.NewContact, r.Message, names[r.ContactID])
		}
	}
	return told
}

// A dawdler lets each statement and each commit begin a little later, some more than
// others, so that transactions meet in ever other places.
type dawdler struct{}

func (dawdler) Statement(string, []any) error {
	time.Sleep(rand.N(700 * time.Microsecond))
	return nil
}
func (d dawdler) Row(query string, args []any) error { return d.Statement(query, args) }
func (d dawdler) Commit(commit func() error) error {
	_ = d.Statement("", nil)
	return commit()
}

// Whatever calls act at the same time, what comes of them is what would if they had
// acted one after another.
func TestDecisionsActAsOneAfterAnother(t *testing.T) {
	t.Parallel()
	for name, draw := range map[string]func(*rand.Rand) deed{"with external ids": drawWithExternals, "without": drawWithout} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCourt(t)
			for round := range uint64(60) {
				r := rand.New(rand.NewPCG(7, round))
				var before, deeds []deed
				for range r.IntN(3) {
					before = append(before, draw(r))
				}
				for range 3 {
					deeds = append(deeds, draw(r))
				}
				c.judge(before, deeds)
			}
		})
	}
}

// Meetings that hardly ever come about by chance.
func TestDecisionsMeet(t *testing.T) {
	t.Parallel()
	token := func(chatID int64, external, phone, email string) contact.Token {
		return contact.Token{ChatID: chatID, ExternalCustomerID: external, Phone: phone, Email: email}
	}
	tokens := func(tokens ...contact.Token) deed { return deed{match: workspace.MatchAny, tokens: tokens} }
	for name, tt := range map[string]struct{ before, deeds []deed }{
		"each looks for somebody whom the other one makes, finds nobody, and goes by another identifier": {
			[]deed{tokens(token(1, "", phones[1], ""), token(2, "", phones[2], ""))},
			[]deed{
				tokens(token(3, "x", phones[1], ""), token(4, "y", "", "")),
				tokens(token(5, "y", phones[2], ""), token(6, "x", "", "")),
			},
		},
		"one takes a phone from whom the others find by it": {
			[]deed{tokens(token(1, "", phones[1], emails[1]))},
			[]deed{
				{saved: contact.Identity{Phone: phones[2], Email: emails[1]}},
				tokens(token(2, "", phones[1], "")),
				tokens(token(3, "", phones[1], "")),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCourt(t)
			for range 15 {
				c.judge(tt.before, tt.deeds)
			}
		})
	}
}

// A court judges deeds at the same time on a server, by those in every order on an
// engine that has one writer.
type court struct {
	*testing.T
	beside, alone           *store.DB
	besideSpace, aloneSpace int64
}

func newCourt(t *testing.T) *court {
	t.Helper()
	address := pgtest.Schema(t)
	t.Cleanup(func() { storetest.Judge(t, address) })
	return &court{T: t, beside: store.OpenTapped(t, address, dawdler{}), alone: storetest.Open(t, storetest.SQLite(t))}
}

func (c *court) judge(before, deeds []deed) {
	c.Helper()
	got := c.atOnce(before, deeds)
	var want []string
	for order := range orders(len(deeds)) {
		want = append(want, c.inOrder(before, deeds, order))
	}
	if !slices.Contains(want, got) {
		c.Fatalf("after %+v, %+v became\n%s\nand in no order; in one it would be\n%s", before, deeds, got, want[0])
	}
}

// orders yields every order of so many numbers from zero.
func orders(n int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		if n == 0 {
			yield(nil)
			return
		}
		for order := range orders(n - 1) {
			for place := range n {
				if !yield(slices.Insert(slices.Clone(order), place, n-1)) {
					return
				}
			}
		}
	}
}

// atOnce carries out the deeds at the same time.
func (c *court) atOnce(before, deeds []deed) string {
	people := newCrowd(c.T, c.beside, &c.besideSpace)
	for _, d := range before {
		people.do(c.T, d)
	}
	results := make([][]contact.TokenResult, len(deeds))
	var all sync.WaitGroup
	for i, d := range deeds {
		all.Go(func() { results[i] = people.do(c.T, d) })
	}
	all.Wait()
	return people.tell(c.T, results)
}

func (c *court) inOrder(before, deeds []deed, order []int) string {
	people := newCrowd(c.T, c.alone, &c.aloneSpace)
	for _, d := range before {
		people.do(c.T, d)
	}
	results := make([][]contact.TokenResult, len(deeds))
	for _, i := range order {
		results[i] = people.do(c.T, deeds[i])
	}
	return people.tell(c.T, results)
}
