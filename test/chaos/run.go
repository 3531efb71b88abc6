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

	"bellman/internal/outcome"
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
	// imports are the accepted ones, sends the keyed ones, resent those of them that arrived more than once. doubts is how
	// often at least it must have been open whether a keyed send arrived.
	imports, sends, resent, doubts int
	// mass is how many recipients of a mass failed before it was seen, resumed how often a broadcast was that had paused
	// because its answers were lost, memory the most that a server had, in bytes.
	mass, resumed int
	memory        int64
	// activities are those that the webhook posted, each once, arrays all in which they came.
	activities, arrays int
	// log tells the faults as they came, broken every rule that did not hold.
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
	j.started = time.Now()
	if err := j.darken(ctx); err != nil {
		return nil, err
	}
	if err := j.launch(ctx); err != nil {
		return nil, err
	}
	if err := j.endure(ctx); err != nil {
		return nil, err
	}
	r := &result{plan: j.plan, took: time.Since(j.started), faults: map[string]int{}, rows: map[string]int64{}}
	e, err := j.gather(ctx, secrets)
	if err != nil {
		return nil, err
	}
	r.log, r.resumed = j.log, j.resumed
	r.count(j.done, e.reports)
	r.judge(e)
	return r, nil
}

// darken has the weather begin.
func (j *injury) darken(ctx context.Context) error {
	for _, f := range j.plan.weather {
		rule, err := json.Marshal(f)
		if err != nil {
			return err
		}
		j.note("the weather: %s", rule)
	}
	return j.sandbox.AddFaults(ctx, j.plan.weather...)
}

// endure carries the faults out while broadcasts and chores go on, and waits until these have ended.
func (j *injury) endure(ctx context.Context) error {
	meanwhile, stop := context.WithCancel(ctx)
	defer stop()
	finished, watched, worked := make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() { watched <- j.watch(meanwhile, finished) }()
	go func() { worked <- j.work(meanwhile) }()
	go j.nudge(meanwhile)
	if err := j.run(ctx, finished); err != nil {
		return err
	}
	if err := j.awaitEnd(ctx, finished, watched); err != nil {
		return err
	}
	j.note("the broadcasts are finished")
	if err := <-worked; err != nil {
		return err
	}
	return j.settle(ctx)
}

// connect brings the bots and their chats in, and what the chores need, and returns what must be in no log.
func (j *injury) connect(ctx context.Context) (map[string]string, error) {
	secrets := map[string]string{"the API key": j.key, "the password of the webhook": rand.Text()}
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
	secret := rand.Text()
	secrets["the token of the bot of a mass"] = secret
	if err := j.prepareMass(ctx, client, secret); err != nil {
		return nil, err
	}
	if err := j.prepareSends(ctx, client); err != nil {
		return nil, err
	}
	return secrets, j.prepareWebhook(ctx, client, secrets["the password of the webhook"])
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
	made, err := client.Broadcast(ctx, j.mass.bot.ID, j.mass.text)
	j.mass.id = made.ID
	return err
}

// watch closes finished once every broadcast is finished.
func (j *injury) watch(ctx context.Context, finished chan<- struct{}) error {
	for _, list := range j.broadcasts {
		for _, b := range list {
			err := j.ask(ctx, func(ctx context.Context, c harness.Client) error {
				now, err := c.Campaign(ctx, b.id)
				switch {
				case err != nil || now.State == "finished":
					return err
				case answersLost(now):
					err = j.resume(ctx, b)
				}
				return errors.Join(err, fmt.Errorf("campaign %d: %+v", b.id, now))
			})
			if err != nil {
				return err
			}
		}
	}
	close(finished)
	return nil
}

// answersLost tells that a campaign has paused because too many of its answers were lost.
func answersLost(c harness.Campaign) bool {
	return c.State == "paused" && outcome.Reason(c.StateReason) == outcome.AnswersLost
}

// resume resumes a campaign that paused by itself, as the operating manual has it.
func (j *injury) resume(ctx context.Context, b broadcast) error {
	return j.ask(ctx, func(ctx context.Context, c harness.Client) error {
		now, err := c.Campaign(ctx, b.id)
		if err != nil || !answersLost(now) {
			return err
		}
		if _, err := c.Do(ctx, b.id, "resume"); err != nil {
			return err
		}
		j.note("campaign %d had paused, because its answers were lost, and is resumed", b.id)
		j.resumed++
		return nil
	})
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

// count notes which faults there were.
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
