package track

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/workspace"
)

// archive is where campaigns are read from; it can be away, or hold its answer
// back.
type archive struct {
	*shelf
	campaigns map[int64]Campaign
	utms      map[int64]workspace.UTM
	reads     int
	holding   chan struct{}
}

func (a *archive) look() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.down
}

func (a *archive) Launched(_ context.Context, since time.Time, limit int) (ids []int64, _ error) {
	for id, c := range a.campaigns {
		if len(ids) < limit && !c.LaunchedAt.Before(since) && !c.LaunchedAt.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids, a.look()
}

func (a *archive) LinkCampaigns(ctx context.Context, ids []int64) (found []Campaign, _ error) {
	a.mu.Lock()
	a.reads++
	a.mu.Unlock()
	if a.holding != nil {
		select {
		case <-a.holding:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	for _, id := range ids {
		if c, there := a.campaigns[id]; there {
			found = append(found, c)
		}
	}
	return found, a.look()
}

func (a *archive) UTMs(context.Context) (map[int64]workspace.UTM, error) { return a.utms, a.look() }

func (a *archive) PressedDelivery(_ context.Context, p Press) (Click, error) {
	if p.MessageID != 4711 {
		return Click{}, ErrNotPressable
	}
	return Click{CampaignID: 1, Seq: 2, ContactID: 3}, a.look()
}

func (a *archive) Clicks(context.Context, int64, string, int) ([]Click, error) {
	return []Click{{ID: "b", Link: 1, Target: "https://own.example/9"}, {ID: "a", Link: 0}, {ID: "0", Press: "7", Data: "x"}}, a.look()
}

func (a *archive) LinkCounts(context.Context, int64) ([]LinkCount, error) {
	return []LinkCount{{Link: 1, Clicks: 5, People: 3}}, a.look()
}

const (
	chrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
	shared = "https://shop.example/spring?x=1#top"
	own    = "https://shop.example/{{ contact.id }}"
)

var launch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// office is a service over an archive, with the links of every content given.
type office struct {
	*Service
	archive *archive
	signer  *Signer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	signer, err := NewSigner(bytes.Repeat([]byte{1}, 32))
	require.NoError(t, err)
	content := `{"text":"x","language":"uk","tags":["sale","spring"]}`
	a := &archive{shelf: newShelf(), campaigns: map[int64]Campaign{
		1: {ID: 1, WorkspaceID: 1, MessageID: 7, MessageName: "Sale", LaunchedAt: launch, Content: content},
		2: {ID: 2, WorkspaceID: 2, MessageID: 8, MessageName: "Other", LaunchedAt: launch, Content: content, Triggered: true},
		3: {ID: 3, WorkspaceID: 1, MessageID: 7, MessageName: "Plain", LaunchedAt: launch, Content: `{"text":"x","noUTM":true}`},
		4: {ID: 4, WorkspaceID: 1, MessageID: 7, MessageName: "Draft"},
	}, utms: map[int64]workspace.UTM{1: {Source: "bellman", Campaign: "$messageName-$messageLang-$messageTags-$type-$dateStart-$contactId"}}}
	s, err := New(Config{
		Store: a, Signer: signer, Spool: t.TempDir(), NewID: names(),
		Now: func() time.Time { return launch.Add(time.Hour) }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	s.targets.compile = func(c message.Content) ([]message.Link, error) {
		return []message.Link{
			{Target: shared, Language: c.Language}, {Target: own, Personal: true, Button: "Yours"}, {Target: "tg://resolve?domain=x"},
		}, nil
	}
	return &office{s, a, signer}
}

// run runs the service until stop is called.
func (o *office) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { require.NoError(t, o.Run(ctx)) })
	return func() { cancel(); running.Wait() }
}

func (o *office) follow(t *testing.T, c Code, v Visit) (string, error) {
	t.Helper()
	v.Code = o.signer.Mint(c)
	return o.Follow(t.Context(), v)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		require.NoError(t, o.Warm(t.Context()))
		defer o.run(t)()
		const utm = "utm_source=bellman&utm_campaign=Sale-uk-sale%2Cspring-promo-2026-03-01-3"
		for name, tt := range map[string]struct {
			code Code
			want string
		}{
			"a link":                  {Code{CampaignID: 1, Seq: 2, ContactID: 3}, "https://shop.example/spring?x=1&" + utm + "#top"},
			"a personal link":         {Code{CampaignID: 3, Seq: 2, ContactID: 3, Link: 1, Target: "https://shop.example/3"}, "https://shop.example/3"},
			"without UTM":             {Code{CampaignID: 3, Seq: 2}, shared},
			"a workspace without UTM": {Code{CampaignID: 2, Seq: 2}, shared},
			"no such link":            {Code{CampaignID: 1, Link: 9}, ""},
			"no such campaign":        {Code{CampaignID: 99}, ""},
			"a draft":                 {Code{CampaignID: 4}, ""},
			"not of the web":          {Code{CampaignID: 1, Link: 2}, ""},
			"personal, to nowhere":    {Code{CampaignID: 1, Link: 1}, ""},
			"personal, to a script":   {Code{CampaignID: 1, Link: 1, Target: "javascript:alert(1)"}, ""},
			"personal, to no host":    {Code{CampaignID: 1, Link: 1, Target: "https:///x"}, ""},
			"shared, but said where":  {Code{CampaignID: 3, Target: "https://evil.example/"}, shared},
		} {
			before := len(o.archive.stored)
			got, err := o.follow(t, tt.code, Visit{UserAgent: chrome})
			require.Equal(t, tt.want, got, name)
			if tt.want == "" {
				require.ErrorIs(t, err, ErrCode, name)
				require.Len(t, o.archive.stored, before, name)
				continue
			}
			require.NoError(t, err, name)
			require.Len(t, o.archive.stored, before+1, name)
		}
		_, err := o.Follow(t.Context(), Visit{Code: "AAAA", UserAgent: chrome})
		require.ErrorIs(t, err, ErrCode)
	})
}

func TestFollowStoresWhatAPersonClicked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		defer o.run(t)()
		code := Code{CampaignID: 1, Seq: 2, ContactID: 3, Link: 1, Target: "https://shop.example/3"}
		for _, v := range []Visit{{UserAgent: "TelegramBot (like TwitterBot)"}, {UserAgent: chrome, Passive: true}} {
			_, err := o.follow(t, code, v)
			require.NoError(t, err)
			require.Empty(t, o.archive.stored)
		}
		_, err := o.follow(t, code, Visit{UserAgent: chrome})
		require.NoError(t, err)
		require.Equal(t, map[string]Click{"000001": {
			ID: "000001", CampaignID: 1, Seq: 2, ContactID: 3, Link: 1, Target: "https://shop.example/3", Agent: "Chrome", At: launch.Add(time.Hour),
		}}, o.archive.stored)
	})
}

