package message_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/access"
	"bellman/internal/fault"
	"bellman/internal/message"
)

// as returns the context of a person with the id.
func as(ctx context.Context, id int64) context.Context {
	return access.With(ctx, access.Caller{WorkspaceID: 1, User: &access.User{ID: id, Name: "P"}})
}

// What one person saves within ten minutes from the first is one revision, and nothing is
// one that changes nothing.
func TestSavesFold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	service := message.New(&fakeStore{}, nil, func() time.Time { return now })
	ann, bob := as(t.Context(), 1), as(t.Context(), 2)
	m, err := service.Create(ann, 1, "Sale", message.Text("a"))
	require.NoError(t, err)
	require.EqualValues(t, 1, m.Revision)
	for _, c := range []struct {
		by       context.Context
		after    time.Duration
		text     string
		anew     bool
		revision int64
		why      string
	}{
		{ann, 9 * time.Minute, "b", false, 1, "she goes on"},
		{ann, time.Minute, "c", false, 2, "the first one is ten minutes old"},
		{ann, time.Second, "b", true, 3, "she asks for one of its own"},
		{bob, time.Second, "b", false, 3, "nothing is changed"},
		{bob, time.Second, "d", false, 4, "somebody else saves"},
		{bob, -time.Minute, "e", false, 5, "the clock was set back"},
		{t.Context(), time.Second, "f", false, 6, "nobody knows who it is"},
		{t.Context(), time.Second, "g", false, 7, "nobody knows who it is"},
		{access.With(t.Context(), access.Caller{WorkspaceID: 1, Key: &access.Key{ID: 1}}), time.Second, "h", false, 8, "a system saves"},
		{access.With(t.Context(), access.Caller{WorkspaceID: 1, Key: &access.Key{ID: 1}}), time.Second, "i", false, 9, "a system saves once"},
	} {
		now = now.Add(c.after)
		before := m
		m, err = service.Save(c.by, 1, m.ID, message.Edit{Name: "Sale", Content: message.Text(c.text), Anew: c.anew})
		require.NoError(t, err)
		require.Equal(t, c.revision, m.Revision, c.why)
		if m.Content.Text == before.Content.Text && m.Revision == before.Revision {
			require.Equal(t, before, m, "nobody becomes the author of what he has not changed")
		}
	}
}

// What Telegram would not take is saved as a draft alone, and goes out from nowhere.
func TestDrafts(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, time.Now)
	wrong := message.Text("<br>")
	wrong.Media = []message.Media{{Kind: message.Photo, ID: 7}}
	_, err := service.Write(t.Context(), 1, message.Edit{Name: "m", Content: wrong})
	all, several := errors.AsType[fault.Errors](err)
	require.True(t, several)
	require.Len(t, all, 2)
	require.ErrorIs(t, err, all[0])

	m, err := service.Write(t.Context(), 1, message.Edit{Name: "m", Content: wrong, Draft: true})
	require.NoError(t, err)
	require.True(t, m.Draft)
	require.Len(t, m.Faults, 2)
	got, err := service.Get(t.Context(), 1, m.ID)
	require.NoError(t, err)
	require.Equal(t, m.Faults, got.Faults)
	_, err = service.Checked(t.Context(), 1, m.ID)
	require.True(t, fault.Is(err, all[0].Code), err)
	_, err = service.Preview(t.Context(), 1, m.ID, message.Person{})
	require.True(t, fault.Is(err, all[0].Code), err)

	// What Telegram would take but not show as it was meant keeps a draft from going out.
	m, err = service.Save(t.Context(), 1, m.ID, message.Edit{Name: "m", Content: message.Text("**bold** %NAME%"), Draft: true})
	require.NoError(t, err)
	require.True(t, m.Draft)
	_, err = service.Checked(t.Context(), 1, m.ID)
	require.Error(t, err)

	m, err = service.Save(t.Context(), 1, m.ID, message.Edit{Name: "m", Content: message.Text("well"), Draft: true})
	require.NoError(t, err)
	require.False(t, m.Draft)
	require.Empty(t, m.Faults)
	_, err = service.Checked(t.Context(), 1, m.ID)
	require.NoError(t, err)

	_, err = service.Write(t.Context(), 1, message.Edit{Name: "m", Content: message.Text(strings.Repeat("x", message.MaxDraft)), Draft: true})
	require.True(t, fault.Is(err, "draft_too_large"), err)
	_, err = service.Write(t.Context(), 1, message.Edit{Name: " ", Content: wrong, Draft: true})
	require.True(t, fault.Is(err, "name_invalid"), err)
}

