package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bellman/internal/linetest"
	"bellman/internal/pgtest"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// broadcast is one campaign of a run.
type broadcast struct {
	id   int64
	bot  harness.Bot
	text string
}

// injury carries out the faults of a plan, one after the other, and records them.
type injury struct {
	*cluster

	plan       plan
	broadcasts [][]broadcast // by bot
	imports    []imported
	sends      []sent
	webhook    string // its path in the management API
	started    time.Time
	mass       broadcast
	// mu guards the log, which those who watch write too.
	mu sync.Mutex
	// log has a line for each fault, done counts them.
	log  []string
	done map[kind]int
	// resumed is how often a broadcast was that had paused by itself.
	resumed int
	// stops are sentences about servers that did not stop as they should.
	stops []string
	// outage is the longest time for which PostgreSQL did not serve.
	outage time.Duration
}

func (j *injury) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.log = append(j.log, fmt.Sprintf("%6.2f s  %s", time.Since(j.started).Seconds(), fmt.Sprintf(format, args...)))
}

// run carries out the plan until it ends or everything is finished, which is no error.
func (j *injury) run(ctx context.Context, finished <-chan struct{}) error {
	for _, f := range j.plan.faults {
		moment := time.NewTimer(f.after)
		select {
		case <-ctx.Done():
			moment.Stop()
			return ctx.Err()
		case <-finished:
			moment.Stop()
			j.note("all is finished before %s", f.kind)
			return nil
		case <-moment.C:
		}
		if err := j.inflict(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.kind, err)
		}
		j.done[f.kind]++
	}
	return nil
}

func (j *injury) inflict(ctx context.Context, f fault) error {
	hit := j.servers[f.server]
	switch f.kind {
	case kill:
		j.note("kill -9 %s", hit.name)
		return errors.Join(hit.process.Kill(), j.start(ctx, hit))
	case term:
		j.note("SIGTERM %s", hit.name)
		return errors.Join(j.stopServer(hit), j.start(ctx, hit))
	case freeze:
		j.note("SIGSTOP %s for %s", hit.name, f.hold)
		return j.freeze(ctx, hit.process, f.hold)
	case postgresFast:
		return j.restart(ctx, f.kind, pgtest.Fast)
	case postgresImmediate:
		return j.restart(ctx, f.kind, pgtest.Immediate)
	case cutDatabase:
		for _, s := range j.servers {
			j.note("cut %d connections of %s to the database", s.line.Cut(), s.name)
		}
		return nil
	case cutTelegram:
		j.note("cut %d connections to telegram", j.telegram.Cut())
		return nil
	case silentDatabase:
		return j.silence(ctx, f, (*linetest.Line).Lose)
	case deafDatabase:
		return j.silence(ctx, f, (*linetest.Line).LoseAnswers)
	case silentTelegram:
		return j.silenceTelegram(ctx, f, j.telegram.Lose)
	case deafTelegram:
		return j.silenceTelegram(ctx, f, j.telegram.LoseAnswers)
	case fullTelegram:
		return j.fillTelegram(ctx, f)
	case away:
		return j.takeAway(ctx, f.hold)
	case pause:
		return j.pause(ctx, j.broadcasts[f.bot][f.campaign], f.hold)
	case flood:
		bot := j.broadcasts[f.bot][0].bot
		j.note("429 for the next %d calls of bot %d", f.count, bot.ID)
		return j.sandbox.AddFaults(ctx, sandbox.Fault{
			Kind: sandbox.FaultFlood, Bot: bot.TelegramID, Method: "sendMessage", Count: int64(f.count), RetryAfter: 1,
		})
	case leave:
		return j.leave(ctx, f)
	}
	return errors.New("nobody knows how")
}

func (j *injury) restart(ctx context.Context, k kind, mode pgtest.Mode) error {
	down := time.Now()
	err := j.postgres.Restart(ctx, mode)
	took := time.Since(down)
	j.outage = max(j.outage, took)
	j.note("%s restart, down for %.2f s", k, took.Seconds())
	return err
}

// pause pauses a campaign and resumes it. A campaign that is finished meanwhile is left alone.
func (j *injury) pause(ctx context.Context, b broadcast, hold time.Duration) error {
	paused, err := j.steer(ctx, b.id, "pause")
	if err != nil || paused == "finished" {
		return err
	}
	j.note("pause campaign %d for %s", b.id, hold)
	if err := wait(ctx, hold); err != nil {
		return err
	}
	_, err = j.steer(ctx, b.id, "resume")
	return err
}

// steer applies a verb to a campaign unless it is finished, and returns its state.
func (j *injury) steer(ctx context.Context, id int64, verb string) (state string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = j.ask(ctx, func(ctx context.Context, c harness.Client) error {
		now, err := c.Campaign(ctx, id)
		if err == nil && now.State != "finished" {
			now, err = c.Do(ctx, id, verb)
		}
		state = now.State
		return err
	})
	return state, err
}

// leave makes people leave the bot. It first waits until all broadcasts are laid out, so that each has the whole
// audience.
func (j *injury) leave(ctx context.Context, f fault) error {
	for _, b := range j.broadcasts[f.bot] {
		if err := j.awaitLaid(ctx, b); err != nil {
			return err
		}
	}
	bot := j.broadcasts[f.bot][0].bot
	state := sandbox.Blocked
	if f.count%2 == 0 {
		state = sandbox.Deactivated
	}
	j.note("%d people leave bot %d: %s", f.count, bot.ID, state)
	return j.sandbox.Put(ctx, bot.TelegramID, state, j.plan.leavers(f)...)
}

func (j *injury) awaitLaid(ctx context.Context, b broadcast) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return j.ask(ctx, func(ctx context.Context, c harness.Client) error {
		now, err := c.Campaign(ctx, b.id)
		if err == nil && now.Counts.Recipients < j.plan.chats {
			err = fmt.Errorf("campaign %d is not laid out: %+v", b.id, now)
		}
		return err
	})
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
