package message_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// fakeStore keeps messages and knows files; it stands for the store and for whoever
// keeps the files.
type fakeStore struct {
	messages []message.Message
	kinds    map[int64][]message.Kind
	err      error
}

func (s *fakeStore) CreateMessage(_ context.Context, m message.Message) (int64, error) {
	m.ID = int64(len(s.messages) + 1)
	s.messages = append(s.messages, m)
	return m.ID, nil
}

func (s *fakeStore) Message(_ context.Context, _, id int64) (message.Message, error) {
	if id < 1 || id > int64(len(s.messages)) {
		return message.Message{}, message.ErrNotFound
	}
	return s.messages[id-1], nil
}

func (s *fakeStore) ChangeMessage(
	_ context.Context, _, id int64, change func(*message.Message) (bool, error),
) (message.Message, error) {
	if id < 1 || id > int64(len(s.messages)) {
		return message.Message{}, message.ErrNotFound
	}
	m := s.messages[id-1]
	changed, err := change(&m)
	if err == nil && changed {
		s.messages[id-1] = m
	}
	return m, err
}

func (s *fakeStore) FindMessages(context.Context, int64, message.Filter) ([]message.Message, int64, error) {
	return s.messages, int64(len(s.messages)), nil
}

func (s *fakeStore) MessageNames(_ context.Context, _ int64, prefix string) (names []string, err error) {
	for _, m := range s.messages {
		if strings.HasPrefix(m.Name, prefix) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

func (s *fakeStore) DeleteMessage(_ context.Context, _, id int64, allow func(message.Message, []message.Use) error) error {
	var uses []message.Use
	if s.messages[id-1].Name == "used" {
		uses = []message.Use{{CampaignID: 7, Name: "sale"}}
	}
	return allow(s.messages[id-1], uses)
}

func (s *fakeStore) MessageUses(context.Context, int64, int64, int64, int) ([]message.Use, error) {
	return nil, nil
}

func (s *fakeStore) Revisions(context.Context, int64, int64, int64, int) ([]message.Revision, error) {
	return nil, nil
}

func (s *fakeStore) Revision(context.Context, int64, int64, int64) (message.Revision, error) {
	return message.Revision{}, message.ErrRevisionNotFound
}

func (s *fakeStore) Kinds(_ context.Context, workspaceID int64, ids []int64) (map[int64][]message.Kind, error) {
	if workspaceID != 1 {
		return nil, s.err
	}
	found := make(map[int64][]message.Kind)
	for _, id := range ids {
		if kinds, ok := s.kinds[id]; ok {
			found[id] = kinds
		}
	}
	return found, s.err
}

func TestFilesAreThere(t *testing.T) {
	t.Parallel()
	s := &fakeStore{kinds: map[int64][]message.Kind{1: {message.Photo, message.Document}}}
	service := message.New(s, s, time.Now)
	file := func(id int64, kind message.Kind) message.Content {
		return message.Content{
			Version:      message.Version{Text: "x"},
			Translations: map[string]message.Version{"uk": {Media: []message.Media{{Kind: kind, ID: id}}}},
		}
	}
	m, err := service.Create(t.Context(), 1, "m", file(1, message.Photo))
	require.NoError(t, err)

	_, err = service.Create(t.Context(), 1, "m", file(2, message.Photo))
	requireFault(t, err, "media_not_found", "translations.uk.media[0].id", "no uploaded file 2")
	_, err = service.Update(t.Context(), 1, m.ID, "m", file(1, message.Video))
	requireFault(t, err, "media_kind_mismatch", "translations.uk.media[0].kind",
		"cannot be sent as video; it can be sent as photo, document")
	_, err = service.Create(t.Context(), 2, "m", file(1, message.Photo))
	requireFault(t, err, "media_not_found", "translations.uk.media[0].id", "upload it first")

	_, err = message.New(s, nil, time.Now).Create(t.Context(), 1, "m", file(1, message.Photo))
	requireFault(t, err, "media_not_found", "translations.uk.media[0].id", "upload it first")

	s.err = errors.New("the disk is gone")
	_, err = service.Create(t.Context(), 1, "m", file(1, message.Photo))
	require.ErrorIs(t, err, s.err)
	require.Len(t, s.messages, 1)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := &fakeStore{kinds: map[int64][]message.Kind{1: {message.Photo}}}
	service := message.New(s, s, time.Now)
	m, err := service.Create(t.Context(), 1, "m", message.Content{Version: message.Version{
		Text:  "Hi {{ contact.firstName }} {{ contact.lastName }} {{ data.order.total }}",
		Media: []message.Media{{Kind: message.Photo, ID: 1}},
	}})
	require.NoError(t, err)
	shown, err := service.Preview(t.Context(), 1, m.ID, *ann(""))
	require.NoError(t, err)
	require.Equal(t, "sendPhoto", shown.Method)
	require.JSONEq(t, `{"photo":"media:1","caption":"Hi Ann  ","parse_mode":"HTML"}`, string(shown.Parameters))
	require.Equal(t, []string{"contact.lastName", "data.order.total"}, shown.Missing)

	_, err = service.Preview(t.Context(), 1, 9, *ann(""))
	require.ErrorIs(t, err, message.ErrNotFound)
}

// Mark-up can be read in a preview, and a file by its address stands as such.
func TestPreviewIsLegible(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, time.Now)
	m, err := service.Create(t.Context(), 1, "m", message.Content{
		Version: message.Version{Text: "default"}, Language: "en",
		Translations: map[string]message.Version{"uk": {
			Text: `<b>&amp;</b>`, Media: []message.Media{{Kind: message.Photo, URL: "https://example.com/x.jpg"}},
		}},
	})
	require.NoError(t, err)
	shown, err := service.Preview(t.Context(), 1, m.ID, message.Person{LanguageCode: "en", Language: "uk"})
	require.NoError(t, err)
	require.Equal(t, message.Shown{Method: "sendPhoto", Parameters: json.RawMessage(
		`{"caption":"<b>&amp;</b>","parse_mode":"HTML","photo":"https://example.com/x.jpg"}`)}, shown)
	shown, err = service.Preview(t.Context(), 1, m.ID, message.Person{LanguageCode: "uk", Language: "en"})
	require.NoError(t, err)
	require.Equal(t, message.Shown{Method: "sendMessage", Parameters: json.RawMessage(`{"parse_mode":"HTML","text":"default"}`)}, shown)
}

// A preview tells what a person lacks, and what is wrong with their values.
func TestPreviewTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := &fakeStore{}
	service := message.New(s, s, time.Now)
	m, err := service.Create(t.Context(), 1, "m", message.Text("x{{ contact.externalCustomerId }}{{ contact.phone }}{{ contact.email }}"+
		"{{ contact.firstName }}{{ contact.lastName }}{{ contact.languageCode }}{{ contact.timeZone }}{{ contact.id }}"+
		"{{ data.a.b }}{{ data.c }}{{ data.list.x }}{{ data.n.x }}"))
	require.NoError(t, err)
	everything := message.Person{
		ContactID: 1, ExternalCustomerID: "a", Phone: "b", Email: "c", FirstName: "d", LastName: "e", LanguageCode: "f", TimeZone: "g",
	}
	contact := []string{"contact.email", "contact.externalCustomerId", "contact.firstName", "contact.languageCode", "contact.lastName",
		"contact.phone", "contact.timeZone"}
	for _, tt := range []struct {
		person  message.Person
		data    string
		missing []string
	}{
		{everything, `{"a":{"b":0},"c":false,"list":[1],"n":1}`, nil},
		{everything, `{"a":{"b":""},"c":null,"list":[],"n":null}`, []string{"data.a.b", "data.c", "data.n.x"}},
		{everything, ``, []string{"data.a.b", "data.c", "data.list.x", "data.n.x"}},
		{everything, `{"a":"b","c":"d","list":"e","n":{"x":{}}}`, nil},
		{message.Person{ContactID: 1}, `{"a":{"b":1},"c":1,"list":1,"n":1}`, contact},
	} {
		tt.person.Data = json.RawMessage(tt.data)
		shown, err := service.Preview(t.Context(), 1, m.ID, tt.person)
		require.NoError(t, err)
		require.Equal(t, tt.missing, shown.Missing, tt.data)
	}
	_, err = service.Preview(t.Context(), 1, m.ID, message.Person{Data: json.RawMessage(`{"a":`)})
	require.True(t, fault.Is(err, "data_invalid"), err)
}

