package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"time"

	"bellman/internal/message"
)

// SentFile is how a bot sends a file, as it is stored.
type SentFile struct {
	BotID int64
	// Source is the origin of the file: "id:" and the id of an uploaded file, or
	// "url:" and the address of one that Telegram fetched.
	Source string
	// Kind is the kind that it was sent as. The same file has one file_id as a
	// photo and another as a document.
	Kind      message.Kind
	File      message.File
	UpdatedAt time.Time
}

// SentStore is what [Sent] needs of the database.
type SentStore interface {
	// Find returns what is known of how the bot sends the sources, in all
	// kinds.
	Find(ctx context.Context, botID int64, sources []string) ([]SentFile, error)
	// Keep writes how a bot sends a file, replacing what was known.
	Keep(ctx context.Context, f SentFile) error
	// Forget removes that, if it still has this file_id.
	Forget(ctx context.Context, f SentFile) error
}

// Sent remembers under which file_id each bot has sent a file, so that the bytes
// are uploaded once. It is safe for concurrent use; several processes may share the
// store, and each learns through [Sent.Load] what the others sent.
//
// Its memory only grows. Keep is for files that many recipients get, not for
// addresses made for one.
type Sent struct {
	store SentStore
	now   func() time.Time

	mu    sync.RWMutex
	files map[sentKey]message.File
}

type sentKey struct {
	botID int64
	id    int64
	url   string
	kind  message.Kind
}

// spec: tg-file-id
func keyOf(botID int64, m message.Media) sentKey {
	return sentKey{botID: botID, id: m.ID, url: m.URL, kind: m.Kind}
}

// NewSent returns an empty memory over the store.
func NewSent(store SentStore, now func() time.Time) *Sent {
	return &Sent{store: store, now: now, files: map[sentKey]message.File{}}
}

// Load reads how the bot sends the media, so that [Sent.File] can answer.
func (s *Sent) Load(ctx context.Context, botID int64, media []message.Media) error {
	if len(media) == 0 {
		return nil
	}
	sources := make([]string, len(media))
	for i, m := range media {
		sources[i] = source(m)
	}
	rows, err := s.store.Find(ctx, botID, sources)
	if err != nil {
		return err
	}
	type asked struct {
		source string
		kind   message.Kind
	}
	known := map[asked]message.File{}
	for _, row := range rows {
		known[asked{row.Source, row.Kind}] = row.File
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range media {
		if file, ok := known[asked{sources[i], m.Kind}]; ok {
			s.files[keyOf(botID, m)] = file
		} else {
			delete(s.files, keyOf(botID, m))
		}
	}
	return nil
}

// File returns how the bot sends a file, from memory; zero when it has never
// sent it, as far as this process knows.
func (s *Sent) File(botID int64, m message.Media) message.File {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.files[keyOf(botID, m)]
}

// Keep remembers how the bot has sent a file, in memory and in the store. When the
// store fails, it is in memory all the same.
func (s *Sent) Keep(ctx context.Context, botID int64, m message.Media, file message.File) error {
	s.mu.Lock()
	s.files[keyOf(botID, m)] = file
	s.mu.Unlock()
	return s.store.Keep(ctx, s.row(botID, m, file))
}

// Forget records that Telegram does not know a file any more under the file_id that
// [Sent.File] returns. A newer file_id that another process has stored meanwhile
// stays in the store.
func (s *Sent) Forget(ctx context.Context, botID int64, m message.Media) error {
	s.mu.Lock()
	refused, known := s.files[keyOf(botID, m)]
	delete(s.files, keyOf(botID, m))
	s.mu.Unlock()
	if !known {
		return nil
	}
	return s.store.Forget(ctx, s.row(botID, m, refused))
}

func (s *Sent) row(botID int64, m message.Media, file message.File) SentFile {
	return SentFile{BotID: botID, Source: source(m), Kind: m.Kind, File: file, UpdatedAt: s.now()}
}

// longestURL is the longest address that is stored unchanged, in bytes: an index of
// the database takes no key above some 2 KiB.
const longestURL = 1024

// source names the origin of a medium.
func source(m message.Media) string {
	switch {
	case m.URL == "":
		return "id:" + strconv.FormatInt(m.ID, 10)
	case len(m.URL) > longestURL:
		sum := sha256.Sum256([]byte(m.URL))
		return "url-sha256:" + hex.EncodeToString(sum[:])
	}
	return "url:" + m.URL
}
