package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"bellman/internal/seal"
	"bellman/internal/store"
)

const (
	idleBots = 1000
	idleSpan = 20 * time.Second
	// ticks is how many of the kernel's clock ticks make a second (USER_HZ, 100
	// on every Linux platform that Go runs on).
	ticks = 100
)

// benchIdle runs the built program with many bots that have nothing to send.
func benchIdle(ctx context.Context, b *bench) (err error) {
	secret := seal.NewKey()
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	ring, err := openRing(ctx, s, secret)
	if err != nil {
		return err
	}
	for i := range idleBots {
		if _, err := addBot(ctx, s, ring, int64(i+1), ""); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	if err := s.Close(); err != nil {
		return err
	}
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	server, err := b.start(ctx, env, "serve", "--db", b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	time.Sleep(idleSpan / 4)
	before, err := server.cpu()
	if err != nil {
		return err
	}
	time.Sleep(idleSpan)
	after, err := server.cpu()
	if err != nil {
		return err
	}
	now, _, err := server.Memory()
	if err != nil {
		return err
	}
	b.row("idle: 1000 bots", "%8.2f %% of a core (goal 2), %.0f MB (goal 60)", 100*(after-before)/idleSpan.Seconds(), float64(now)/(1<<20))
	return nil
}

// cpu returns how many seconds of processor time the process has used.
func (p *process) cpu() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has another form than expected")
	}
	// The fields utime and stime, 14 and 15 in proc(5).
	user, err := strconv.ParseFloat(fields[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(fields[12], 64)
	return (user + system) / ticks, err
}
