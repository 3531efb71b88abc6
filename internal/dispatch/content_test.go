package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// shelf is one uploaded file, number 1, and what bots know of it.
type shelf struct {
	mu    sync.Mutex
	known map[message.Media]message.File
	// opened counts how often the bytes were asked for. The first `broken` times
	// they cannot be read, and those of the file `lost` never can. closed counts
	// how often they were closed.
	opened, broken, closed int
	lost                   int64
}

func newShelf() *shelf { return &shelf{known: map[message.Media]message.File{}} }

func (s *shelf) Load(context.Context, int64, []message.Media) error { return nil }

func (s *shelf) File(_ int64, m message.Media) message.File {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[m]
}

func (s *shelf) Keep(_ context.Context, _ int64, m message.Media, f message.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[m] = f
	return nil
}

func (s *shelf) Forget(_ context.Context, _ int64, m message.Media) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, m)
	return nil
}

// handle is an opened file.
type handle struct {
	io.Reader
	s *shelf
}

func (h handle) Close() error {
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	h.s.closed++
	return nil
}

func (s *shelf) Open(_ context.Context, _, id int64) (string, int64, io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	if s.opened <= s.broken || id == s.lost {
		return "", 0, nil, errors.New("the disk is away")
	}
	return "sale.jpg", 5, handle{strings.NewReader("bytes"), s}, nil
}

// Kinds makes the shelf a source of the kinds of files, as messages need it.
func (s *shelf) Kinds(_ context.Context, _ int64, ids []int64) (map[int64][]message.Kind, error) {
	kinds := map[int64][]message.Kind{}
	for _, id := range ids {
		kinds[id] = []message.Kind{message.Photo, message.Video, message.Document}
	}
	return kinds, nil
}

func withPhoto() message.Content {
	c := message.Text("hello")
	c.Media = []message.Media{{Kind: message.Photo, ID: 1}}
	return c
}

// uploaded is the answer to a call with a file.
func uploaded(file telegram.File) telegram.Result {
	r := ok(0, 0)
	r.Files = []telegram.File{file}
	return r
}

func TestFileGoesAlongOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		w.useFiles(files)
		w.wire.upload = func(int64, int) telegram.Result { return uploaded(telegram.File{Kind: "photo", ID: "AgAC"}) }
		w.subscribe(people(40)...)
		defer w.process("a")()
		report := w.until(w.launchContent(withPhoto()), campaign.Finished)
		require.EqualValues(t, 40, report.Counts.Sent)
		require.Equal(t, 1, files.opened)
		calls := w.wire.all()
		require.Equal(t, []string{"photo"}, calls[0].fields)
		require.NotContains(t, calls[0].body, "photo")
		for _, c := range calls[1:] {
			require.Equal(t, "sendPhoto", c.method)
			require.Equal(t, "AgAC", c.body["photo"])
			require.Empty(t, c.fields)
			require.False(t, c.at.Before(calls[0].at.Add(50*time.Millisecond)), "the others wait for the first answer")
		}
	})
}

// When the first recipient has blocked the bot, the next one gets the file's bytes.
func TestFileGoesAlongUntilSomebodyHasIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		w.useFiles(files)
		w.wire.upload = func(chatID int64, _ int) telegram.Result {
			if chatID < 1003 {
				return refused(403, "Forbidden: bot was blocked by the user")
			}
			return uploaded(telegram.File{Kind: "photo", ID: "AgAC"})
		}
		w.subscribe(people(20)...)
		defer w.process("a")()
		report := w.until(w.launchContent(withPhoto()), campaign.Finished)
		require.EqualValues(t, 17, report.Counts.Sent)
		require.EqualValues(t, 3, report.Counts.Failed)
		require.Equal(t, 4, files.opened)
	})
}

