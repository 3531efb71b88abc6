package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// otherPeople are the calls of people, for [otherCalls].
func otherPeople(t *testing.T, w *town) {
	t.Helper()
	ctx := t.Context()
	k := access.Key{WorkspaceID: 1, Name: "k", Hash: "hash", Note: "n", ExpiresAt: start.AddDate(1, 0, 0), CreatedAt: start}
	id, err := w.Keys.CreateKey(ctx, k)
	require.NoError(t, err)
	_, err = w.Keys.ChangeKey(ctx, 1, id, func(k access.Key) (access.Key, error) { return k, nil })
	require.NoError(t, err)
	require.NoError(t, w.Keys.KeysUsed(ctx, map[int64]time.Time{id: start}))
	_, err = w.Keys.Archived(ctx, 1)
	require.NoError(t, err)
	some, err := w.People.AnyUser(ctx)
	require.NoError(t, err)
	require.False(t, some)
	u, err := w.People.CreateUser(ctx, access.User{Email: "o@x.test", Name: "O", Installer: true, CreatedAt: start},
		access.Grant{WorkspaceID: 1, Role: access.Owner, At: start}, access.By{First: true})
	require.NoError(t, err)
	for _, l := range []access.Link{
		{Kind: access.InvitationLink, Hash: "a", WorkspaceID: 1, Email: "p@x.test", Role: access.Writer, CreatedAt: start, ExpiresAt: start},
		{Kind: access.InvitationLink, Hash: "b", WorkspaceID: 1, Email: "q@x.test", Role: access.Writer, CreatedAt: start, ExpiresAt: start},
		{Kind: access.ResetLink, Hash: "c", UserID: u.ID, CreatedAt: start, ExpiresAt: start},
	} {
		_, err = w.People.CreateLink(ctx, l)
		require.NoError(t, err)
	}
	l, err := w.People.LinkByHash(ctx, "b")
	require.NoError(t, err)
	open, err := w.People.Invitations(ctx, 1)
	require.NoError(t, err)
	require.Len(t, open, 2)
	require.NoError(t, w.People.RemoveInvitation(ctx, 1, l.ID))
	second, err := w.Workspaces.Create(ctx, "second", u.ID, start)
	require.NoError(t, err)
	p, err := w.People.CreateUser(ctx, access.User{Email: "p@x.test", Name: "P", CreatedAt: start},
		access.Grant{WorkspaceID: 1, Role: access.Writer, At: start}, access.By{Link: "a"})
	require.NoError(t, err)
	require.NoError(t, w.People.Join(ctx, p.ID, access.Grant{WorkspaceID: second.ID, Role: access.Agent, At: start}, ""))
	sid, err := w.People.CreateSession(ctx, access.Session{
		UserID: u.ID, Hash: "s", WorkspaceID: 1, CreatedAt: start, SeenAt: start, ConfirmedAt: start,
	})
	require.NoError(t, err)
	signed, err := w.People.SessionByHash(ctx, "s", second.ID)
	require.NoError(t, err)
	require.Equal(t, access.Owner, signed.Role)
	require.NoError(t, w.People.RenewSession(ctx, signed.Session))
	require.NoError(t, w.People.ChooseWorkspace(ctx, sid, second.ID))
	require.NoError(t, w.People.SessionsSeen(ctx, map[int64]time.Time{sid: start.Add(time.Hour)}))
	n, err := w.People.EndSessions(ctx, u.ID, func(access.Session) bool { return true })
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = w.People.RenameUser(ctx, u.ID, "Olena")
	require.NoError(t, err)
	_, err = w.People.SetPassword(ctx, u.ID, "hash", 0, "c")
	require.NoError(t, err)
	for _, role := range []access.Role{access.Agent, ""} {
		_, err = w.People.ChangeRole(ctx, 1, p.ID, start, func(access.Member, int) (access.Role, error) { return role, nil })
		require.NoError(t, err)
	}
	for _, read := range []func() error{
		func() error { _, err := w.People.UserByEmail(ctx, "p@x.test"); return err },
		func() error { _, err := w.People.User(ctx, p.ID); return err },
		func() error { _, err := w.People.Users(ctx); return err },
		func() error { _, err := w.People.Members(ctx, 1); return err },
		func() error { _, err := w.People.Sessions(ctx, u.ID); return err },
		func() error { _, err := w.People.Places(ctx, p.ID, true); return err },
		func() error {
			return w.People.Attempt(ctx, []string{"x", "y"}, start, start, func([]access.Attempts) bool { return true })
		},
		func() error {
			k := access.Passkey{UserID: p.ID, Name: "p", CreatedAt: start, Credential: webauthn.Credential{ID: []byte("c")}}
			id, err := w.People.AddPasskey(ctx, k, access.Answered{Hash: "x", Until: start})
			if err != nil {
				return err
			}
			found, err := w.People.PasskeyByCredential(ctx, k.CredentialText())
			if err != nil {
				return err
			}
			require.Equal(t, id, found.ID)
			return w.People.UsePasskey(ctx, found, access.Answered{Hash: "y", Until: start})
		},
		func() error { _, err := w.People.Passkeys(ctx, p.ID); return err },
		func() error { return providers(t, w, p.ID) },
		func() error { return w.People.DraftFactor(ctx, p.ID, []byte("sealed")) },
		func() error {
			return w.People.ChangeFactor(ctx, p.ID, func(f access.Factor) (access.Factor, error) {
				return access.Factor{Sealed: f.Draft, Recovery: []string{"h"}}, nil
			})
		},
		func() error { return w.People.Forgive(ctx, []string{"x"}, []string{"y"}) },
		func() error {
			return w.People.Sweep(ctx, start, access.Over{Seen: start, Created: start, Attempted: start})
		},
		func() error { return w.Workspaces.Rename(ctx, second.ID, "another") },
		func() error { return w.Workspaces.Archive(ctx, second.ID, start) },
	} {
		require.NoError(t, read())
	}
}

