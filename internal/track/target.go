package track

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"bellman/internal/fault"
	"bellman/internal/loop"
	"bellman/internal/message"
	"bellman/internal/workspace"
)

// Campaign is what the links of a campaign depend on. But for the name of its
// message, nothing of it changes after launch.
type Campaign struct {
	ID          int64
	WorkspaceID int64
	MessageID   int64
	MessageName string
	// Triggered campaigns go out one by one; others are broadcasts.
	Triggered bool
	// LaunchedAt is zero before launch; Content is empty then, or may change.
	LaunchedAt time.Time
	Content    string
}

// TargetStore is where links and settings are read from.
type TargetStore interface {
	// Launched returns the ids of up to limit campaigns that were launched at or
	// after the moment, newest first.
	Launched(ctx context.Context, since time.Time, limit int) ([]int64, error)
	// LinkCampaigns returns those of the campaigns that exist, in any order.
	LinkCampaigns(ctx context.Context, ids []int64) ([]Campaign, error)
	// UTMs returns the UTM parameters of every workspace that has some.
	UTMs(ctx context.Context) (map[int64]workspace.UTM, error)
}

// The limits of the cache.
const (
	// warmSpan is how far back campaigns are read at the start; warmBatch is how
	// many are read at once.
	warmSpan  = 30 * 24 * time.Hour
	warmBatch = 500
	// maxTargets is how many campaigns are remembered.
	maxTargets = 10_000
	// refreshEvery is how often newly launched campaigns and settings are read.
	refreshEvery = 3 * time.Second
	// overlap is by how much the clocks of processes may differ, and how long a
	// launch may take to commit.
	overlap = time.Minute
	// loadLimit is how long a click may wait for a campaign that is not
	// remembered.
	loadLimit = time.Second
)

// errTarget is returned when it cannot be known where a link leads.
var errTarget = fault.New(fault.Unavailable, "link_unavailable", "this link cannot be opened just now; try again shortly")

// leaf is what is remembered of a campaign.
type leaf struct {
	Campaign
	// links are those of the content; the target of one that nobody can be sent
	// to is empty.
	links []message.Link
	tags  []string
	noUTM bool
}

// targets remembers where the links of campaigns lead, so that a redirect needs
// no database. It holds the campaigns that were asked for last.
type targets struct {
	store TargetStore
	now   func() time.Time
	log   *slog.Logger
	// compile returns the links of content.
	compile func(message.Content) ([]message.Link, error)

	mu     sync.Mutex
	leaves map[int64]*list.Element // of *leaf
	recent list.List               // the one asked for last is in front
	loads  map[int64]*load
	utms   map[int64]workspace.UTM
	// since is when the newest campaign that is remembered was launched.
	since time.Time
}

// load is a campaign that is being read; err is set before done is closed.
type load struct {
	done chan struct{}
	leaf *leaf
	err  error
}

func newTargets(store TargetStore, now func() time.Time, log *slog.Logger) *targets {
	return &targets{
		store: store, now: now, log: log, compile: contentLinks,
		leaves: map[int64]*list.Element{}, loads: map[int64]*load{}, since: now().Add(-warmSpan),
	}
}

func contentLinks(c message.Content) ([]message.Link, error) {
	t, err := message.Compile(c)
	if err != nil {
		return nil, err
	}
	return t.Links(), nil
}

// run keeps up with launches and settings until the context ends.
func (t *targets) run(ctx context.Context) {
	failing := false
	loop.Every(ctx, refreshEvery, nil, func(ctx context.Context) error {
		err := t.refresh(ctx)
		if err == nil {
			failing = false
		}
		return err
	}, func(err error) {
		if !failing {
			t.log.WarnContext(ctx, "newly launched campaigns cannot be read; links that are known work on", "error", err)
		}
		failing = true
	})
}