func TestCopyName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ї", message.MaxName)
	for _, c := range []struct {
		name  string
		taken []string
		want  string
	}{
		{"Sale", nil, "Sale (copy)"},
		{"Sale", []string{"Sale", "Sale (copy)"}, "Sale (copy 2)"},
		{"Sale (copy)", []string{"Sale (copy)", "Sale (copy 2)"}, "Sale (copy 3)"},
		{"Sale (copy 7)", []string{"Sale (copy 7)"}, "Sale (copy)"},
		{"Sale (copying)", nil, "Sale (copying) (copy)"},
		{long, nil, long[:2*(message.MaxName-13)] + " (copy)"},
	} {
		require.Equal(t, c.want, message.CopyName(c.name, c.taken))
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, message.MaxName, -1).Draw(t, "name")
		var taken []string
		for range rapid.IntRange(0, 20).Draw(t, "copies") {
			copied := message.CopyName(name, taken)
			require.NotContains(t, taken, copied)
			require.NoError(t, message.CheckName(strings.ReplaceAll(copied, "\x00", "x")))
			require.True(t, strings.HasPrefix(copied, message.CopiedName(name)), "it is found among those that begin so")
			taken = append(taken, copied)
		}
	})
}

// A copy is what its original is, under a name of its own.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, time.Now)
	m, err := service.Write(t.Context(), 1, message.Edit{Name: "Sale", Content: message.Text("<br>"), Draft: true})
	require.NoError(t, err)
	for _, name := range []string{"Sale (copy)", "Sale (copy 2)"} {
		fresh, err := service.Duplicate(as(t.Context(), 7), 1, m.ID, "")
		require.NoError(t, err)
		require.Equal(t, name, fresh.Name)
		require.Equal(t, m.Content, fresh.Content)
		require.True(t, fresh.Draft)
		require.EqualValues(t, 1, fresh.Revision)
		require.EqualValues(t, 7, fresh.Author.UserID)
	}
	fresh, err := service.Duplicate(t.Context(), 1, m.ID, " Spring ")
	require.NoError(t, err)
	require.Equal(t, "Spring", fresh.Name)
	_, err = service.Duplicate(t.Context(), 1, 99, "")
	require.ErrorIs(t, err, message.ErrNotFound)
	_, err = service.Duplicate(t.Context(), 1, m.ID, strings.Repeat("x", 201))
	require.True(t, fault.Is(err, "name_invalid"))
}

// Places in an order are in it, backwards as well, and no two messages are at one.
func TestOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) message.Message {
			at := time.UnixMilli(rapid.Int64Range(0, 3).Draw(t, "at"))
			id, name := rapid.Int64Range(1, 9).Draw(t, "id"), rapid.StringMatching(`[abAB]`).Draw(t, "name")
			return message.Message{ID: id, Name: name, CreatedAt: at, UpdatedAt: at}
		})
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		for _, o := range []message.Order{message.ByName, message.ByCreation, message.ByUpdate} {
			got := o.Compare(o.Place(a, strings.ToLower), o.Place(b, strings.ToLower))
			require.Equal(t, -got, o.Back().Compare(o.Back().Place(a, strings.ToLower), o.Back().Place(b, strings.ToLower)))
			want := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
			if o != message.ByName {
				want = a.CreatedAt.Compare(b.CreatedAt)
			}
			if want == 0 {
				want = int(max(-1, min(1, a.ID-b.ID)))
			}
			require.Equal(t, want, got, o)
		}
		require.Equal(t, b.ID > a.ID, message.NewestFirst.Compare(message.Place{ID: a.ID}, message.Place{ID: b.ID}) > 0)
	})
}