// A file that Telegram has lost is uploaded once more.
func TestFileThatTelegramForgot(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		files.known[message.Media{Kind: message.Photo, ID: 1}] = message.File{ID: "old", Kind: message.Photo}
		w.useFiles(files)
		w.wire.upload = func(int64, int) telegram.Result { return uploaded(telegram.File{Kind: "photo", ID: "new"}) }
		w.wire.answer = func(chatID int64, n int) telegram.Result {
			if last := w.wire.last(chatID); last.body["photo"] == "old" {
				return refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
			}
			return ok(chatID, n)
		}
		w.subscribe(people(30)...)
		defer w.process("a")()
		report := w.until(w.launchContent(withPhoto()), campaign.Finished)
		require.EqualValues(t, 30, report.Counts.Sent)
		require.Equal(t, 1, files.opened)
	})
}

// Telegram decides what kind a file is: a video without sound becomes an animation.
func TestFileThatBecameAnotherKind(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.useFiles(newShelf())
		w.wire.upload = func(int64, int) telegram.Result { return uploaded(telegram.File{Kind: "animation", ID: "CgAC"}) }
		w.subscribe(people(3)...)
		defer w.process("a")()
		content := message.Text("hello")
		content.Media = []message.Media{{Kind: message.Video, ID: 1}}
		w.until(w.launchContent(content), campaign.Finished)
		calls := w.wire.all()
		require.Equal(t, "sendVideo", calls[0].method)
		require.Equal(t, "sendAnimation", calls[1].method)
		require.Equal(t, "CgAC", calls[1].body["animation"])
	})
}

// A file that Telegram turned into an animation cannot be in an album by its
// file_id: it is uploaded once more, as the kind that it was.
func TestAlbumOfAFileThatBecameAnotherKind(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		photo, video := message.Media{Kind: message.Photo, ID: 1}, message.Media{Kind: message.Video, ID: 2}
		files.known[photo] = message.File{ID: "AgAC", Kind: message.Photo}
		files.known[video] = message.File{ID: "CgAC", Kind: message.Animation}
		w.useFiles(files)
		w.wire.upload = func(int64, int) telegram.Result {
			r := ok(0, 0)
			r.Files = []telegram.File{{Kind: "photo", ID: "AgAC"}, {Kind: "video", ID: "BAAC"}}
			return r
		}
		w.subscribe(people(5)...)
		defer w.process("a")()
		content := message.Text("hello")
		content.Media = []message.Media{photo, video}
		report := w.until(w.launchContent(content), campaign.Finished)
		require.EqualValues(t, 5, report.Counts.Sent)
		require.Equal(t, 1, files.opened)
		require.Equal(t, message.File{ID: "BAAC", Kind: message.Video}, files.known[video])
		for i, c := range w.wire.all() {
			require.Equal(t, i == 0, len(c.fields) == 1, "the others go by the file's id")
			require.NotContains(t, fmt.Sprint(c.body), "CgAC")
		}
	})
}

// It is no fault of the recipient's when a file cannot be read.
func TestFileThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		files.broken = 3
		w.useFiles(files)
		w.wire.upload = func(int64, int) telegram.Result { return uploaded(telegram.File{Kind: "photo", ID: "AgAC"}) }
		w.subscribe(people(5)...)
		defer w.process("a")()
		report := w.until(w.launchContent(withPhoto()), campaign.Finished)
		require.EqualValues(t, 5, report.Counts.Sent)
	})
}

// The other files of an album are closed when one of them cannot be read.
func TestAlbumWithAFileThatIsLost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		files.lost = 2
		w.useFiles(files)
		w.subscribe(7)
		defer w.process("a")()
		content := message.Text("hello")
		content.Media = []message.Media{{Kind: message.Photo, ID: 1}, {Kind: message.Photo, ID: 2}}
		report := w.until(w.launchContent(content), campaign.Finished)
		require.EqualValues(t, 1, report.Counts.Failed)
		require.Positive(t, files.closed)
		require.Equal(t, files.opened, 2*files.closed, "each attempt opens the one and misses the other")
	})
}

