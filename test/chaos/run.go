package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

const (
	// firstChat is the first chat id of every bot.
	firstChat = 600_000_001
	// patience is how long pending work may take once the faults are over.
	patience = 2 * time.Minute
)

// result is the result of a run.
type result struct {
	plan   plan
	took   time.Duration
	faults map[string]int
	rows   map[string]int64
	// arrived is how many messages Telegram accepted.
	arrived int
	twice   int64
	lost    int64
	// log lists the faults in their order, broken every rule that was violated.
	log    []string
	broken []string
}

// carryOut runs a plan in a folder of its own inside the given one and removes that folder, unless a rule is broken.
func carryOut(ctx context.Context, binary, parent string, p plan, pg *pgtest.Server) (r *result, err error) {
	folder := filepath.Join(parent, fmt.Sprintf("%s-%d", p.engine, p.seed))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	j := &injury{plan: p, started: time.Now(), done: map[kind]int{}}
	defer func() {
		if err != nil && len(j.log) > 0 {
			err = fmt.Errorf("%w\nfaults:\n%s", err, strings.Join(j.log, "\n"))
		}
	}()
	if j.cluster, err = openCluster(ctx, harness.Program{Binary: binary, Folder: folder}, p, pg); err != nil {
		return nil, err
	}
	r, err = j.play(ctx)
	if err := errors.Join(err, j.close()); err != nil || len(r.broken) > 0 {
		return r, err
	}
	return r, os.RemoveAll(folder)
}

func (j *injury) play(ctx context.Context) (*result, error) {
	secrets, err := j.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := j.sandbox.AddFaults(ctx, j.plan.weather...); err != nil {
		return nil, err
	}
	j.started = time.Now()
	for _, f := range j.plan.weather {
		rule, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		j.note("the weather: %s", rule)
	}
	if err := j.launch(ctx); err != nil {
		return nil, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	finished, watched := make(chan struct{}), make(chan error, 1)
	go func() { watched <- j.watch(watching, finished) }()
	if err := j.run(ctx, finished); err != nil {
		return nil, err
	}
	if err := j.awaitEnd(ctx, finished, watched); err != nil {
		return nil, err
	}
	return j.judge(ctx, secrets)
}

// connect connects the bots with their chats, and returns the secrets that must be in no log.
func (j *injury) connect(ctx context.Context) (map[string]string, error) {
	secrets := map[string]string{"the API key": j.key}
	client := harness.Client{Address: j.servers[0].address, Key: j.key}
	j.broadcasts = make([][]broadcast, j.plan.bots)
	for i := range j.plan.bots {
		secret := rand.Text()
		secrets[fmt.Sprintf("the token of bot %d", i+1)] = secret
		bot, err := client.ConnectBot(ctx, fmt.Sprintf("%d:%s", 7_000_001+i, secret))
		if err != nil {
			return nil, err
		}
		if err := client.AddChats(ctx, bot.AppUUID, firstChat, j.plan.chats); err != nil {
			return nil, err
		}
		for k := range j.plan.campaigns {
			j.broadcasts[i] = append(j.broadcasts[i], broadcast{bot: bot, text: fmt.Sprintf("bot %d, broadcast %d", i+1, k+1)})
		}
	}
	return secrets, nil
}

func (j *injury) launch(ctx context.Context) error {
	client := harness.Client{Address: j.servers[0].address, Key: j.key}
	for _, list := range j.broadcasts {
		for k := range list {
			made, err := client.Broadcast(ctx, list[k].bot.ID, list[k].text)
			if err != nil {
				return err
			}
			list[k].id = made.ID
		}
	}
	return nil
}

// watch closes finished once every broadcast is finished.
func (j *injury) watch(ctx context.Context, finished chan<- struct{}) error {
	for _, list := range j.broadcasts {
		for _, b := range list {
			err := j.ask(ctx, func(ctx context.Context, c harness.Client) error {
				now, err := c.Campaign(ctx, b.id)
				if err == nil && now.State != "finished" {
					err = fmt.Errorf("campaign %d: %+v", b.id, now)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	close(finished)
	return nil
}

// awaitEnd waits until everything is finished, and describes the state when that does not happen.
func (j *injury) awaitEnd(ctx context.Context, finished <-chan struct{}, watched <-chan error) error {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-finished:
		return nil
	case err := <-watched:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-limit.C:
	}
	var states []string
	for _, list := range j.broadcasts {
		for _, b := range list {
			now, err := j.campaign(ctx, b.id)
			states = append(states, fmt.Sprintf("%+v %v", now, err))
		}
	}
	return fmt.Errorf("not finished within %s of the last fault:\n%s", patience, strings.Join(states, "\n"))
}

func (j *injury) campaign(ctx context.Context, id int64) (found harness.Campaign, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = j.ask(ctx, func(ctx context.Context, c harness.Client) error {
		found, err = c.Campaign(ctx, id)
		return err
	})
	return found, err
}

// judge stops everything and compares Bellman's deliveries with the journal.
func (j *injury) judge(ctx context.Context, secrets map[string]string) (*result, error) {
	r := &result{plan: j.plan, took: time.Since(j.started), faults: map[string]int{}, rows: map[string]int64{}, log: j.log}
	finals, err := j.finals(ctx)
	if err != nil {
		return nil, err
	}
	reports, err := j.sandbox.Faults(ctx)
	if err != nil {
		return nil, err
	}
	if err := j.cluster.stop(); err != nil {
		return nil, err
	}
	arrivals, err := j.sandbox.Arrivals()
	if err != nil {
		return nil, err
	}
	r.count(j.done, reports)
	r.compare(finals, arrivals)
	r.explain(finals, j.outage, reports)
	leaks, err := j.program.Leaks(secrets)
	r.broken = append(r.broken, leaks...)
	return r, err
}

// final is a broadcast at its end.
type final struct {
	broadcast

	campaign harness.Campaign
	rows     []harness.Delivery
}

func (j *injury) finals(ctx context.Context) (all []final, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, list := range j.broadcasts {
		for _, b := range list {
			f := final{broadcast: b}
			err := j.ask(ctx, func(ctx context.Context, c harness.Client) (err error) {
				if f.campaign, err = c.Campaign(ctx, b.id); err == nil {
					f.rows, err = c.Deliveries(ctx, b.id)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	return all, nil
}

// count records which faults there were.
func (r *result) count(done map[kind]int, reports []sandbox.FaultReport) {
	for k, n := range done {
		r.faults[string(k)] += n
	}
	for _, f := range reports {
		name := "telegram " + string(f.Kind)
		if f.Delivered {
			name += " after delivery"
		}
		r.faults[name] += int(f.Fired)
	}
}