// providers are the calls of providers and accounts, with a user who has a passkey.
func providers(t *testing.T, w *town, userID int64) error {
	t.Helper()
	ctx := t.Context()
	id, err := w.People.NextProviderID(ctx)
	require.NoError(t, err)
	one := access.Provider{ID: id, Name: "one", Issuer: "https://i.test", ClientID: "c", Sealed: []byte("s"), WorkspaceID: 1,
		Enabled: true, CreatedAt: start}
	require.NoError(t, w.People.CreateProvider(ctx, one))
	all, err := w.People.Providers(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	a := access.Account{ProviderID: id, Subject: "s", UserID: userID, Email: "p@x.test", CreatedAt: start}
	require.NoError(t, w.People.AddAccount(ctx, a))
	require.ErrorIs(t, w.People.AddAccount(ctx, a), access.ErrAccountTaken)
	second := a
	second.Subject = "t"
	require.ErrorIs(t, w.People.AddAccount(ctx, second), access.ErrAccountSecond)
	a.UsedAt = start
	require.NoError(t, w.People.UseAccount(ctx, a))
	found, err := w.People.AccountBySubject(ctx, id, "s")
	require.NoError(t, err)
	require.Equal(t, a.UserID, found.UserID)
	accounts, err := w.People.Accounts(ctx, userID)
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	require.NoError(t, w.People.RemovePasskey(ctx, userID, 1))
	require.ErrorIs(t, w.People.RemoveAccount(ctx, userID, id), access.ErrLastWay)
	require.NoError(t, w.People.Answer(ctx, access.Answered{Hash: "z", Until: start}))
	_, err = w.People.CreateUser(ctx, access.User{Email: "r@x.test", Name: "R", CreatedAt: start},
		access.Grant{WorkspaceID: 1, Role: access.Writer, At: start},
		access.By{Account: &access.Account{ProviderID: id, Subject: "r", CreatedAt: start, UsedAt: start}})
	require.NoError(t, err)
	_, err = w.People.ChangeProvider(ctx, id, 0, func(p access.Provider) (access.Provider, error) {
		p.Enabled = false
		return p, nil
	})
	require.NoError(t, err)
	_, err = w.People.Provider(ctx, id)
	require.NoError(t, err)
	return w.People.RemoveProvider(ctx, id, 0, func(_ access.Provider, stranded int) error {
		require.Equal(t, 2, stranded)
		return nil
	})
}

// rivals runs fn in so many goroutines at once, and returns how often it worked; any
// other error than those with the code fails the test.
func rivals(t *testing.T, times int, code string, fn func(i int) error) (worked int) {
	t.Helper()
	results := make([]error, times)
	var all errgroup.Group
	for i := range times {
		all.Go(func() error {
			results[i] = fn(i)
			return nil
		})
	}
	require.NoError(t, all.Wait())
	for _, err := range results {
		if err == nil {
			worked++
			continue
		}
		require.True(t, fault.Is(err, code), "%v", err)
	}
	return worked
}

// At once, one becomes the first user, a link is good for one, and an email is of one.
func TestPeopleComeInOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, grant := t.Context(), access.Grant{WorkspaceID: 1, Role: access.Owner, At: start}
		create := func(email, link string, first bool) error {
			_, err := s.People.CreateUser(ctx, access.User{Email: email, Name: "x", CreatedAt: start}, grant, access.By{Link: link, First: first})
			return err
		}
		require.Equal(t, 1, rivals(t, 8, "owner_exists", func(i int) error { return create(fmt.Sprintf("first%d@x.test", i), "", true) }))
		_, err := s.People.CreateLink(ctx, access.Link{
			Kind: access.InvitationLink, Hash: "h", WorkspaceID: 1, Email: "e@x.test", CreatedAt: start, ExpiresAt: start,
		})
		require.NoError(t, err)
		require.Equal(t, 1, rivals(t, 8, "link_invalid", func(i int) error { return create(fmt.Sprintf("link%d@x.test", i), "h", false) }))
		second, err := s.Workspaces.Create(ctx, "second", 0, start)
		require.NoError(t, err)
		require.Equal(t, 1, rivals(t, 8, "email_taken", func(i int) error {
			_, err := s.People.CreateUser(ctx, access.User{Email: "same@x.test", Name: "x", CreatedAt: start},
				access.Grant{WorkspaceID: []int64{1, second.ID}[i%2], Role: access.Writer, At: start}, access.By{})
			return err
		}))
		require.Equal(t, 1, rivals(t, 8, "workspace_name_taken", func(int) error {
			_, err := s.Workspaces.Create(ctx, "third", 0, start)
			return err
		}))
		users, err := s.People.Users(ctx)
		require.NoError(t, err)
		require.Len(t, users, 3)
	})
}

