package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"bellman/internal/campaign"
	"bellman/internal/fault"
	"bellman/internal/loop"
)

const (
	// beat is how often a feed tells of changes, and how often a process tells the others.
	beat = 500 * time.Millisecond
	// lookEvery is how often it is looked at what changes by itself, in beats.
	lookEvery = 2
	// pollEvery is how often, in beats, everything may have changed while other processes are
	// not heard.
	pollEvery = 20
	// linger is how long a feed is kept for readers that come back.
	linger = time.Minute
	// MostReaders is how many readers a process has at once.
	MostReaders = 4000
	// mostSaid is the most that one message to the other processes has, in bytes: PostgreSQL
	// takes 8000.
	mostSaid = 7000
	// visitSize is what a visit takes of that at most: a name has up to 100 characters, each
	// of which JSON may write in six bytes.
	visitSize = 800
	// listenAgain is how long a lost line is waited for.
	listenAgain = 5 * time.Second
)

// ErrTooMany is returned when a process has [MostReaders].
var ErrTooMany = fault.New(fault.Unavailable, "streams_too_many", "too many streams are open at this moment: connect again in a minute")

// Store is what live needs of the database.
type Store interface {
	// Sight returns what stands for the things of a workspace that change by themselves, but
	// for its campaigns. It reads few rows.
	Sight(ctx context.Context, workspaceID int64, now time.Time) (Sight, error)
	// Say says a text of up to 8000 bytes to every process that listens; nothing happens
	// where there is only one.
	Say(ctx context.Context, text string) error
	// Hear calls begun when it listens, and heard with each text that is said from then on,
	// also by this process. It returns when the context ends or nothing can be heard, with
	// the reason. Where there is only one process, it only waits for the context.
	Hear(ctx context.Context, begun func(), heard func(text string)) error
}

// Campaigns returns how far the campaigns are that are scheduled or go out.
type Campaigns interface {
	Active(ctx context.Context, workspaceID int64) ([]campaign.Report, error)
}

// Config is what a hub needs. Every field is required.
type Config struct {
	Store     Store
	Campaigns Campaigns
	Now       func() time.Time
	// NewID returns a new id.
	NewID func() string
	Log   *slog.Logger
}

// Hub has the feeds of a process.
type Hub struct {
	Config

	// id is that of this process.
	id      string
	mu      sync.Mutex
	feeds   map[int64]*feed
	readers int
	// said are the changes of this process that the others are not told yet.
	said map[int64]set
	// deaf is true while other processes are not heard.
	deaf bool
	// visits are who has what open; visited are the visits to this process that the others
	// are not told yet.
	visits  visits
	visited []visit
}

// New returns a hub without readers.
func New(c Config) *Hub {
	return &Hub{
		Config: c, id: c.NewID(), feeds: map[int64]*feed{}, said: map[int64]set{},
		visits: visits{at: map[place]map[int64]seenVisitor{}},
	}
}

// Mark notes changes of a workspace that this process has made. It does no I/O. A nil hub
// has no readers, here or elsewhere.
func (h *Hub) Mark(workspaceID int64, changes ...Change) {
	if h == nil || len(changes) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said[workspaceID] == nil {
		h.said[workspaceID] = set{}
	}
	h.said[workspaceID].add(changes...)
	h.mark(workspaceID, changes...)
}

// mark notes changes for the readers of this process.
func (h *Hub) mark(workspaceID int64, changes ...Change) {
	if f := h.feeds[workspaceID]; f != nil {
		f.pending.add(changes...)
	}
}

// everything says that anything may have changed, in any workspace.
func (h *Hub) everything() {
	for _, f := range h.feeds {
		f.everything()
	}
}

func (f *feed) everything() {
	for _, kind := range Kinds() {
		f.pending.add(Change{Kind: kind})
	}
}

// Reader reads what changes in a workspace.
type Reader struct {
	h           *Hub
	workspaceID int64
	f           *feed
	at          int64
	lost        bool
}

// Batch is what has changed since the batch before.
type Batch struct {
	// Place names the place behind it, for [Hub.Join].
	Place string
	// Lost says that it is not known what has changed: everything may have.
	Lost   bool
	Events []Event
}

// Join returns a reader of a workspace, which has to leave. It goes on behind the place, if
// that is known, and else begins now. ErrTooMany is returned instead.
func (h *Hub) Join(workspaceID int64, place string) (*Reader, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers >= MostReaders {
		return nil, ErrTooMany
	}
	h.sweep()
	f := h.feeds[workspaceID]
	if f == nil {
		f = newFeed(h.NewID())
		h.feeds[workspaceID] = f
	}
	h.readers++
	f.readers++
	if f.readers == 1 {
		ctx, stop := context.WithCancel(context.Background())
		f.stop = stop
		go h.follow(ctx, workspaceID, f)
	}
	r := &Reader{h: h, workspaceID: workspaceID, f: f, at: f.seq}
	if place != "" {
		at, known := f.placeOf(place)
		if known {
			r.at = at
		}
		r.lost = !known
	}
	return r, nil
}

