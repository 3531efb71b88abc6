package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/api/surface"
	"bellman/internal/bot"
	"bellman/internal/campaign"
	"bellman/internal/message"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

const (
	smartSendRecipients = 1000
	smartSendRequests   = 50
)

// benchSmartSend posts sends to 1000 recipients each to the handler over a real
// connection, with and without keys, and waits for each answer: everything is
// stored by then.
func benchSmartSend(ctx context.Context, b *bench) (err error) {
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
	if err := b.fill(ctx, mine.ID, smartSendRecipients*smartSendRequests); err != nil {
		return err
	}
	keys, messages := access.NewKeys(s.Keys, time.Now, nil), message.New(s.Messages, nil, time.Now)
	key, err := keys.CreateKey(ctx, workspace.Default, "bench", access.ScopeFull)
	if err != nil {
		return err
	}
	if _, err := messages.Create(ctx, workspace.Default, "bench", message.Text("{{ data.code }}")); err != nil {
		return err
	}
	newID := func() string { return uuid.Must(uuid.NewV7()).String() }
	handler, err := api.Handler(api.Config{NewRequestID: uuid.NewString, Ready: s.Ping, Services: surface.Services{
		Keys: keys, Workspaces: workspace.New(s.Workspaces, time.Now), Bots: bot.New(s.Bots, nil, ring, time.Now, nil), Messages: messages,
		Triggers: campaign.NewTriggers(s.Triggers, messages, time.Now, newID, func() {}),
		Now:      time.Now, Log: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	for _, round := range []struct{ name, member string }{
		{"smartsend: 1000 recipients", ""},
		{"smartsend: … each with its own key", `,"externalRequestId":"order-%d"`},
		{"smartsend: … sent again", `,"externalRequestId":"order-%d"`},
	} {
		var took []float64
		started := time.Now()
		for request := range smartSendRequests {
			asked := time.Now()
			if err := postSends(ctx, server.URL, key, request, round.member); err != nil {
				return err
			}
			took = append(took, time.Since(asked).Seconds()*1000)
		}
		rate := smartSendRecipients * smartSendRequests / time.Since(started).Seconds()
		b.row(round.name, "%8.0f recipients/s   p50 %.0f ms, highest %.0f ms", rate, percentile(took, 50), percentile(took, 100))
	}
	return b.askStatuses(ctx, server.URL, key)
}

// askStatuses requests the statuses of 500 requests at a time.
func (b *bench) askStatuses(ctx context.Context, address, key string) error {
	db, err := b.raw()
	if err != nil {
		return err
	}
	var took []float64
	for page := range 20 {
		var ids string
		err := db.QueryRowContext(ctx, map[string]string{
			"sqlite":   `SELECT group_concat(request_id) FROM (SELECT request_id FROM requests ORDER BY request_id LIMIT 500 OFFSET $1)`,
			"postgres": `SELECT string_agg(request_id, ',') FROM (SELECT request_id FROM requests ORDER BY request_id LIMIT 500 OFFSET $1) AS page`,
		}[b.engine], page*500).Scan(&ids)
		if err != nil {
			return errors.Join(err, db.Close())
		}
		asked := time.Now()
		answer, err := exchange(ctx, http.MethodGet, address+"/api/v1/message/status?ids="+ids, key, "")
		if err != nil {
			return errors.Join(err, db.Close())
		}
		if n := strings.Count(answer, `"SENDING"`); n != 500 {
			return errors.Join(fmt.Errorf("smartsend: %d of 500 statuses: %.200s", n, answer), db.Close())
		}
		took = append(took, time.Since(asked).Seconds()*1000)
	}
	b.row("smartsend: the status of 500", "p50 %.0f ms, highest %.0f ms", percentile(took, 50), percentile(took, 100))
	return db.Close()
}

// postSends sends one request to recipients of its own.
func postSends(ctx context.Context, address, key string, request int, member string) error {
	var body strings.Builder
	body.WriteString(`{"recipients":[`)
	for i := range smartSendRecipients {
		n := request*smartSendRecipients + i + 1
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"contactId":%d,"jsonParam":"{\"code\":%d}"`, n, n)
		if member != "" {
			fmt.Fprintf(&body, member, n)
		}
		body.WriteByte('}')
	}
	body.WriteString(`]}`)
	answer, err := exchange(ctx, http.MethodPost, address+"/api/v1/message/1/smartsend", key, body.String())
	if accepted := strings.Count(answer, `"OK"`); err == nil && accepted != smartSendRecipients {
		err = fmt.Errorf("smartsend: %d of %d accepted: %.200s", accepted, smartSendRecipients, answer)
	}
	return err
}

// exchange makes a call and returns its answer, which must be 200.
func exchange(ctx context.Context, method, address, key, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.SetBasicAuth("any", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("smartsend: HTTP %d: %.200s", resp.StatusCode, answer)
	}
	return string(answer), nil
}
