package telegramtest

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
	At          int64           `json:"at"` // Unix milliseconds
	Text        string          `json:"text"`
	Entities    json.RawMessage `json:"entities,omitempty"`
	ReplyMarkup json.RawMessage `json:"replyMarkup,omitempty"` // inline keyboards only
	Parameters  json.RawMessage `json:"parameters,omitempty"`  // with Options.KeepParameters
	Edited      bool            `json:"edited,omitempty"`
	Deleted     bool            `json:"deleted,omitempty"`
}

// Recipient is how often one chat was written to by one bot.
type Recipient struct {
	Bot   int64 `json:"bot"`
	Chat  int64 `json:"chat"`
	Count int64 `json:"count"`
}

// Totals sum up what was received.
type Totals struct {
	Messages   int64 `json:"messages"`   // accepted
	Recipients int64 `json:"recipients"` // different (bot, chat) among them; 0 with KeepTotals
	Duplicates int64 `json:"duplicates"` // messages whose bot, chat and text had been received before
	Repeated   int64 `json:"repeated"`   // different (bot, chat, text) received more than once
}

// content is what a message shows, stored once however many messages show it. Blob is the text, its entities and its
// keyboard, one after the other.
type content struct {
	blob     string
	text     uint32 // where the text ends
	entities uint32 // where the entities end
}

type record struct {
	bot, chat int64
	at        int64 // Unix milliseconds
	content   uint32
	message   int32
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
	known      map[string]uint32 // blob with its two lengths → contents
	parameters map[int64]string  // by seq
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
	j.recipients = make(map[recipient]int32)
	j.seen, j.again = make(map[uint64]struct{}), make(map[uint64]int64)
}

// shown is a message's content before it is stored.
type shown struct {
	text, entities []byte
	markup         string
}

// add notes an accepted message and returns its seq, or an error where the log could not be written.
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
	j.compare(&r, s.text)
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

// compare counts a message that had been received before.
func (j *journal) compare(r *record, text []byte) {
	h := maphash.Bytes(j.seed, text)
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
	blob := len(key)
	key = strconv.AppendInt(key, int64(len(s.text)), 36)
	key = strconv.AppendInt(append(key, ','), int64(len(s.entities)), 36)
	j.key = key
	if i, ok := j.known[string(key)]; ok {
		return i
	}
	whole := string(key)
	i := uint32(len(j.contents))
	j.contents = append(j.contents, content{
		blob: whole[:blob], text: uint32(len(s.text)), entities: uint32(len(s.text) + len(s.entities)),
	})
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
	if len(c.blob) > int(c.entities) {
		m.ReplyMarkup = json.RawMessage(c.blob[c.entities:])
	}
	if p := j.parameters[seq]; p != "" {
		m.Parameters = json.RawMessage(p)
	}
	return m
}

// edit gives a message new content; it returns false where the content is what it already was.
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
