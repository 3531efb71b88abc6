package erasure_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/contact"
	"bellman/internal/erasure"
)

// batch is of one person, and of one with a short id.
func batch() erasure.Batch {
	return erasure.Batch{WorkspaceID: 1, Region: "UA", People: []erasure.Person{
		{ContactID: 77, ExternalCustomerID: "C-1001", Phone: "+380501234567", Email: "Anna@x.ua", Tokens: []string{"token-1"},
			Chats: []erasure.Chat{{BotID: 1, ChatID: 9001}, {BotID: 1, ChatID: -100200}}},
		{ContactID: 78, ExternalCustomerID: "7"},
	}}
}

// Identifiers are found as people write them, and nothing that only looks like one.
func TestNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"C-1001": true, " C-1001 ": true, "c-1001": false, "C-10011": false, "anna@X.UA": true, "hanna@x.ua": false,
		"+380501234567": true, "050 123-45-67": true, "0501234568": false, "380 (50) 123 45 67": true, "token-1": true,
		"7": true, "77": false, "": false, "9001": false, "4567": false,
	} {
		require.Equal(t, want, batch().Named(text), text)
	}
}

// A profile with another id is somebody else's, who shares a phone.
func TestIsProfile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		of   contact.Profile
		want bool
	}{
		"id":                 {contact.Profile{ID: new(int64(77))}, true},
		"another id":         {contact.Profile{ID: new(int64(79)), Phone: new("+380501234567")}, false},
		"externalCustomerId": {contact.Profile{ExternalCustomerID: new("C-1001")}, true},
		"another one":        {contact.Profile{ExternalCustomerID: new("C-2"), Phone: new("+380501234567"), Email: new("anna@x.ua")}, false},
		"phone":              {contact.Profile{Phone: new("0501234567")}, true},
		"email":              {contact.Profile{Email: new("ANNA@x.ua"), Phone: new("0509999999")}, true},
		"device":             {contact.Profile{Devices: []contact.Device{{Token: "token-1"}}}, true},
		"names alone":        {contact.Profile{FirstName: new("Anna")}, false},
	} {
		require.Equal(t, tt.want, batch().IsProfile(tt.of), name)
	}
}

// Texts, answers and events tell of a person by what can be nobody else's.
func TestTells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"contactId":77}`: true, `{"id":77}`: true, `{"contactIds":[1,77]}`: true, `{"count":77}`: false, `{"id":770}`: false,
		`{"token":"9001"}`: true, `[{"chatId":-100200}]`: true, `{"n":9001}`: true, `{"n":9002}`: false,
		`{"status":200,"body":"{\"contact\":{\"id\":77}}"}`: true, `{"body":"[{\"email\":\"anna@x.ua\"}]"}`: true,
		`{"note":"call +380501234567 soon"}`: true, `{"note":"for C-1001."}`: true, `{"note":"for C-10015"}`: false,
		`{"externalCustomerId":"7"}`: true, `{"quantity":"7"}`: false, `{"C-1001":true}`: true,
		``: false, `no JSON of C-1001`: true, `null`: false,
	} {
		require.Equal(t, want, batch().Tells([]byte(text)), text)
	}
	// Numbers of events are anything.
	require.False(t, batch().IsAbout("k", []byte(`{"id":77,"n":9001}`)))
	require.True(t, batch().IsAbout("7", []byte(`{}`)))
	require.True(t, batch().IsAbout("k", []byte(`{"phone":"0501234567"}`)))
}

// Whatever JSON there is around an identifier, it is found, and not when it is not there.
func TestTellsInAnyDepth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		there := rapid.Bool().Draw(rt, "there")
		var value any = map[bool]string{true: "C-1001", false: "C-2002"}[there]
		for range rapid.IntRange(0, 6).Draw(rt, "depth") {
			switch rapid.IntRange(0, 2).Draw(rt, "around") {
			case 0:
				value = []any{1, value}
			case 1:
				value = map[string]any{rapid.StringMatching(`[a-z]{1,5}`).Draw(rt, "member"): value, "other": nil}
			default:
				text, err := json.Marshal(value)
				require.NoError(rt, err)
				if text[0] == '{' || text[0] == '[' {
					value = string(text)
				}
			}
		}
		text, err := json.Marshal(value)
		require.NoError(rt, err)
		require.Equal(rt, there, batch().Tells(text), "%s", text)
	})
}

// fake has one erasure with pieces, of which some have to wait.
type fake struct {
	erasure.Store
	mu            sync.Mutex
	pieces, waits int
	asked         time.Time
	broken        error
}

func (f *fake) Erasure(context.Context, int64, int64) (erasure.Erasure, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked.IsZero() {
		return erasure.Erasure{}, erasure.ErrNotFound
	}
	return erasure.Erasure{ContactID: 77, AskedAt: f.asked}, nil
}

func (f *fake) NextErasures(_ context.Context, before time.Time, _ int) (erasure.Batch, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return batch(), f.pieces > 0 && !f.asked.After(before), f.broken
}

func (f *fake) EraseSome(context.Context, erasure.Batch, time.Time, time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waits > 0 {
		f.waits--
		return erasure.ErrInFlight
	}
	f.pieces--
	return nil
}

// left returns how many pieces, and waits, there are.
func (f *fake) left() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []int{f.pieces, f.waits}
}

// Delete is the contact's.
func (f *fake) Delete(context.Context, int64, int64, bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.asked.IsZero() {
		return contact.ErrNotFound
	}
	f.asked = time.Now()
	return nil
}

// The loop begins when what was under way has settled, waits for the wire, and goes on to
// the end; who asks again is answered alike, and who never was is not found.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{pieces: 5, waits: 3}
		s := erasure.New(f, f, time.Now, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Run(ctx); close(ended) }()
		first, err := s.Erase(ctx, 1, 77)
		require.NoError(t, err)
		again, err := s.Erase(ctx, 1, 77)
		require.NoError(t, err)
		require.Equal(t, first, again)
		time.Sleep(erasure.Settle - time.Second)
		synctest.Wait()
		require.Equal(t, []int{5, 3}, f.left())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []int{0, 0}, f.left())
		stop()
		<-ended
	})
	_, err := erasure.New(&fake{}, gone{}, time.Now, slog.New(slog.DiscardHandler)).Erase(t.Context(), 1, 5)
	require.ErrorIs(t, err, contact.ErrNotFound)
	_, err = erasure.New(&fake{}, broken{}, time.Now, slog.New(slog.DiscardHandler)).Erase(t.Context(), 1, 5)
	require.ErrorIs(t, err, errBroken)
}

type gone struct{}

func (gone) Delete(context.Context, int64, int64, bool) error { return contact.ErrNotFound }

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Delete(context.Context, int64, int64, bool) error { return errBroken }