// An album counts as one message per item.
func TestAlbumsKeepThePace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		files := newShelf()
		content := message.Text("hello")
		for i := range 5 {
			m := message.Media{Kind: message.Photo, ID: int64(i + 1)}
			content.Media = append(content.Media, m)
			files.known[m] = message.File{ID: "AgAC" + strconv.Itoa(i), Kind: message.Photo}
		}
		w.useFiles(files)
		w.subscribe(people(60)...)
		defer w.process("a")()
		started := time.Now()
		w.until(w.launchContent(content), campaign.Finished)
		require.GreaterOrEqual(t, time.Since(started), 9*time.Second, "60 albums of 5 at 30 a second")
		calls := w.wire.all()
		for i := 6; i < len(calls); i++ {
			require.GreaterOrEqual(t, calls[i].at.Sub(calls[i-6].at), time.Second)
		}
	})
}

func TestMessageSpeaksOfItsRecipient(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(12)...)
		defer w.process("a")()
		// The third recipient is deferred once: a deferred recipient is personal
		// too.
		w.wire.answer = func(chatID int64, n int) telegram.Result {
			if chatID == 1002 && n == 1 {
				return refused(500, "Internal Server Error")
			}
			return ok(chatID, n)
		}
		report := w.until(
			w.launchContent(message.Text("<b>{{ contact.externalCustomerId }}</b>{{ contact.firstName | default: '!' }}")), campaign.Finished)
		require.EqualValues(t, 12, report.Counts.Sent)
		for _, c := range w.wire.all() {
			require.Equal(t, "<b>c"+strconv.FormatInt(c.chatID, 10)+"</b>!", c.body["text"])
		}
	})
}

// A message with custom fields goes out with the values of each recipient, as they are
// when it is sent. What was fixed at launch is which fields these are: one that gets
// another name since is still the same, and one that is deleted leaves a gap, also when
// another field gets its key.
func TestMessageSpeaksOfCustomFields(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		field := func(name string, kind contact.Type) contact.Field {
			f, err := w.contacts.CreateField(w.t.Context(), 1, contact.Field{Name: name, Type: kind})
			require.NoError(t, err)
			return f
		}
		save := func(chatID int64, values map[int64]string) {
			_, err := w.contacts.Save(w.t.Context(), 1, "", contact.Profile{ExternalCustomerID: new(fmt.Sprint("c", chatID)), Fields: values})
			require.NoError(t, err)
		}
		w.subscribe(people(6)...)
		city, bonus, gone := field("City", contact.Text), field("Bonus", contact.Number), field("Gone", contact.Text)
		for _, chatID := range people(3) {
			save(chatID, map[int64]string{city.ID: fmt.Sprint("city ", chatID), bonus.ID: "12,50", gone.ID: "there"})
		}
		w.wire.answer = func(chatID int64, n int) telegram.Result {
			if chatID == 1002 && n == 1 {
				return refused(500, "Internal Server Error")
			}
			return ok(chatID, n)
		}
		id := w.launchContent(message.Text("{{ contact.fields.city | default: '?' }}, {{ contact.fields['Bonus'] | plus: 1 }}, " +
			"{{ contact.fields.gone | default: 'gone' }}"))
		_, err := w.contacts.RenameField(w.t.Context(), 1, city.ID, "Town")
		require.NoError(t, err)
		require.NoError(t, w.contacts.DeleteField(w.t.Context(), 1, gone.ID))
		again := field("Gone", contact.Text)
		require.Equal(t, gone.Key, again.Key)
		for _, chatID := range people(6) {
			save(chatID, map[int64]string{again.ID: "another"})
		}
		defer w.process("a")()
		require.EqualValues(t, 6, w.until(id, campaign.Finished).Counts.Sent)
		for _, c := range w.wire.all() {
			want := "?, 1, gone"
			if c.chatID < 1003 {
				want = fmt.Sprintf("city %d, 13.5, gone", c.chatID)
			}
			require.Equal(t, want, c.body["text"])
		}
	})
}