// Each field of a contact is written by its own name.
func TestFieldsOfContacts(t *testing.T) {
	t.Parallel()
	call, err := compose(t, message.Text("{{ contact.id }}{{ contact.externalCustomerId }}{{ contact.phone }}{{ contact.email }}"+
		"{{ contact.firstName }}{{ contact.lastName }}{{ contact.languageCode }}{{ contact.timeZone }}"), message.Recipient{
		ChatID: 1, Person: &message.Person{ContactID: 1, ExternalCustomerID: "a", Phone: "b", Email: "c", FirstName: "d", LastName: "e",
			LanguageCode: "f", TimeZone: "g"},
	})
	require.NoError(t, err)
	require.Equal(t, "1abcdefg", body(t, call)["text"])
}

// What is stored is what was asked for, with the times of both changes.
func TestMessagesAreKept(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := &fakeStore{}
	service := message.New(s, s, func() time.Time { return now })
	m, err := service.Create(t.Context(), 1, "  Sale ", message.Text("x"))
	require.NoError(t, err)
	created := message.Message{ID: 1, WorkspaceID: 1, Name: "Sale", Content: message.Text("x"),
		Revision: 1, RevisedAt: now, CreatedAt: now, UpdatedAt: now}
	require.Equal(t, created, m)
	now = now.Add(time.Hour)
	m, err = service.Update(t.Context(), 1, m.ID, " Spring ", message.Text("y"))
	require.NoError(t, err)
	updated := message.Message{
		ID: 1, WorkspaceID: 1, Name: "Spring", Content: message.Text("y"), Revision: 2, RevisedAt: now,
		CreatedAt: now.Add(-time.Hour), UpdatedAt: now,
	}
	require.Equal(t, updated, m)
	for _, get := range []func(context.Context, int64, int64) (message.Message, error){service.Get, service.Checked} {
		m, err = get(t.Context(), 1, 1)
		require.NoError(t, err)
		require.Equal(t, updated, m)
		_, err = get(t.Context(), 1, 2)
		require.ErrorIs(t, err, message.ErrNotFound)
	}
	found, total, err := service.Find(t.Context(), 1, message.Filter{})
	require.NoError(t, err)
	require.Equal(t, []message.Message{updated}, found)
	require.EqualValues(t, 1, total)

	for name, c := range map[string]message.Content{"": message.Text("x"), "x": message.Text("<br>")} {
		_, err = service.Create(t.Context(), 1, name, c)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		m, err = service.Update(t.Context(), 1, 1, name, c)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		require.Zero(t, m)
	}
	_, err = service.Update(t.Context(), 1, 2, "x", message.Text("x"))
	require.ErrorIs(t, err, message.ErrNotFound)
	require.Equal(t, []message.Message{updated}, s.messages)
	s.messages[0].Content = message.Text("<br>")
	_, err = service.Checked(t.Context(), 1, 1)
	require.True(t, fault.Is(err, "html_tag_unknown"), err)
	// What an earlier version took goes out as Telegram takes it.
	for _, text := range []string{
		"<b>a <code>b</code></b>", strings.Repeat("<b>x</b> ", 101), "a&nbsp;b", `<a href="https://a@b@e.com">x</a>`,
	} {
		require.Error(t, message.Text(text).Check(), text)
		s.messages[0].Content = message.Text(text)
		_, err = service.Checked(t.Context(), 1, 1)
		require.NoError(t, err, text)
	}
}

