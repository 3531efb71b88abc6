package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"bellman/internal/erasure"
	"bellman/internal/outcome"
	"bellman/internal/webhook"
)

// keepAttempt keeps an attempt in place of the oldest one.
func keepAttempt(ctx context.Context, tx *sql.Tx, webhookID int64, a webhook.Attempt, content string) error {
	var id int64
	err := tx.QueryRowContext(ctx, `UPDATE webhooks SET tried = tried + 1 WHERE id = $1 RETURNING tried`, webhookID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it was deleted, and swept
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO webhook_attempts (webhook_id, id, message_id, at, took, activities, status, error, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		webhookID, id, a.MessageID, a.At.UnixMilli(), a.Took.Milliseconds(), a.Activities, a.Status, a.Error, content)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM webhook_attempts WHERE webhook_id = $1 AND id <= $2`, webhookID, id-webhook.MaxAttempts)
	return err
}

// keptActivity is an activity of an array that was accepted, as it was in the outbox.
// The names are short because there are up to 1000 in an attempt.
type keptActivity struct {
	Status     outcome.Activity `json:"s"`
	CampaignID int64            `json:"c"`
	Seq        int64            `json:"n"`
	ContactID  int64            `json:"p,omitempty"`
	ChatID     int64            `json:"t,omitempty"`
	ClickID    string           `json:"k,omitempty"`
	At         int64            `json:"a"`
}

// contentOf names the activities of an array, so that it can be posted again.
func contentOf(entries []webhook.Entry) string {
	kept := make([]keptActivity, len(entries))
	for i := range entries {
		e := &entries[i]
		kept[i] = keptActivity{Status: e.Status, CampaignID: e.Campaign.ID, Seq: e.Offset.Seq, ClickID: e.ClickID, At: e.At.UnixMilli()}
		if e.Status == outcome.Unsubscribed {
			kept[i].ContactID, kept[i].ChatID = e.Person.ContactID, e.Person.ChatID
		}
	}
	// Marshal does not fail for these types.
	text, _ := json.Marshal(kept)
	return string(text)
}

// Attempts implements [webhook.Store].
func (s Webhooks) Attempts(ctx context.Context, id, before int64, limit int) ([]webhook.Attempt, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, message_id, at, took, activities, status, error FROM webhook_attempts
		WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, id, before, limit)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (a webhook.Attempt, err error) {
		var at, took int64
		err = r.Scan(&a.ID, &a.MessageID, &at, &took, &a.Activities, &a.Status, &a.Error)
		a.At, a.Took = fromMillis(at), time.Duration(took)*time.Millisecond
		return a, err
	})
}

// withoutPeople returns the content of an attempt without the activities that name one of
// the people themselves.
func withoutPeople(content string, gone erasure.Batch) (string, error) {
	if content == "" {
		return content, nil
	}
	var all []keptActivity
	if err := json.Unmarshal([]byte(content), &all); err != nil {
		return "", err
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(a keptActivity) bool { return gone.IsContact(a.ContactID) })
	if len(kept) == len(all) {
		return content, nil
	}
	text, err := json.Marshal(kept)
	return string(text), err
}
