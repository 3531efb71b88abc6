package sandbox

import (
	"encoding/json"
	"hash/maphash"
	"io"
	"strconv"
	"sync"
)

// Message is an accepted message, as the sandbox remembers it.
type Message struct {
	Seq         int64           `json:"seq"` // counts the messages of the whole sandbox from 1
	Bot         int64           `json:"bot"`
	Chat        int64           `json:"chat"`
	MessageID   int64           `json:"messageId"`
	At          int64           `json:"at"`   // Unix milliseconds
	Text        string          `json:"text"` // with media: the caption
	Entities    json.RawMessage `json:"entities,omitempty"`
	ReplyMarkup json.RawMessage `json:"replyMarkup,omitempty"` // inline keyboards only
	Media       *Media          `json:"media,omitempty"`
	Group       string          `json:"mediaGroupId,omitempty"` // the same for all messages of an album
	Parameters  json.RawMessage `json:"parameters,omitempty"`   // with Options.KeepParameters
	Edited      bool            `json:"edited,omitempty"`
	Deleted     bool            `json:"deleted,omitempty"`

	field string // its media as a Message carries it
	group int64  // the first message of its album
}

// Media is the file of an accepted message.
type Media struct {
	File

	Method   string `json:"method"`             // that sent it, such as "sendPhoto"
	Uploaded bool   `json:"uploaded,omitempty"` // its bytes came with this message
}

// shown returns the content of the message.
func (m *Message) shown() shown {
	return shown{
		text: []byte(m.Text), entities: m.Entities, markup: string(m.ReplyMarkup), media: m.Media, field: []byte(m.field),
	}
}

// head returns the part of its Message before the content.
func (m *Message) head() messageHead {
	return messageHead{id: m.MessageID, chat: m.Chat, date: m.At / 1000, group: m.group}
}

// Recipient is how often one bot has written to one chat.
type Recipient struct {
	Bot   int64 `json:"bot"`
	Chat  int64 `json:"chat"`
	Count int64 `json:"count"`
}

// Totals sum up what was received.
type Totals struct {
	Messages   int64 `json:"messages"`   // accepted
	Recipients int64 `json:"recipients"` // different (bot, chat) among them; 0 with KeepTotals
	Duplicates int64 `json:"duplicates"` // messages whose bot, chat, text and file had been received before
	Repeated   int64 `json:"repeated"`   // different (bot, chat, text, file) received more than once
}

// content is the content of messages, stored once however many messages have it. Blob is the text, its entities, its
// keyboard and its media as a Message contains them, one after the other.
type content struct {
	blob     string
	text     uint32 // where the text ends
	entities uint32 // where the entities end
}

// contentMedia is the media of a content that has some.
type contentMedia struct {
	media *Media
	start uint32 // where in the blob it begins
}

type record struct {
	bot, chat int64
	at        int64 // Unix milliseconds
	content   uint32
	message   int32
	group     int32 // the first message of its album; 0 outside of albums
	edited    bool
	deleted   bool
}

type recipient struct{ bot, chat int64 }

// chunkSize is the number of records in one allocation, so that a growing journal is never copied.
const chunkSize = 4096

// journal remembers accepted messages.
type journal struct {
	keep Keep
	log  io.Writer
	seed maphash.Seed

	mu         sync.Mutex
	count      int64
	chunks     [][]record
	contents   []content
	media      map[uint32]contentMedia // by the place in contents
	known      map[string]uint32       // blob with its two lengths → contents
	parameters map[int64]string        // by seq
	recipients map[recipient]int32
	seen       map[uint64]struct{} // hashes of (bot, chat, text)
	again      map[uint64]int64    // how often more, for those seen more than once
	duplicates int64
	line       []byte
	key        []byte
}

func newJournal(keep Keep, log io.Writer) *journal {
	j := &journal{keep: keep, log: log, seed: maphash.MakeSeed()}
	j.clear()
	return j
}

// reset forgets everything.
func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.clear()
}

func (j *journal) clear() {
	j.count, j.duplicates = 0, 0
	j.chunks, j.contents = nil, nil
	j.known, j.parameters = make(map[string]uint32), make(map[int64]string)
	j.media = make(map[uint32]contentMedia)
	j.recipients = make(map[recipient]int32)
	j.seen, j.again = make(map[uint64]struct{}), make(map[uint64]int64)
}

// shown is a message's content before it is stored.
type shown struct {
	text, entities []byte
	markup         string
	media          *Media // nil for a text message
	field          []byte // the media as a Message carries it
}

// add records an accepted message and returns its seq, or an error when the log could not be written.
func (j *journal) add(r record, s shown, parameters string) (int64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.log != nil {
		if err := j.writeLine(&r, s); err != nil {
			return 0, err
		}
	}
	j.count++
	if j.keep == KeepTotals {
		return j.count, nil
	}
	j.recipients[recipient{r.bot, r.chat}]++
	j.compare(&r, &s)
	if j.keep == KeepCounts {
		return j.count, nil
	}
	r.content = j.intern(s)
	if len(j.chunks) == 0 || len(j.chunks[len(j.chunks)-1]) == chunkSize {
		j.chunks = append(j.chunks, make([]record, 0, chunkSize))
	}
	last := &j.chunks[len(j.chunks)-1]
	*last = append(*last, r)
	if parameters != "" {
		j.parameters[j.count] = parameters
	}
	return j.count, nil
}