// A link for a new password is good for one of those who follow it at once.
func TestResetLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx := t.Context()
		people := access.NewPeople(s.People, func() time.Time { return start }, seal.Of(seal.NewKey()))
		link, err := people.CreateByCommand(ctx, "o@x.test", "", access.Grant{WorkspaceID: 1, Role: access.Owner})
		require.NoError(t, err)
		require.Equal(t, 1, rivals(t, 4, "link_invalid", func(i int) error {
			proof := access.Proof{Password: fmt.Sprint("seven lamps under water ", i)}
			_, err := people.Accept(ctx, link, access.Answer{Proof: proof}, access.Visit{})
			return err
		}))
		require.EqualValues(t, 1, store.CountForTest(t, s, `SELECT COUNT(*) FROM sessions`))
	})
}

// Who has another role now, or none, has no links out by which somebody would get what
// they could give before.
func TestLinksEndWithTheirMakersRole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx := t.Context()
		people := access.NewPeople(s.People, func() time.Time { return start }, seal.Of(seal.NewKey()))
		var users []access.User
		for i, role := range []access.Role{access.Owner, access.Admin, access.Writer} {
			u, err := s.People.CreateUser(ctx, access.User{Email: fmt.Sprintf("u%d@x.test", i), Name: "u", CreatedAt: start},
				access.Grant{WorkspaceID: 1, Role: role, At: start}, access.By{})
			require.NoError(t, err)
			users = append(users, u)
		}
		owner := access.Caller{WorkspaceID: 1, User: &users[0], Role: access.Owner}
		admin := access.Caller{WorkspaceID: 1, User: &users[1], Role: access.Admin}
		_, kept, err := people.Invite(ctx, owner, "a@x.test", access.Admin)
		require.NoError(t, err)
		_, invitation, err := people.Invite(ctx, admin, "b@x.test", access.Admin)
		require.NoError(t, err)
		_, _, reset, err := people.ResetLink(ctx, admin, users[2].ID)
		require.NoError(t, err)
		_, err = people.GiveRole(ctx, owner, users[1].ID, access.Analyst)
		require.NoError(t, err)
		for link, good := range map[string]bool{kept: true, invitation: false, reset: false} {
			_, err := people.Look(ctx, link)
			require.Equal(t, good, err == nil, err)
		}
	})
}

