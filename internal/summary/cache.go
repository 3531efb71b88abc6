package summary

import (
	"container/list"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bellman/internal/fault"
)

// The limits of the cache.
const (
	// warmSpan is how far back campaigns are read at the start; maxBatch is how
	// many are read at once.
	warmSpan = 30 * 24 * time.Hour
	maxBatch = 500
	// maxKept is how many campaigns are kept.
	maxKept = 10_000
	// overlap is by how much the clocks of processes may differ, and how long a
	// launch may take to commit.
	overlap = time.Minute
	// loadLimit is how long Get may wait for a campaign that is not kept.
	loadLimit = time.Second
)

var (
	// ErrNotFound is returned for a campaign that does not exist.
	ErrNotFound = fault.New(fault.NotFound, "campaign_not_found", "there is no campaign with this id")

	errUnread = fault.New(fault.Unavailable, "campaign_unavailable", "the campaign cannot be read just now; try again shortly")
)

// Store reads campaigns.
type Store interface {
	// Launched returns the ids of up to limit campaigns that were launched at or
	// after the moment, newest first.
	Launched(ctx context.Context, since time.Time, limit int) ([]int64, error)
	// Stored returns those of the campaigns that exist, in the order of their
	// launches.
	Stored(ctx context.Context, ids []int64) ([]Stored, error)
}

// Cache keeps launched campaigns, up to 10,000: those most recently requested by
// [Cache.Get]. It is safe for concurrent use.
type Cache struct {
	store Store
	log   *slog.Logger

	mu     sync.Mutex
	kept   map[int64]*list.Element // of *Campaign
	recent list.List               // the most recently requested one is in front
	loads  map[int64]*load
	// since is the time from which on there may be launches that Refresh has not
	// read.
	since time.Time
}

// load is a campaign that is being read; err is set before done is closed.
type load struct {
	done     chan struct{}
	campaign *Campaign
	err      error
}

// NewCache returns an empty cache over the store, which works without further
// calls.
func NewCache(store Store, now func() time.Time, log *slog.Logger) *Cache {
	return &Cache{store: store, log: log, kept: map[int64]*list.Element{}, loads: map[int64]*load{}, since: now().Add(-warmSpan)}
}

// Refresh reads the campaigns that were launched since it was called last; the
// first time, those of the last 30 days. The error is the store's.
func (c *Cache) Refresh(ctx context.Context) error {
	c.mu.Lock()
	since := c.since
	c.mu.Unlock()
	ids, err := c.store.Launched(ctx, since, maxKept)
	if err != nil {
		return err
	}
	ids = c.missing(ids, nil)
	for len(ids) > 0 {
		// The oldest come first, so that the newest are kept longest, and since
		// stays correct after a failure.
		batch := ids[max(0, len(ids)-maxBatch):]
		ids = ids[:len(ids)-len(batch)]
		read, err := c.read(ctx, batch)
		if err != nil {
			return err
		}
		for _, campaign := range read {
			c.keep(campaign, (*list.List).PushFront)
			c.launched(campaign.LaunchedAt)
		}
	}
	return nil
}

// launched records when a campaign that Refresh has read was launched.
func (c *Cache) launched(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from := at.Add(-overlap); from.After(c.since) {
		c.since = from
	}
}

// All returns the campaigns; for one that does not exist it returns an empty one.
// The error is the store's. Campaigns that Get returned are kept longer than those
// of All.
func (c *Cache) All(ctx context.Context, ids []int64) (map[int64]*Campaign, error) {
	found := make(map[int64]*Campaign, len(ids))
	for batch := range slices.Chunk(c.missing(ids, found), maxBatch) {
		read, err := c.read(ctx, batch)
		if err != nil {
			return nil, err
		}
		for _, campaign := range read {
			c.keep(campaign, (*list.List).PushBack)
			found[campaign.ID] = campaign
		}
	}
	for _, id := range ids {
		if found[id] == nil {
			found[id] = &Campaign{ID: id}
		}
	}
	return found, nil
}

// Get returns a campaign. One that is not in the cache is read, once for all
// concurrent calls; when that fails, or takes longer than a second, the error is
// Unavailable. A campaign that does not exist is [ErrNotFound].
func (c *Cache) Get(ctx context.Context, id int64) (*Campaign, error) {
	c.mu.Lock()
	if at := c.kept[id]; at != nil {
		c.recent.MoveToFront(at)
		campaign := at.Value.(*Campaign)
		c.mu.Unlock()
		return campaign, nil
	}
	l := c.loads[id]
	if l == nil {
		l = &load{done: make(chan struct{})}
		c.loads[id] = l
		// The first caller may leave; the others wait on.
		go c.load(context.WithoutCancel(ctx), id, l)
	}
	c.mu.Unlock()
	select {
	case <-l.done:
		return l.campaign, l.err
	case <-ctx.Done():
		return nil, errUnread.Because(ctx.Err())
	}
}

func (c *Cache) load(ctx context.Context, id int64, l *load) {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	switch read, err := c.read(ctx, []int64{id}); {
	case err != nil:
		l.err = errUnread.Because(err)
	case len(read) == 0:
		l.err = ErrNotFound
	default:
		l.campaign = read[0]
		c.keep(l.campaign, (*list.List).PushFront)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.loads, id)
	close(l.done)
}

// missing returns those of the campaigns that are not in the cache, and adds the
// others to found, which may be nil.
func (c *Cache) missing(ids []int64, found map[int64]*Campaign) (missing []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if at := c.kept[id]; at == nil {
			missing = append(missing, id)
		} else if found != nil {
			found[id] = at.Value.(*Campaign)
		}
	}
	return missing
}

// read reads campaigns. An error in the content of a campaign is logged, and the
// campaign is returned without what the content would provide.
func (c *Cache) read(ctx context.Context, ids []int64) ([]*Campaign, error) {
	stored, err := c.store.Stored(ctx, ids)
	if err != nil {
		return nil, err
	}
	campaigns := make([]*Campaign, len(stored))
	for i, s := range stored {
		if campaigns[i], err = s.read(); err != nil {
			c.log.ErrorContext(ctx, "the content of a campaign cannot be read: its links lead nowhere, its tags and languages are not shown",
				"campaign", s.ID, "error", err)
			campaigns[i] = &s.Campaign
		}
	}
	return campaigns, nil
}

// keep adds a campaign at one end of the list, and drops the least recently
// requested one when there are too many. A campaign that is not launched is not
// kept, because its content may change.
func (c *Cache) keep(campaign *Campaign, push func(*list.List, any) *list.Element) {
	if campaign.LaunchedAt.IsZero() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.kept[campaign.ID]; at != nil {
		at.Value = campaign
		return
	}
	c.kept[campaign.ID] = push(&c.recent, campaign)
	if len(c.kept) > maxKept {
		oldest := c.recent.Remove(c.recent.Back()).(*Campaign)
		delete(c.kept, oldest.ID)
	}
}
