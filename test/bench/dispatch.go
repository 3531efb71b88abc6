package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/telegram"
)

const (
	dispatchBots  = 200
	dispatchChats = 500
	dispatchText  = "<b>Hello</b>, the spring sale has begun: <a href=\"https://shop.example/spring\">have a look</a>."
)

// benchDispatch measures from "everybody is queued" to "everybody is settled":
// many bots, no rate, against a sandbox in a process of its own; beside a bare
// net/http loop that posts the same bodies to the same sandbox.
func benchDispatch(ctx context.Context, b *bench) (err error) {
	sandbox, err := b.startSandbox(ctx, "--unlimited")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sandbox.Stop()) }()
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ring := seal.Of(seal.NewKey())
	bare, err := bestBareLoop(ctx, sandbox.url())
	if err != nil {
		return err
	}
	b.row("dispatch: bare net/http loop", "%8.0f messages/s", bare)
	campaigns, err := b.layOut(ctx, s, ring, job{apiURL: sandbox.url(), bots: dispatchBots, chats: dispatchChats})
	if err != nil {
		return err
	}
	took, err := runEngine(ctx, s, ring, 0, campaigns, nil)
	if err != nil {
		return err
	}
	rate := dispatchBots * dispatchChats / took.Seconds()
	b.row("dispatch: 200 bots x 500 chats", "%8.0f messages/s   %.2f of bare (goal 1.00)", rate, rate/bare)
	return nil
}

// job is how much there is to send.
type job struct {
	apiURL string
	bots   int
	chats  int64
	paid   bool
}

// layOut stores the bots and their chats, and a laid out campaign for each.
func (b *bench) layOut(ctx context.Context, s *store.DB, ring *seal.Ring, j job) ([]int64, error) {
	messages := message.New(s.Messages, nil, time.Now)
	m, err := messages.Create(ctx, 1, "bench", message.Text(dispatchText))
	if err != nil {
		return nil, err
	}
	service := campaign.New(s.Campaigns, messages, time.Now, func() {})
	var campaigns []int64
	for i := range j.bots {
		one, err := addBot(ctx, s, ring, int64(i+1), j.apiURL)
		if err != nil {
			return nil, err
		}
		if one, err = s.Bots.ChangeLimits(ctx, 1, one.ID, func(one *bot.Bot) error {
			one.PaidBroadcast = j.paid
			return nil
		}); err != nil {
			return nil, err
		}
		if err := b.fillChats(ctx, one.ID, j.chats); err != nil {
			return nil, err
		}
		c, err := service.Create(ctx, campaign.Campaign{WorkspaceID: 1, BotID: one.ID, MessageID: m.ID, Name: "bench",
			Audience: campaign.Audience{All: true}, AllowPaid: j.paid})
		if err != nil {
			return nil, err
		}
		if _, err := service.Launch(ctx, 1, c.ID, time.Time{}); err != nil {
			return nil, err
		}
		for more := true; more; {
			if more, err = s.Campaigns.LayOut(ctx, c.ID, 10_000, time.Now()); err != nil {
				return nil, err
			}
		}
		campaigns = append(campaigns, c.ID)
	}
	return campaigns, nil
}

// runEngine sends what is laid out at the given rate and returns how long that
// took. The observer may be nil.
func runEngine(
	ctx context.Context, s *store.DB, ring *seal.Ring, rate float64, campaigns []int64, observer dispatch.Observer,
) (time.Duration, error) {
	client, err := telegram.NewClient(telegram.DefaultURL, telegram.Proxy{})
	if err != nil {
		return 0, err
	}
	engine := dispatch.New(dispatch.Config{
		Store: s.Ledgers, Transport: client, Unseal: ring.Unseal, Owner: "bench", Rate: rate, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Observe: observer,
	})
	running, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	started := time.Now()
	wait.Go(func() { engine.Run(running) })
	err = awaitFinished(ctx, s, campaigns)
	took := time.Since(started)
	stop()
	wait.Wait()
	return took, err
}

// awaitFinished waits until every campaign is finished, and checks that all
// were sent.
func awaitFinished(ctx context.Context, s *store.DB, campaigns []int64) error {
	for _, id := range campaigns {
		for {
			c, l, err := s.Campaigns.Find(ctx, 1, id)
			if err != nil {
				return err
			}
			if c.State == campaign.Finished {
				if l.Sent != c.LaidSeq {
					return fmt.Errorf("campaign %d: %d of %d sent", id, l.Sent, c.LaidSeq)
				}
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// bestBareLoop returns the messages a second of a bare loop at the number of
// workers that suits it best.
func bestBareLoop(ctx context.Context, address string) (best float64, err error) {
	for _, workers := range []int{16, 64, 256} {
		rate, err := bareLoop(ctx, address, workers)
		if err != nil {
			return 0, err
		}
		best = max(best, rate)
	}
	return best, nil
}

// bareLoop posts the bodies that the engine would, and nothing else.
func bareLoop(ctx context.Context, address string, workers int) (float64, error) {
	const total = dispatchBots * dispatchChats
	template, err := message.Compile(message.Text(dispatchText))
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	defer client.CloseIdleConnections()
	var (
		next  atomic.Int64
		wait  sync.WaitGroup
		once  sync.Once
		fault error
	)
	started := time.Now()
	for range workers {
		wait.Go(func() {
			var body []byte
			for n := next.Add(1); n <= total; n = next.Add(1) {
				call, err := template.Compose(body[:0], message.Recipient{ChatID: 1000 + n%dispatchChats})
				if err == nil {
					body = call.Body
					err = post(ctx, client, fmt.Sprintf("%s/bot%d:bench/%s", address, 1000+n/dispatchChats, call.Method), body)
				}
				if err != nil {
					once.Do(func() { fault = err })
					return
				}
			}
		})
	}
	wait.Wait()
	return total / time.Since(started).Seconds(), fault
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return errors.Join(err, resp.Body.Close())
}