// All that is wrong is told at once, with the files.
func TestFaultsOfService(t *testing.T) {
	t.Parallel()
	s := &fakeStore{kinds: map[int64][]message.Kind{1: {message.Photo}}}
	service := message.New(s, s, time.Now)
	file := func(text string, id int64) message.Content {
		return message.Content{Version: message.Version{Text: text, Media: []message.Media{{Kind: message.Photo, ID: id}}}}
	}
	codes := func(c message.Content) (codes []string) {
		faults, err := service.Faults(t.Context(), 1, c)
		require.NoError(t, err)
		for _, f := range faults {
			codes = append(codes, f.Code)
		}
		return codes
	}
	require.Empty(t, codes(file("x", 1)))
	require.Equal(t, []string{"html_tag_unknown"}, codes(file("<br>", 1)))
	require.Equal(t, []string{"media_not_found"}, codes(file("x", 2)))
	require.Equal(t, []string{"html_tag_unknown", "media_not_found"}, codes(file("<br>", 2)))
	album := file("x", 2)
	album.Media = append(album.Media, message.Media{Kind: message.Photo, ID: 3})
	require.Equal(t, []string{"media_not_found", "media_not_found"}, codes(album))
	s.err = errors.New("the disk is gone")
	_, err := service.Faults(t.Context(), 1, file("x", 1))
	require.ErrorIs(t, err, s.err)
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"": false, "x": true, strings.Repeat("я", message.MaxName): true, strings.Repeat("я", message.MaxName+1): false, "a\x00b": false,
	} {
		require.Equal(t, ok, message.CheckName(name) == nil, name)
	}
	requireFault(t, message.CheckName(""), "name_invalid", "name", "1 to 200 characters")
}

func TestContentIsKept(t *testing.T) {
	t.Parallel()
	stored, err := typical().Encode()
	require.NoError(t, err)
	c, err := message.Decode(stored)
	require.NoError(t, err)
	require.Equal(t, typical(), c)
	_, err = message.Decode("{")
	require.ErrorContains(t, err, "decode content")
}

func TestDeleteIsRefusedWhileUsed(t *testing.T) {
	t.Parallel()
	service := message.New(&fakeStore{messages: []message.Message{{Name: "free"}, {Name: "used"}}}, nil, time.Now)
	require.NoError(t, service.Delete(t.Context(), 1, 1))
	err := service.Delete(t.Context(), 1, 2)
	require.True(t, fault.Is(err, "message_in_use"), err)
	require.ErrorContains(t, err, "campaign 7 (sale)")
}
