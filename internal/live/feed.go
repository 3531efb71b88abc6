package live

import (
	"context"
	"strconv"
	"strings"
	"time"

	"bellman/internal/campaign"
)

// keptBatches is how many batches of a feed are kept for readers that are slow or were away:
// two minutes of them at least.
const keptBatches = 240

// Sight is what stands for things of a workspace at a moment: a text for each, which changes
// when the thing does.
type Sight map[Change]string

// A feed is what changes in a workspace. The hub's lock guards it.
type feed struct {
	// id is another one for each feed, so that a place in one is known to be in no other.
	id      string
	readers int
	// left is when the last reader left, stop ends the looks.
	left time.Time
	stop context.CancelFunc
	// pending are changes that are in no batch yet.
	pending set
	// batches are the last ones; the last of all has the number seq.
	batches []set
	seq     int64
	// changed is closed with the next batch.
	changed chan struct{}
	// sight and campaigns are what was seen last; nil before the first look.
	sight     Sight
	campaigns map[Change]campaign.Report
}

func newFeed(id string) *feed { return &feed{id: id, pending: set{}, changed: make(chan struct{})} }

// flush makes a batch of what is pending.
func (f *feed) flush() {
	if len(f.pending) == 0 {
		return
	}
	f.batches = append(f.batches, f.pending)
	if len(f.batches) > keptBatches {
		f.batches = f.batches[1:]
	}
	f.pending = set{}
	f.seq++
	close(f.changed)
	f.changed = make(chan struct{})
}

// seen compares what is seen with what was. When people come or go, by a bot or an import,
// lists of contacts change, too.
func (f *feed) seen(now Sight, campaigns map[Change]campaign.Report) {
	if f.sight != nil {
		f.compare(now)
	}
	f.sight, f.campaigns = now, campaigns
}

func (f *feed) compare(now Sight) {
	for c, text := range now {
		if was, there := f.sight[c]; !there || was != text {
			f.pending.add(c)
			f.pending.add(along[c.Kind]...)
		}
	}
	for c := range f.sight {
		if _, there := now[c]; !there {
			f.pending.add(c)
			f.pending.add(along[c.Kind]...)
		}
	}
}

// along are what changes with things of a kind that are seen to change.
var along = map[Kind][]Change{
	Bot:    {{Kind: Contact}},
	Import: {{Kind: Contact}, {Kind: Group}},
}

// place names the place behind the last batch.
func (f *feed) place() string { return f.id + "-" + strconv.FormatInt(f.seq, 10) }

// placeOf returns the number that a name of a place has in this feed; false when it is in
// another one, or too long ago.
func (f *feed) placeOf(name string) (int64, bool) {
	number, here := strings.CutPrefix(name, f.id+"-")
	seq, err := strconv.ParseInt(number, 10, 64)
	return seq, here && err == nil && seq <= f.seq && seq >= f.seq-int64(len(f.batches))
}

// since returns what has changed behind a place; false when it is too long ago.
func (f *feed) since(seq int64) (events []Event, known bool) {
	first := f.seq - int64(len(f.batches))
	if seq < first {
		return nil, false
	}
	all := set{}
	for _, b := range f.batches[seq-first:] {
		all.add(b.sorted()...)
	}
	for _, c := range all.sorted() {
		e := Event{Change: c}
		if r, ok := f.campaigns[c]; ok {
			e.Campaign = &r
		}
		events = append(events, e)
	}
	return events, true
}