// A recipient whose values make no valid message fails alone, and before any call.
func TestMessageThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(append(people(11), 1_000_000_004)...)
		defer w.process("a")()
		id := w.launchContent(message.Text("{% for i in (1..400) %}{{ contact.externalCustomerId }}{% endfor %}"))
		report := w.until(id, campaign.Finished)
		require.EqualValues(t, 11, report.Counts.Sent)
		require.EqualValues(t, 1, report.Counts.Failed)
		failed := w.deliveries(id, campaign.Failed, 10)
		require.EqualValues(t, 1_000_000_004, failed[0].ChatID)
		require.Equal(t, outcome.Reason("text_too_long"), failed[0].Reason)
		require.NotContains(t, w.wire.received(), int64(1_000_000_004))
	})
}

// Links are minted for one recipient and link. Only a link whose target differs
// between recipients carries its target.
func TestLinksAreTheRecipients(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.links = mint{}
		w.subscribe(7)
		defer w.process("a")()
		content := message.Text(
			`<a href="https://shop.example/a?b=1&amp;c=2">a</a> <a href="https://shop.example/{{ contact.externalCustomerId }}">b</a>`)
		id := w.launchContent(content)
		w.until(id, campaign.Finished)
		campaignID := strconv.FormatInt(id, 10)
		require.Equal(t, `<a href="https://go/`+campaignID+`/1/0/">a</a> <a href="https://go/`+campaignID+`/1/1/https://shop.example/c7">b</a>`,
			w.wire.last(7).body["text"])
	})
}

type mint struct{}

func (mint) Mint(campaignID, seq, _ int64, number int, target string) string {
	return "https://go/" + strconv.FormatInt(campaignID, 10) + "/" + strconv.FormatInt(seq, 10) + "/" + strconv.Itoa(number) + "/" + target
}

// parameters reads the body of a call.
func parameters(body []byte) map[string]any {
	var p map[string]any
	if err := json.Unmarshal(body, &p); err != nil {
		panic(err)
	}
	return p
}

// A muted chat gets no broadcasts but triggered messages; a chat that is switched
// off gets neither.
//
// spec: mute-broadcasts-only
func TestMutedAndInactiveChats(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *world) {
		w.subscribe(people(4)...)
		_, err := w.contacts.Mute(w.t.Context(), w.bot.ID, 1001, time.Now().Add(time.Hour))
		require.NoError(w.t, err)
		_, err = w.contacts.Activate(w.t.Context(), w.bot.ID, 1002, false)
		require.NoError(w.t, err)
		defer w.process("a")()
		id := w.launch()
		report := w.until(id, campaign.Finished)
		require.EqualValues(w.t, 2, report.Counts.Sent)
		require.EqualValues(w.t, 2, report.Counts.Skipped)
		skipped := w.deliveries(id, campaign.Skipped, 10)
		require.Equal(w.t, []outcome.Reason{outcome.ChatMuted, outcome.ChatInactive}, []outcome.Reason{skipped[0].Reason, skipped[1].Reason})

		triggers := campaign.NewTriggers(w.store.Triggers, w.messages, time.Now, uuid.NewString, func() { w.wake() })
		receipts, err := triggers.Send(w.t.Context(), 1, 1, campaign.Trigger{
			BotID: w.bot.ID, Addressees: []campaign.Addressee{{ChatID: 1001}, {ChatID: 1002}},
		})
		require.NoError(w.t, err)
		for i, want := range []campaign.Status{campaign.Sent, campaign.Skipped} {
			for status := campaign.Queued; status != want; {
				request, err := triggers.Request(w.t.Context(), 1, receipts[i].RequestID)
				require.NoError(w.t, err)
				status = request.Deliveries[0].Status
				require.Contains(w.t, []campaign.Status{campaign.Queued, campaign.InFlight, want}, status)
				time.Sleep(100 * time.Millisecond)
			}
		}
	})
}
