package track

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/summary"
	"bellman/internal/workspace"
)

// archive is a store of campaigns that can be away.
type archive struct {
	*shelf
	campaigns map[int64]summary.Stored
}

func (a *archive) look() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.down
}

// launched returns the campaigns as they are now.
func (a *archive) launched() map[int64]summary.Stored {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.campaigns)
}

func (a *archive) Launched(_ context.Context, since time.Time, limit int) (ids []int64, _ error) {
	for id, c := range a.launched() {
		if len(ids) < limit && !c.LaunchedAt.Before(since) && !c.LaunchedAt.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids, a.look()
}

func (a *archive) Stored(_ context.Context, ids []int64) (found []summary.Stored, _ error) {
	all := a.launched()
	for _, id := range ids {
		if c, there := all[id]; there {
			found = append(found, c)
		}
	}
	return found, a.look()
}

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
	return []LinkCount{{Link: 1, Clicks: 5, People: 3}, {Link: 3, Clicks: 1, People: 1}}, a.look() // the message has links 0 to 2
}

func (a *archive) HourlyClicks(_ context.Context, _ int64, from, to time.Time) ([]Hour, error) {
	return []Hour{{From: from, Clicks: 7}, {From: to.Add(-time.Hour), Clicks: 1}}, a.look()
}

const (
	chrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
	shared = "https://shop.example/spring?x=1#top"
	own    = "https://shop.example/{{ contact.id }}"
)

var launch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// office is a service over an archive.
type office struct {
	*Service
	archive *archive
	signer  *Signer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	signer := NewSigner(seal.Of(bytes.Repeat([]byte{1}, 32)))
	utm := workspace.UTM{Source: "bellman", Campaign: "$messageName-$messageLang-$messageTags-$type-$dateStart-$contactId"}
	a := &archive{shelf: newShelf(), campaigns: map[int64]summary.Stored{
		1: stored(t, summary.Campaign{ID: 1, WorkspaceID: 1, MessageID: 7, MessageName: "Sale", LaunchedAt: launch, UTM: utm}, nil),
		2: stored(t, summary.Campaign{ID: 2, WorkspaceID: 2, MessageID: 8, MessageName: "Other", LaunchedAt: launch, Triggered: true}, nil),
		3: stored(t, summary.Campaign{ID: 3, WorkspaceID: 1, MessageID: 7, MessageName: "Plain", LaunchedAt: launch, UTM: utm},
			func(c *message.Content) {
				c.NoUTM = true
			}),
		4: {Campaign: summary.Campaign{ID: 4, WorkspaceID: 1, MessageID: 7, MessageName: "Draft"}},
	}}
	now, log := func() time.Time { return launch.Add(time.Hour) }, slog.New(slog.DiscardHandler)
	s, err := New(Config{
		Store: a, Campaigns: summary.NewCache(a, now, log), Signer: signer, Spool: t.TempDir(), NewID: names(), Now: now, Log: log,
	})
	require.NoError(t, err)
	return &office{s, a, signer}
}

// stored returns a campaign with three links: a plain one, a personal one, and one
// with a bare percent sign and without a scheme.
func stored(t *testing.T, c summary.Campaign, change func(*message.Content)) summary.Stored {
	t.Helper()
	content := message.Content{
		Version: message.Version{Text: "x", Buttons: [][]message.Button{{
			{Text: "Shop", URL: shared}, {Text: "Yours", URL: own}, {Text: "All", URL: "shop.example/100%"},
		}}},
		Language: "uk", Tags: []string{"sale", "spring"},
	}
	if change != nil {
		change(&content)
	}
	text, err := content.Encode()
	require.NoError(t, err)
	return summary.Stored{Campaign: c, Content: text}
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
			"a link": {Code{CampaignID: 1, Seq: 2, ContactID: 3}, "https://shop.example/spring?x=1&" + utm + "#top"},
			"a personal link": {Code{CampaignID: 3, Seq: 2, ContactID: 3, Link: 1, Target: "https://shop.example/3"},
				"https://shop.example/3"},
			"without UTM":              {Code{CampaignID: 3, Seq: 2}, shared},
			"a workspace without UTM":  {Code{CampaignID: 2, Seq: 2}, shared},
			"no such link":             {Code{CampaignID: 1, Link: 9}, ""},
			"no such campaign":         {Code{CampaignID: 99}, ""},
			"a draft":                  {Code{CampaignID: 4}, ""},
			"as Telegram reads it":     {Code{CampaignID: 3, Link: 2}, "http://shop.example/100%"},
			"personal, as it reads it": {Code{CampaignID: 3, Link: 1, Target: " shop.example/a b\n"}, "http://shop.example/a%20b"},
			"personal, to nowhere":     {Code{CampaignID: 1, Link: 1}, ""},
			"personal, to a script":    {Code{CampaignID: 1, Link: 1, Target: "javascript:alert(1)"}, ""},
			"personal, to no host":     {Code{CampaignID: 1, Link: 1, Target: "https:///x"}, ""},
			"shared, but said where":   {Code{CampaignID: 3, Target: "https://evil.example/"}, shared},
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
			ID: "000001", CampaignID: 1, Seq: 2, ContactID: 3, Link: 1, Target: "https://shop.example/3", Agent: "Chrome",
			At: launch.Add(time.Hour),
		}}, o.archive.stored)
	})
}