// compare counts a message that was received before.
func (j *journal) compare(r *record, s *shown) {
	h := maphash.Bytes(j.seed, s.text)
	if s.media != nil {
		h ^= maphash.String(j.seed, s.media.UniqueID)
	}
	h = (h ^ uint64(r.bot)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ uint64(r.chat)) * 0xbf58476d1ce4e5b9
	h ^= h >> 32
	if _, ok := j.seen[h]; ok {
		j.duplicates++
		j.again[h]++
		return
	}
	j.seen[h] = struct{}{}
}

func (j *journal) intern(s shown) uint32 {
	key := j.key[:0]
	key = append(key, s.text...)
	key = append(key, s.entities...)
	key = append(key, s.markup...)
	key = append(key, s.field...)
	blob := len(key)
	key = strconv.AppendInt(key, int64(len(s.text)), 36)
	key = strconv.AppendInt(append(key, ','), int64(len(s.entities)), 36)
	if s.media != nil {
		key = strconv.AppendInt(append(key, ','), int64(len(s.markup)), 36)
		key = append(key, s.media.Method...)
		key = strconv.AppendBool(key, s.media.Uploaded)
	}
	j.key = key
	if i, ok := j.known[string(key)]; ok {
		return i
	}
	whole := string(key)
	i := uint32(len(j.contents))
	j.contents = append(j.contents, content{
		blob: whole[:blob], text: uint32(len(s.text)), entities: uint32(len(s.text) + len(s.entities)),
	})
	if s.media != nil {
		j.media[i] = contentMedia{s.media, uint32(blob - len(s.field))}
	}
	j.known[whole] = i
	return i
}

func (j *journal) writeLine(r *record, s shown) error {
	line := j.line[:0]
	line = append(line, `{"bot":`...)
	line = strconv.AppendInt(line, r.bot, 10)
	line = append(line, `,"chat":`...)
	line = strconv.AppendInt(line, r.chat, 10)
	line = append(line, `,"messageId":`...)
	line = strconv.AppendInt(line, int64(r.message), 10)
	line = append(line, `,"at":`...)
	line = strconv.AppendInt(line, r.at, 10)
	line = append(line, `,"text":`...)
	line = appendString(line, s.text)
	if m := s.media; m != nil {
		line = append(line, `,"media":{"method":`...)
		line = appendString(line, m.Method)
		for _, part := range []struct{ name, value string }{
			{"kind", m.Kind}, {"fileId", m.ID}, {"name", m.Name}, {"sha256", m.SHA256}, {"url", m.URL},
		} {
			line = append(appendString(append(line, ','), part.name), ':')
			line = appendString(line, part.value)
		}
		line = strconv.AppendInt(append(line, `,"size":`...), m.Size, 10)
		line = append(line, '}')
	}
	line = append(line, "}\n"...)
	j.line = line
	_, err := j.log.Write(j.line)
	return err
}

// at returns the record of a seq; nil if there is none.
func (j *journal) at(seq int64) *record {
	i := seq - 1
	if i < 0 || j.keep != KeepMessages || i >= j.count {
		return nil
	}
	return &j.chunks[i/chunkSize][i%chunkSize]
}

// get returns the message of a seq.
func (j *journal) get(seq int64) (Message, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.at(seq)
	if r == nil {
		return Message{}, false
	}
	return j.message(seq, r), true
}

func (j *journal) message(seq int64, r *record) Message {
	c := &j.contents[r.content]
	m := Message{
		Seq: seq, Bot: r.bot, Chat: r.chat, MessageID: int64(r.message), At: r.at, Text: c.blob[:c.text],
		Edited: r.edited, Deleted: r.deleted,
	}
	if c.entities > c.text {
		m.Entities = json.RawMessage(c.blob[c.text:c.entities])
	}
	markup := c.blob[c.entities:]
	if with, ok := j.media[r.content]; ok {
		media := *with.media
		m.Media, m.field, markup = &media, c.blob[with.start:], c.blob[c.entities:with.start]
	}
	if markup != "" {
		m.ReplyMarkup = json.RawMessage(markup)
	}
	if r.group != 0 {
		m.group, m.Group = int64(r.group), groupID(int64(r.group))
	}
	if p := j.parameters[seq]; p != "" {
		m.Parameters = json.RawMessage(p)
	}
	return m
}

// edit gives a message new content; it returns false when the content does not change.
func (j *journal) edit(seq int64, s shown) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	r, i := j.at(seq), j.intern(s)
	if r.content == i {
		return false
	}
	r.content, r.edited = i, true
	return true
}

func (j *journal) delete(seq int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(seq).deleted = true
}

// list returns up to limit messages after a seq, oldest first; zero bot or chat means any.
func (j *journal) list(bot, chat, after int64, limit int) []Message {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := []Message{}
	for seq := max(after, 0) + 1; seq <= j.count && len(found) < limit; seq++ {
		r := j.at(seq)
		if r == nil {
			break
		}
		if (bot == 0 || r.bot == bot) && (chat == 0 || r.chat == chat) {
			found = append(found, j.message(seq, r))
		}
	}
	return found
}

// counts returns the recipients with at least that many messages, in no order, up to limit of them.
func (j *journal) counts(bot, chat, atLeast, limit int64) []Recipient {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := []Recipient{}
	for who, n := range j.recipients {
		if int64(len(found)) == limit {
			break
		}
		if int64(n) >= atLeast && (bot == 0 || who.bot == bot) && (chat == 0 || who.chat == chat) {
			found = append(found, Recipient{who.bot, who.chat, int64(n)})
		}
	}
	return found
}

func (j *journal) totals() Totals {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Totals{
		Messages: j.count, Recipients: int64(len(j.recipients)), Duplicates: j.duplicates, Repeated: int64(len(j.again)),
	}
}
