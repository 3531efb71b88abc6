package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"bellman/internal/bot"
	"bellman/internal/store"
)

const (
	millionChats = 1_000_000
	fewChats     = 10_000
)

// benchMillion sends one broadcast to a million chats with the built program:
// how soon the first message is there, how fast it goes, and how much memory
// it takes.
func benchMillion(ctx context.Context, b *bench) (err error) {
	sandbox, err := b.startSandbox(ctx, "--unlimited")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sandbox.stop()) }()
	secret := bot.NewKey()
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	seal, err := bot.NewSealer(secret)
	if err != nil {
		return err
	}
	few, err := addBot(ctx, s, seal, 1, sandbox.address)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	many, err := addBot(ctx, s, seal, 2, sandbox.address)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if err := errors.Join(b.fillChats(ctx, few.ID, fewChats), b.fillChats(ctx, many.ID, millionChats)); err != nil {
		return err
	}
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	server, err := b.start(ctx, "/healthz", env, "serve", "--db", b.address, "--rate", "0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	key, err := b.key(ctx, env)
	if err != nil {
		return err
	}
	c := &client{address: server.address, key: key}
	first, rate, err := broadcast(ctx, c, few.ID, fewChats)
	if err != nil {
		return err
	}
	b.row("million: 10,000 chats to compare", "%8.0f messages/s, first after %.3f s", rate, first.Seconds())
	if first, rate, err = broadcast(ctx, c, many.ID, millionChats); err != nil {
		return err
	}
	_, peak, err := server.memory()
	if err != nil {
		return err
	}
	b.row("million: first message after launch", "%8.3f s (goal 2)", first.Seconds())
	b.row("million: from launch to finished", "%8.0f messages/s", rate)
	b.row("million: highest memory", "%8.0f MB (goal 150)", peak)
	return nil
}

// broadcast launches a broadcast of the bot to all its chats and returns how
// soon the first message was sent, and the messages a second from the launch to
// the finish.
func broadcast(ctx context.Context, c *client, botID, chats int64) (first time.Duration, rate float64, err error) {
	var made struct {
		ID     int64
		State  string
		Counts struct{ Recipients, Sent int64 }
	}
	if err := c.call(ctx, http.MethodPost, "/manage/v1/messages", map[string]any{"name": "bench", "text": dispatchText}, &made); err != nil {
		return 0, 0, err
	}
	draft := map[string]any{"name": "bench", "botId": botID, "messageId": made.ID, "audience": map[string]any{"all": true}}
	if err := c.call(ctx, http.MethodPost, "/manage/v1/campaigns", draft, &made); err != nil {
		return 0, 0, err
	}
	path := fmt.Sprintf("/manage/v1/campaigns/%d", made.ID)
	started := time.Now()
	if err := c.call(ctx, http.MethodPost, path+"/launch", nil, &made); err != nil {
		return 0, 0, err
	}
	for made.State != "finished" {
		if err := c.call(ctx, http.MethodGet, path, nil, &made); err != nil {
			return 0, 0, err
		}
		if first == 0 && made.Counts.Sent > 0 {
			first = time.Since(started)
		}
		select {
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	if made.Counts.Sent != chats {
		return 0, 0, fmt.Errorf("%d of %d sent", made.Counts.Sent, chats)
	}
	return first, float64(chats) / time.Since(started).Seconds(), nil
}

// key makes an API key while the server runs.
func (b *bench) key(ctx context.Context, env []string) (string, error) {
	create := exec.CommandContext(ctx, b.binary, "key", "create", "--db", b.address, "--name", "bench")
	create.Env = append(os.Environ(), env...)
	out, err := create.Output()
	return strings.TrimSpace(string(out)), err
}

// client calls the management API.
type client struct{ address, key string }

func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.address+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: HTTP %d: %s", method, path, resp.StatusCode, answer)
	}
	return json.Unmarshal(answer, out)
}
