package message_test

import (
	"context"
	"errors"
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

func (s *fakeStore) Messages(context.Context, int64, int64, int) ([]message.Message, error) {
	return s.messages, nil
}

func (s *fakeStore) UpdateMessage(_ context.Context, m message.Message) error {
	s.messages[m.ID-1] = m
	return nil
}

func (s *fakeStore) FindMessages(context.Context, int64, message.Filter) ([]message.Message, int64, error) {
	return s.messages, int64(len(s.messages)), nil
}

func (s *fakeStore) DeleteMessage(_ context.Context, _, id int64, allow func([]message.Use) error) error {
	var uses []message.Use
	if s.messages[id-1].Name == "used" {
		uses = []message.Use{{CampaignID: 7, Name: "sale"}}
	}
	return allow(uses)
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
	requireFault(t, err, "media_kind_mismatch", "translations.uk.media[0].kind", "cannot be sent as video; it can be sent as photo, document")
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
		Text: "Hi {{ contact.firstName }} {{ contact.lastName }} {{ data.order.total }}", Media: []message.Media{{Kind: message.Photo, ID: 1}},
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

func TestDeleteIsRefusedWhileUsed(t *testing.T) {
	t.Parallel()
	service := message.New(&fakeStore{messages: []message.Message{{Name: "free"}, {Name: "used"}}}, nil, time.Now)
	require.NoError(t, service.Delete(t.Context(), 1, 1))
	err := service.Delete(t.Context(), 1, 2)
	require.True(t, fault.Is(err, "message_in_use"), err)
	require.ErrorContains(t, err, "campaign 7 (sale)")
}