// refresh reads the settings, and the campaigns that were launched since it ran
// last.
func (t *targets) refresh(ctx context.Context) error {
	utms, err := t.store.UTMs(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.utms = utms
	since := t.since
	t.mu.Unlock()
	ids, err := t.store.Launched(ctx, since, maxTargets)
	if err != nil {
		return err
	}
	ids = t.unknown(ids)
	for len(ids) > 0 {
		// The oldest come first, so that the newest are remembered longest, and
		// since holds after a failure.
		batch := ids[max(0, len(ids)-warmBatch):]
		ids = ids[:len(ids)-len(batch)]
		if err := t.read(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// unknown returns those of the campaigns that are not remembered.
func (t *targets) unknown(ids []int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var missing []int64
	for _, id := range ids {
		if t.leaves[id] == nil {
			missing = append(missing, id)
		}
	}
	return missing
}

// read reads a batch of campaigns and remembers them.
func (t *targets) read(ctx context.Context, ids []int64) error {
	campaigns, err := t.store.LinkCampaigns(ctx, ids)
	if err != nil {
		return err
	}
	for _, c := range campaigns {
		l, err := t.leafOf(c)
		if err != nil {
			// It is remembered without links, so that this is said once.
			t.log.ErrorContext(ctx, "the content of a campaign cannot be read: its links lead nowhere", "campaign", c.ID, "error", err)
			l = &leaf{Campaign: c}
		}
		t.mu.Lock()
		t.remember(l)
		if from := c.LaunchedAt.Add(-overlap); from.After(t.since) {
			t.since = from
		}
		t.mu.Unlock()
	}
	return nil
}

// of returns a campaign. One that is not remembered is read, once for all who
// ask; when that fails, it is errTarget.
func (t *targets) of(ctx context.Context, id int64) (*leaf, error) {
	t.mu.Lock()
	if at := t.leaves[id]; at != nil {
		t.recent.MoveToFront(at)
		known := at.Value.(*leaf)
		t.mu.Unlock()
		return known, nil
	}
	l := t.loads[id]
	if l == nil {
		l = &load{done: make(chan struct{})}
		t.loads[id] = l
		// Whoever came first may leave; the others wait on.
		go t.load(context.WithoutCancel(ctx), id, l)
	}
	t.mu.Unlock()
	select {
	case <-l.done:
		return l.leaf, l.err
	case <-ctx.Done():
		return nil, errTarget.Because(ctx.Err())
	}
}

func (t *targets) load(ctx context.Context, id int64, l *load) {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	l.leaf, l.err = t.fetch(ctx, id)
	t.mu.Lock()
	defer t.mu.Unlock()
	// Before launch there is content that may change.
	if l.err == nil && !l.leaf.LaunchedAt.IsZero() {
		t.remember(l.leaf)
	}
	delete(t.loads, id)
	close(l.done)
}

func (t *targets) fetch(ctx context.Context, id int64) (*leaf, error) {
	campaigns, err := t.store.LinkCampaigns(ctx, []int64{id})
	if err != nil {
		return nil, errTarget.Because(err)
	}
	if len(campaigns) == 0 {
		return nil, ErrCode
	}
	l, err := t.leafOf(campaigns[0])
	if err != nil {
		return nil, fmt.Errorf("track: content of campaign %d: %w", id, err)
	}
	return l, nil
}

// utm returns the parameters of a workspace.
func (t *targets) utm(workspaceID int64) workspace.UTM {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.utms[workspaceID]
}

// remember is called with mu held.
func (t *targets) remember(l *leaf) {
	if at := t.leaves[l.ID]; at != nil {
		at.Value = l
		return
	}
	t.leaves[l.ID] = t.recent.PushFront(l)
	if len(t.leaves) > maxTargets {
		oldest := t.recent.Remove(t.recent.Back()).(*leaf)
		delete(t.leaves, oldest.ID)
	}
}

func (t *targets) leafOf(c Campaign) (*leaf, error) {
	l := &leaf{Campaign: c}
	if c.Content == "" {
		return l, nil
	}
	content, err := message.Decode(c.Content)
	if err != nil {
		return nil, err
	}
	l.Content, l.tags, l.noUTM = "", content.Tags, content.NoUTM
	l.links, err = t.compile(content)
	l.links = slices.Clone(l.links)
	for i := range l.links {
		if to := &l.links[i]; !to.Personal && !followable(to.Target) {
			to.Target = ""
		}
	}
	return l, err
}

// target returns where the code's link leads and the language of its version;
// ok is false when the campaign has no such link, or it leads nowhere that a
// person can be sent to.
func (l *leaf) target(c Code) (target, language string, ok bool) {
	if c.Link < 0 || c.Link >= len(l.links) {
		return "", "", false
	}
	link := &l.links[c.Link]
	if link.Personal {
		return c.Target, link.Language, followable(c.Target)
	}
	return link.Target, link.Language, link.Target != ""
}

// followable tells that a browser can be sent to the address: one of the web.
func followable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https"))
}