// sweep forgets feeds that nobody has read for a while.
func (h *Hub) sweep() {
	for id, f := range h.feeds {
		if f.readers == 0 && time.Since(f.left) > linger {
			delete(h.feeds, id)
		}
	}
}

// Leave ends the reading. A second time does nothing.
func (r *Reader) Leave() {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	if r.f == nil {
		return
	}
	r.h.readers--
	if r.f.readers--; r.f.readers == 0 {
		r.f.left = time.Now()
		r.f.stop()
	}
	r.f = nil
}

// Take returns what has changed since the last time, and a channel that is closed when there
// is more. A batch without events that is not lost tells nothing.
func (r *Reader) Take() (Batch, <-chan struct{}) {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	events, known := r.f.since(r.at)
	b := Batch{Place: r.f.place(), Lost: r.lost || !known, Events: events}
	if b.Lost {
		b.Events = nil
	}
	r.at, r.lost = r.f.seq, false
	return b, r.f.changed
}

// follow looks for the readers of a workspace until there are none.
func (h *Hub) follow(ctx context.Context, workspaceID int64, f *feed) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	failing := false
	for n := 0; ; n++ {
		if n%lookEvery == 0 {
			err := h.look(ctx, workspaceID, f)
			if err != nil && !failing && ctx.Err() == nil {
				h.Log.WarnContext(ctx, "what changes by itself is shown later", "workspace", workspaceID, "error", err)
			}
			failing = err != nil
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		if h.deaf && n%pollEvery == pollEvery-1 {
			f.everything()
		}
		f.flush()
		h.mu.Unlock()
	}
}

func (h *Hub) look(ctx context.Context, workspaceID int64, f *feed) error {
	now, err := h.Store.Sight(ctx, workspaceID, h.Now())
	if err != nil {
		return err
	}
	reports, err := h.Campaigns.Active(ctx, workspaceID)
	if err != nil {
		return err
	}
	campaigns := make(map[Change]campaign.Report, len(reports))
	for _, r := range reports {
		c := Change{Campaign, strconv.FormatInt(r.ID, 10)}
		campaigns[c] = r
		now[c] = standing(r)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f.seen(now, campaigns)
	return nil
}

// standing is a text that changes when somebody who looks at a campaign would see it.
func standing(r campaign.Report) string {
	text, err := json.Marshal([]any{r.State, r.StateReason, r.StateDetail, r.Counts, r.Progress, r.UpdatedAt})
	if err != nil {
		panic(err) // all of them are numbers, times and texts
	}
	return string(text)
}

// Run tells the other processes what this one has changed, and hears what they have, until
// the context ends.
func (h *Hub) Run(ctx context.Context) {
	var running sync.WaitGroup
	running.Go(func() { h.hear(ctx) })
	loop.Every(ctx, beat, nil, h.say, func(err error) {
		h.Log.WarnContext(ctx, "other processes show later what this one has changed", "error", err)
	})
	running.Wait()
}

// message is what processes say to each other.
type message struct {
	From string             `json:"from"`
	Of   map[int64][]string `json:"of,omitempty"`
	Here []visit            `json:"here,omitempty"`
}

// say tells what is not told yet. What cannot be said is lost: the screens of other processes
// show it when they look next.
func (h *Hub) say(ctx context.Context) error {
	h.mu.Lock()
	said, visited := h.said, h.visited
	h.said, h.visited = map[int64]set{}, nil
	h.mu.Unlock()
	m := message{From: h.id, Of: map[int64][]string{}}
	size := 0
	flush := func() error {
		if len(m.Of) == 0 && len(m.Here) == 0 {
			return nil
		}
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		m.Of, m.Here, size = map[int64][]string{}, nil, 0
		return h.Store.Say(ctx, string(text))
	}
	for id, changes := range said {
		for _, c := range changes.sorted() {
			if size += len(c.text()) + 32; size > mostSaid {
				if err := flush(); err != nil {
					return err
				}
			}
			m.Of[id] = append(m.Of[id], c.text())
		}
	}
	for _, v := range visited {
		if size += visitSize; size > mostSaid {
			if err := flush(); err != nil {
				return err
			}
		}
		m.Here = append(m.Here, v)
	}
	return flush()
}

// hear listens. What was said while nothing was heard may be anything.
func (h *Hub) hear(ctx context.Context) {
	for said := false; ctx.Err() == nil; {
		err := h.Store.Hear(ctx, func() { h.hearing(true) }, h.heard)
		if ctx.Err() != nil {
			return
		}
		h.hearing(false)
		if !said {
			h.Log.WarnContext(ctx, "screens are told now and then that something may have changed elsewhere", "error", err)
		}
		said = true
		loop.Pause(ctx, listenAgain)
	}
}

func (h *Hub) hearing(is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = !is
	h.everything()
}

func (h *Hub) heard(text string) {
	var m message
	if err := json.Unmarshal([]byte(text), &m); err != nil || m.From == h.id {
		return // another version says what this one does not know
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, changes := range m.Of {
		for _, c := range changes {
			h.mark(id, changeOf(c))
		}
	}
	for _, v := range m.Here {
		h.visits.note(v, h.Now())
	}
}
