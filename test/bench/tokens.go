package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/api/surface"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

const (
	tokensKnown   = 1_000_000
	tokensBatch   = 1000
	tokensBatches = 60
)

// benchTokens posts tokens of new people to the handler over real connections, from
// one caller and from eight, beside a bare bulk insert of the same rows.
func benchTokens(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ring := seal.Of(seal.NewKey())
	mine, err := addBot(ctx, s, ring, 1, "")
	if err != nil {
		return err
	}
	if err := b.fill(ctx, mine.ID, tokensKnown); err != nil {
		return err
	}
	bare, err := b.bareInsert(ctx, mine.ID)
	if err != nil {
		return err
	}
	b.row("tokens: bare bulk insert", "%8.0f items/s", bare)
	keys := access.NewKeys(s.Keys, time.Now, nil)
	key, err := keys.CreateKey(ctx, workspace.Default, "bench", access.ScopeFull)
	if err != nil {
		return err
	}
	handler, err := api.Handler(api.Config{NewRequestID: uuid.NewString, Ready: s.Ping, Services: surface.Services{
		Keys: keys, Workspaces: workspace.New(s.Workspaces, time.Now), Bots: bot.New(s.Bots, nil, ring, time.Now, nil),
		Contacts: contact.New(s.Contacts, time.Now), Messages: message.New(s.Messages, nil, time.Now),
		Campaigns: campaign.New(s.Campaigns, nil, time.Now, func() {}), Log: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	address := server.URL + "/api/v1/apps/" + mine.AppUUID + "/tokens"
	first := 0
	for _, load := range []struct{ callers, calls, each int }{{1, 60, 1000}, {8, 60, 1000}, {1, 400, 1}, {8, 2000, 1}} {
		rate, err := callTokens(ctx, address, key, first, load.callers, load.calls, load.each)
		if err != nil {
			return err
		}
		first += load.calls * load.each
		name := fmt.Sprintf("tokens: %d callers, %d each", load.callers, load.each)
		if load.each == tokensBatch {
			b.row(name, "%8.0f items/s   %.2f of bare (goal 0.30, 10000/s)", rate, rate/bare)
		} else {
			b.row(name, "%8.0f items/s", rate)
		}
	}
	return nil
}

// callTokens makes so many calls about new people, from the first on, and returns how
// many items a second were taken.
func callTokens(ctx context.Context, address, key string, first, callers, calls, each int) (perSecond float64, err error) {
	var next atomic.Int64
	all, ctx := errgroup.WithContext(ctx)
	started := time.Now()
	for range callers {
		all.Go(func() error {
			for {
				call := int(next.Add(1)) - 1
				if call >= calls {
					return nil
				}
				if err := postTokens(ctx, address, key, first+call*each, each); err != nil {
					return err
				}
			}
		})
	}
	err = all.Wait()
	return float64(calls*each) / time.Since(started).Seconds(), err
}

// person returns the identifiers of the i-th new person.
func person(i int) (external, phone string, chatID int64) {
	return "new-" + strconv.Itoa(i), "+38067" + strconv.Itoa(1000000+i), int64(5_000_000 + i)
}

func postTokens(ctx context.Context, address, key string, first, n int) error {
	var body bytes.Buffer
	body.WriteString(`{"tokens":[`)
	for i := range n {
		external, phone, chatID := person(first + i)
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"token":"%d","externalCustomerId":%q,"phone":%q}`, chatID, external, phone)
	}
	body.WriteString(`]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth("any", key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if created := bytes.Count(answer, []byte(`"CREATED"`)); resp.StatusCode != http.StatusOK || created != n {
		return fmt.Errorf("tokens: HTTP %d, %d of %d created: %.200s", resp.StatusCode, created, n, answer)
	}
	return nil
}

// bareInsert writes the same number of other people, with multi-row inserts of a
// thousand in one transaction each.
func (b *bench) bareInsert(ctx context.Context, botID int64) (perSecond float64, err error) {
	db, err := b.raw()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	contacts := `INSERT INTO contacts (id, workspace_id, external_customer_id, phone, created_at, updated_at) VALUES ` + b.values(6)
	chats := `INSERT INTO chats (bot_id, chat_id, contact_id, created_at) VALUES ` + b.values(4)
	found := `INSERT INTO identities (workspace_id, kind, value, sharer, contact_id) VALUES ` + b.values(5)
	started := time.Now()
	for batch := range tokensBatches {
		var people, talks, externals, phones []any
		for i := range tokensBatch {
			n := batch*tokensBatch + i
			external, phone, chatID := person(n)
			id := int64(20_000_000 + n)
			people = append(people, id, 1, "bare-"+external, "+38068"+phone[6:], 1, 1)
			talks = append(talks, botID, chatID+20_000_000, id, 1)
			externals = append(externals, 1, 1, "bare-"+external, 0, id)
			phones = append(phones, 1, 2, "+38068"+phone[6:], 0, id)
		}
		if err := inTx(ctx, db, func(tx *sql.Tx) error {
			for _, rows := range []struct {
				text string
				args []any
			}{{contacts, people}, {found, externals}, {found, phones}, {chats, talks}} {
				if _, err := tx.ExecContext(ctx, rows.text, rows.args...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return 0, err
		}
	}
	return tokensBatches * tokensBatch / time.Since(started).Seconds(), nil
}

func inTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// values renders the placeholders of an insert of tokensBatch rows. SQLite's
// driver looks $N up by name, which would slow the bare loop down.
func (b *bench) values(columns int) string {
	all := make([]string, tokensBatch)
	n := 0
	for i := range all {
		one := make([]string, columns)
		for k := range one {
			n++
			one[k] = "?"
			if b.engine == "postgres" {
				one[k] = "$" + strconv.Itoa(n)
			}
		}
		all[i] = "(" + strings.Join(one, ",") + ")"
	}
	return strings.Join(all, ",")
}
