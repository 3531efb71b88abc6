package store

import (
	"context"
	"database/sql"
	"errors"

	"bellman/internal/erasure"
	"bellman/internal/idempotency"
)

// This file erases what answers and webhooks know of people.

// outbox removes activities that name one of the people themselves. Those that name a
// recipient are not told any more when nobody is there: see [Webhooks.Batch].
func (e *eraser) outbox(ctx context.Context) error {
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		at := e.Place
		err := tx.QueryRowContext(ctx, `
			SELECT webhook_id, id FROM (SELECT webhook_id, id FROM activities WHERE (webhook_id, id) > ($1, $2)
				ORDER BY webhook_id, id LIMIT $3) AS page ORDER BY webhook_id DESC, id DESC LIMIT 1`, e.Low, e.High, eraseLook).
			Scan(&at.Low, &at.High)
		if errors.Is(err, sql.ErrNoRows) {
			return e.Then(), nil
		}
		if err != nil {
			return at, err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM activities WHERE (webhook_id, id) > ($1, $2) AND (webhook_id, id) <= ($3, $4) AND contact_id IN `+e.s.intsIn("$5"),
			e.Low, e.High, at.Low, at.High, ints(e.ids))
		return at, err
	})
}

// attempts takes the people out of what can be posted again.
func (e *eraser) attempts(ctx context.Context) error {
	webhooks, err := selectIDs(ctx, e.s.read, `SELECT id FROM webhooks WHERE workspace_id = $1`, e.WorkspaceID)
	if err != nil {
		return e.s.d.classify(err)
	}
	type changed struct {
		webhookID, id int64
		content       string
	}
	var changes []changed
	at, err := e.look(ctx, eraseAttempts, func(r *sql.Rows, at *erasure.Place) error {
		var content string
		if err := r.Scan(&at.Low, &at.High, &content); err != nil {
			return err
		}
		rest, err := withoutPeople(content, e.Batch)
		if err == nil && rest != content {
			changes = append(changes, changed{at.Low, at.High, rest})
		}
		return err
	}, `
		SELECT webhook_id, id, content FROM webhook_attempts WHERE (webhook_id, id) > ($1, $2) AND webhook_id IN `+e.s.intsIn("$3")+`
		ORDER BY webhook_id, id LIMIT $4`, e.Low, e.High, ints(webhooks), eraseAttempts)
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		for _, c := range changes {
			_, err := tx.ExecContext(ctx, `UPDATE webhook_attempts SET content = $3 WHERE webhook_id = $1 AND id = $2`, c.webhookID, c.id, c.content)
			if err != nil {
				return at, err
			}
		}
		return at, nil
	})
}

// eraseAttempts is how many attempts are read at once; each may name a thousand
// activities.
const eraseAttempts = 20

// keys removes the keys under which requests to the people's chats were made before they
// were erased.
func (e *eraser) keys(ctx context.Context) error {
	var gone []string
	at, err := e.look(ctx, eraseLook, func(r *sql.Rows, at *erasure.Place) error {
		var chatID, created int64
		err := r.Scan(&at.Key, &chatID, &created)
		if err == nil && e.hadChat(chatID, created) {
			gone = append(gone, at.Key)
		}
		return err
	}, `SELECT key, chat_id, created_at FROM accepted WHERE workspace_id = $1 AND key > $2 ORDER BY key LIMIT $3`,
		e.WorkspaceID, e.Key, eraseLook)
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		return at, e.forget(ctx, tx, "accepted", gone)
	})
}

// hadChat reports whether one of the people had the chat before it was erased: it may
// have come back since.
func (e *eraser) hadChat(chatID, at int64) bool {
	for _, p := range e.People {
		one := erasure.Batch{People: []erasure.Person{p}}
		if at <= p.AskedAt.Add(erasure.Settle).UnixMilli() && one.IsChat(chatID) {
			return true
		}
	}
	return false
}

// forget removes rows of a table of keys.
func (e *eraser) forget(ctx context.Context, tx *sql.Tx, table string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE workspace_id = $1 AND key IN `+e.s.textsIn("$2"), e.WorkspaceID, texts(keys))
	return err
}

// eraseAnswers is how many answers are read at once; some have megabytes.
const eraseAnswers = 50

// answers puts [idempotency.Erased] in the place of answers that tell of the people. The
// keys stay, so that nothing is done again, but those that name one of them.
func (e *eraser) answers(ctx context.Context) error {
	var gone, tells []string
	at := e.Place
	seen, err := e.s.eachAnswer(ctx, e.Batch, func(k answerRow) {
		at.Key = k.key
		switch {
		case k.names(e.Batch):
			gone = append(gone, k.key)
		case k.tells(e.Batch):
			tells = append(tells, k.key)
		}
	})
	if err != nil {
		return err
	}
	if seen < eraseAnswers {
		at = e.Then()
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		if err := e.forget(ctx, tx, "idempotency", gone); err != nil || len(tells) == 0 {
			return at, err
		}
		_, err := tx.ExecContext(ctx, `UPDATE idempotency SET answer = $3, result = '' WHERE workspace_id = $1 AND key IN `+e.s.textsIn("$2"),
			e.WorkspaceID, texts(tells), idempotency.Erased)
		return at, err
	})
}

// answerRow is an answer as it is kept under its key.
type answerRow struct {
	key, answer, result string
	at                  int64
}

// names reports whether the key itself names one of the people, tells whether the answer
// tells of one.
func (k answerRow) names(b erasure.Batch) bool { return b.Named(k.key) || b.Mentioned(k.key) }
func (k answerRow) tells(b erasure.Batch) bool {
	return b.Tells([]byte(k.answer)) || b.Tells([]byte(k.result))
}

// eachAnswer calls fn for the next answers of the workspace, and returns how many there
// were, up to eraseAnswers.
func (s Erasures) eachAnswer(ctx context.Context, b erasure.Batch, fn func(answerRow)) (seen int, err error) {
	rows, err := s.read.QueryContext(ctx,
		`SELECT key, answer, result, created_at FROM idempotency WHERE workspace_id = $1 AND key > $2 ORDER BY key LIMIT $3`,
		b.WorkspaceID, b.Key, eraseAnswers)
	if err != nil {
		return 0, s.d.classify(err)
	}
	err = each(rows, func(r *sql.Rows) error {
		var k answerRow
		if err := r.Scan(&k.key, &k.answer, &k.result, &k.at); err != nil {
			return err
		}
		seen++
		fn(k)
		return nil
	})
	return seen, s.d.classify(err)
}