// With the database away, links that are known work, and so do personal ones;
// others say that they will.
func TestFollowWithoutADatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		_, err := o.follow(t, Code{CampaignID: 3}, Visit{Passive: true})
		require.NoError(t, err)
		o.archive.set(func(s *shelf) { s.down = errDown })
		defer o.run(t)()
		got, err := o.follow(t, Code{CampaignID: 3}, Visit{UserAgent: chrome})
		require.NoError(t, err)
		require.Equal(t, shared, got)
		_, err = o.follow(t, Code{CampaignID: 2}, Visit{UserAgent: chrome})
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		got, err = o.follow(t, Code{CampaignID: 2, Link: 1, Target: "https://shop.example/3"}, Visit{UserAgent: chrome})
		require.NoError(t, err)
		require.Equal(t, "https://shop.example/3", got)
		o.archive.set(func(s *shelf) { s.down = nil })
		time.Sleep(2 * replayPause)
		synctest.Wait()
		require.Len(t, o.archive.stored, 2)
	})
}

// A campaign that is not remembered is read once, however many ask, and for a
// second at most.
func TestTargetIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.archive.holding = make(chan struct{})
		var asking sync.WaitGroup
		for range 20 {
			asking.Go(func() {
				_, err := o.targets.of(t.Context(), 1)
				require.NoError(t, err)
			})
		}
		synctest.Wait()
		close(o.archive.holding)
		asking.Wait()
		require.Equal(t, 1, o.archive.reads)

		o.archive.holding = make(chan struct{})
		began := time.Now()
		_, err := o.targets.of(t.Context(), 2)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.Equal(t, loadLimit, time.Since(began))
	})
}

func TestTargetsFollowLaunchesAndSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		require.NoError(t, o.Warm(t.Context()))
		require.Equal(t, 1, o.archive.reads)
		require.NoError(t, o.Warm(t.Context()))
		require.Equal(t, 1, o.archive.reads, "what is remembered is not read again")
		o.archive.campaigns[5] = Campaign{ID: 5, WorkspaceID: 1, LaunchedAt: launch.Add(time.Second), Content: `{"text":"x"}`}
		o.archive.campaigns[6] = Campaign{ID: 6, WorkspaceID: 1, LaunchedAt: launch.Add(time.Minute), Content: `broken`}
		o.archive.utms = map[int64]workspace.UTM{1: {Term: "new"}}
		defer o.run(t)()
		synctest.Wait()
		require.Equal(t, 2, o.archive.reads)
		got, err := o.follow(t, Code{CampaignID: 5}, Visit{Passive: true})
		require.NoError(t, err)
		require.Equal(t, "https://shop.example/spring?x=1&utm_term=new#top", got)
		_, err = o.follow(t, Code{CampaignID: 6}, Visit{Passive: true})
		require.ErrorIs(t, err, ErrCode)
		time.Sleep(10 * refreshEvery)
		require.Equal(t, 2, o.archive.reads, "content that cannot be read is not read for ever")
	})
}

func TestTargetsForgetTheOneAskedForLongestAgo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for id := range int64(maxTargets) {
		o.targets.remember(&leaf{Campaign: Campaign{ID: id + 10}})
	}
	_, err := o.targets.of(t.Context(), 10)
	require.NoError(t, err)
	_, err = o.targets.of(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, o.targets.leaves, maxTargets)
	require.Contains(t, o.targets.leaves, int64(10))
	require.NotContains(t, o.targets.leaves, int64(11))
	require.NoError(t, o.recorder.spool.close())
}

func TestPress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		stop := o.run(t)
		handled, err := o.Press(t.Context(), Press{BotID: 1, ChatID: 2, MessageID: 4711, QueryID: "q", Data: "rate:5"})
		require.NoError(t, err)
		require.True(t, handled)
		require.Equal(t, map[string]Click{"000001": {
			ID: "000001", CampaignID: 1, Seq: 2, ContactID: 3, Press: "q", Data: "rate:5", At: launch.Add(time.Hour),
		}}, o.archive.stored)
		handled, err = o.Press(t.Context(), Press{BotID: 1, ChatID: 2, MessageID: 1})
		require.NoError(t, err)
		require.False(t, handled)
		stop()
		_, err = o.Press(t.Context(), Press{MessageID: 4711})
		require.Equal(t, fault.Unavailable, fault.KindOf(err), "a press that is not recorded can be passed on again")
	})
}

func TestReports(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clicks, err := o.Service.Clicks(t.Context(), 1, 1, "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{"https://own.example/9", shared, ""}, []string{clicks[0].Target, clicks[1].Target, clicks[2].Target})
	links, err := o.Links(t.Context(), 1, 1)
	require.NoError(t, err)
	require.Len(t, links, 3)
	require.Equal(t, LinkReport{Link: message.Link{Target: own, Personal: true, Button: "Yours"}, LinkCount: LinkCount{Link: 1, Clicks: 5, People: 3}}, links[1])
	require.Equal(t, LinkCount{Link: 2}, links[2].LinkCount)
	for _, id := range []int64{2, 99} {
		_, err = o.Links(t.Context(), 1, id)
		require.True(t, fault.Is(err, "campaign_not_found"), "%v", err)
		_, err = o.Service.Clicks(t.Context(), 1, id, "", 10)
		require.True(t, fault.Is(err, "campaign_not_found"), "%v", err)
	}
	links, err = o.Links(t.Context(), 1, 4)
	require.NoError(t, err)
	require.Empty(t, links)
	require.NoError(t, o.recorder.spool.close())
}
