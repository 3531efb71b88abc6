package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/google/uuid"

	"bellman/internal/access"
	"bellman/internal/api"
	"bellman/internal/api/surface"
	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/imports"
	"bellman/internal/outbound"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

// benchImports posts people, 3000 a request, to the handler over a real connection
// while a runner imports them, and waits until all are stored: first as new
// contacts that are added to a group, then the same as known ones, then new ones
// with events.
func benchImports(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	keys := access.NewKeys(s.Keys, time.Now, nil)
	key, err := keys.CreateKey(ctx, workspace.Default, "bench", access.ScopeFull)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	config := imports.Config{
		Store: s.Imports, Workspaces: workspace.New(s.Workspaces, time.Now),
		Contacts: contact.New(s.Contacts, time.Now), Groups: audience.New(s.Groups, time.Now),
		Events: event.New(s.Events, time.Now), Files: outbound.NewFetcher(outbound.Public), Now: time.Now, NewID: uuid.NewString,
	}
	importer := imports.New(config)
	handler, err := api.Handler(api.Config{NewRequestID: uuid.NewString, Ready: s.Ping, Services: surface.Services{
		Keys: keys, Workspaces: config.Workspaces, Contacts: config.Contacts, Groups: config.Groups,
		Events: config.Events, Imports: importer, Now: time.Now, Log: log,
	}})
	if err != nil {
		return err
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	working, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { imports.NewRunner(importer, "bench", log).Run(working) })
	defer running.Wait()
	defer stop()
	for _, round := range []struct {
		name  string
		first int
		more  string
	}{
		{"imports: new ones", 0, `"groupNames":["all"]`},
		{"imports: known ones", 0, `"groupNames":["all"]`},
		{"imports: new ones, with events", importContacts, `"eventKeyForNewContacts":"new"`},
	} {
		started := time.Now()
		accepted, err := importRange(ctx, server.URL, key, round.first, importContacts, round.more)
		if err != nil {
			return err
		}
		b.row(round.name+", 3000 each", "%8.0f contacts/s accepted, %8.0f stored (goal 10000)",
			importContacts/accepted.Seconds(), importContacts/time.Since(started).Seconds())
	}
	return nil
}

// importRange posts n contacts, waits for their imports, and returns how long it took
// until they were accepted.
func importRange(ctx context.Context, address, key string, first, n int, more string) (accepted time.Duration, err error) {
	started := time.Now()
	var sessions []string
	for at := first; at < first+n; at += importBatch {
		var answer struct{ AsyncSessionID string }
		if err := callJSON(ctx, http.MethodPost, address+"/api/v1/contacts", key, importBody(at, more), &answer); err != nil {
			return 0, err
		}
		sessions = append(sessions, answer.AsyncSessionID)
	}
	accepted = time.Since(started)
	for _, session := range sessions {
		for state := ""; state != "FINISHED"; {
			var answer struct{ Status, Description string }
			if err := callJSON(ctx, http.MethodGet, address+"/api/v1/importstatus/"+session, key, nil, &answer); err != nil {
				return 0, err
			}
			if state = answer.Status; state == "ERROR" {
				return 0, errors.New(answer.Description)
			}
			if state != "FINISHED" {
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
	return accepted, nil
}

func importBody(first int, more string) []byte {
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"dedupeOn":"email",%s,"contacts":[`, more)
	for n := first; n < first+importBatch; n++ {
		if n > first {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"externalCustomerId":"customer-%d","firstName":%q,"lastName":%q,"languageCode":"uk","timeZone":"Europe/Kyiv",`+
			`"address":{"town":"Київ"},"channels":[{"type":"email","value":"person%d@example.com"},{"type":"sms","value":"+38050%07d"}]}`,
			n, firstNames[n%len(firstNames)], lastNames[n%len(lastNames)], n, n)
	}
	body.WriteString(`]}`)
	return body.Bytes()
}

// callJSON makes a call and reads its answer.
func callJSON(ctx context.Context, method, address, key string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth("any", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: HTTP %d: %.200s", method, address, resp.StatusCode, text)
	}
	return json.Unmarshal(text, answer)
}