// Owners who dismiss each other at once leave one.
func TestOneOwnerStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		people := access.NewPeople(s.People, func() time.Time { return start }, seal.Of(seal.NewKey()))
		var owners []access.User
		for i := range 6 {
			u, err := s.People.CreateUser(t.Context(), access.User{Email: fmt.Sprintf("o%d@x.test", i), Name: "o", CreatedAt: start},
				access.Grant{WorkspaceID: 1, Role: access.Owner, At: start}, access.By{})
			require.NoError(t, err)
			owners = append(owners, u)
		}
		dismissed := rivals(t, len(owners), "last_owner", func(i int) error {
			by := access.Caller{WorkspaceID: 1, User: &owners[i], Role: access.Owner}
			_, err := people.GiveRole(t.Context(), by, owners[(i+1)%len(owners)].ID, "")
			return err
		})
		require.Equal(t, len(owners)-1, dismissed)
		left, err := people.Members(t.Context(), 1)
		require.NoError(t, err)
		require.Len(t, left, 1)
	})
}

// Attempts at once are counted one by one, whatever else they have in common.
func TestAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		attempt := func(ctx context.Context, now time.Time, names ...string) (before []access.Attempts, err error) {
			err = s.People.Attempt(ctx, names, now, now.Add(-time.Hour), func(all []access.Attempts) bool {
				before = all
				return all[0].Failures < 5
			})
			return before, err
		}
		refused := errors.New("refused")
		var counted int
		for _, err := range func() (all []error) {
			results := make([]error, 40)
			var group errgroup.Group
			for i := range results {
				group.Go(func() error {
					before, err := attempt(t.Context(), start, "account", fmt.Sprint("address ", i%2))
					if err == nil && before[0].Failures >= 5 {
						err = refused
					}
					results[i] = err
					return nil
				})
			}
			require.NoError(t, group.Wait())
			return results
		}() {
			if err == nil {
				counted++
				continue
			}
			require.ErrorIs(t, err, refused)
		}
		require.Equal(t, 5, counted)
		// What was refused leaves nothing behind, by whatever names it comes.
		for i := range 20 {
			_, err := attempt(t.Context(), start, "account", fmt.Sprint("somebody ", i))
			require.NoError(t, err)
		}
		require.EqualValues(t, 3, store.CountForTest(t, s, `SELECT COUNT(*) FROM attempts`))
		// After a pause they count anew.
		before, err := attempt(t.Context(), start.Add(2*time.Hour), "account")
		require.NoError(t, err)
		require.Zero(t, before[0].Failures)
		before, err = attempt(t.Context(), start.Add(2*time.Hour), "account")
		require.NoError(t, err)
		require.EqualValues(t, 1, before[0].Failures)
		require.NoError(t, s.People.Forgive(t.Context(), []string{"account"}, nil))
		before, err = attempt(t.Context(), start.Add(2*time.Hour), "account")
		require.NoError(t, err)
		require.Zero(t, before[0].Failures)
	})
}

// What is over is swept, and nothing else.
func TestPeopleSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx, now := t.Context(), start
		people := access.NewPeople(s.People, func() time.Time { return now }, seal.Of(seal.NewKey()))
		u, err := s.People.CreateUser(ctx, access.User{Email: "o@x.test", Name: "o", CreatedAt: start},
			access.Grant{WorkspaceID: 1, Role: access.Owner, At: start}, access.By{})
		require.NoError(t, err)
		for i, seen := range []time.Duration{0, 30 * time.Hour} {
			_, err := s.People.CreateSession(ctx, access.Session{
				UserID: u.ID, Hash: fmt.Sprint(i), WorkspaceID: 1, CreatedAt: start, SeenAt: start.Add(seen), ConfirmedAt: start,
			})
			require.NoError(t, err)
		}
		_, err = people.ResetByCommand(ctx, "o@x.test", false)
		require.NoError(t, err)
		require.NoError(t, s.People.Attempt(ctx, []string{"x"}, start, start, func([]access.Attempts) bool { return true }))
		left := func() (sessions, links, attempts int64) {
			count := func(table string) int64 { return store.CountForTest(t, s, `SELECT COUNT(*) FROM `+table) }
			return count("sessions"), count("links"), count("attempts")
		}
		for _, tt := range []struct {
			after                     time.Duration
			sessions, links, attempts int64
		}{{0, 2, 1, 1}, {23 * time.Hour, 2, 1, 1}, {24 * time.Hour, 1, 0, 0}, {53 * time.Hour, 1, 0, 0}, {54 * time.Hour, 0, 0, 0}} {
			now = start.Add(tt.after)
			require.NoError(t, people.Sweep(ctx))
			sessions, links, attempts := left()
			require.Equal(t, []int64{tt.sessions, tt.links, tt.attempts}, []int64{sessions, links, attempts}, "after %v", tt.after)
		}
	})
}