// While the database is away, known links work, and so do personal ones; for others
// the answer asks to try again later.
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

func TestLinksFollowLaunches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		require.NoError(t, o.Warm(t.Context()))
		defer o.run(t)()
		o.archive.set(func(*shelf) {
			o.archive.campaigns[5] = stored(t, summary.Campaign{
				ID: 5, WorkspaceID: 1, LaunchedAt: launch.Add(time.Second), UTM: workspace.UTM{Term: "new"},
			}, nil)
		})
		time.Sleep(refreshEvery)
		synctest.Wait()
		o.archive.set(func(s *shelf) { s.down = errDown })
		got, err := o.follow(t, Code{CampaignID: 5}, Visit{Passive: true})
		require.NoError(t, err)
		require.Equal(t, "https://shop.example/spring?x=1&utm_term=new#top", got)
	})
}

// A failure to read campaigns is logged once, and so is the next one.
func TestEachFailureToKeepUpIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		var log bytes.Buffer
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		stop := o.run(t)
		for outage := 1; outage <= 2; outage++ {
			o.archive.set(func(s *shelf) { s.down = errDown })
			time.Sleep(3 * refreshEvery)
			synctest.Wait()
			require.Equal(t, outage, strings.Count(log.String(), "cannot be read"), log.String())
			o.archive.set(func(s *shelf) { s.down = nil })
			time.Sleep(3 * refreshEvery)
			synctest.Wait()
		}
		stop()
		require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())
	})
}

func TestWarmTellsThatItCannot(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.archive.down = errDown
	require.ErrorIs(t, o.Warm(t.Context()), errDown)
	require.NoError(t, o.recorder.spool.close())
}

func TestServiceNeedsItsSpool(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s, err := New(Config{Spool: path, NewID: names()})
	require.ErrorContains(t, err, "open spool")
	require.Nil(t, s)
}

// A number that no link of the campaign has leads nowhere.
func TestTargetOfNoLink(t *testing.T) {
	t.Parallel()
	c := &summary.Campaign{Links: []message.Link{{Target: shared, Language: "uk"}}}
	to, language, ok := target(c, Code{})
	require.Equal(t, []any{shared, "uk", true}, []any{to, language, ok})
	for _, link := range []int{-1, 1} {
		to, language, ok := target(c, Code{Link: link, Target: shared})
		require.Equal(t, []any{"", "", false}, []any{to, language, ok})
	}
}

// An error of the database is an error, and not a report without clicks.
func TestReportsWithoutADatabase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.Links(t.Context(), 1, 1)
	require.NoError(t, err)
	o.archive.down = errDown
	links, err := o.Links(t.Context(), 1, 1)
	require.ErrorIs(t, err, errDown)
	require.Nil(t, links)
	_, err = o.Service.Clicks(t.Context(), 1, 1, "", 10)
	require.ErrorIs(t, err, errDown)
	_, err = o.Links(t.Context(), 2, 2)
	require.ErrorIs(t, err, errDown)
	_, err = o.Service.Clicks(t.Context(), 2, 2, "", 10)
	require.ErrorIs(t, err, errDown)
	handled, err := o.Press(t.Context(), Press{MessageID: 4711})
	require.ErrorIs(t, err, errDown)
	require.False(t, handled)
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
	require.Equal(t, LinkReport{Link: message.Link{Target: own, Personal: true, Button: "Yours", Language: "uk"},
		LinkCount: LinkCount{Link: 1, Clicks: 5, People: 3}}, links[1])
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
