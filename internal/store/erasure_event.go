package store

import (
	"context"
	"database/sql"

	"bellman/internal/erasure"
)

// This file erases what happened to people, and what they clicked.

// eraseChunk is how many rows a piece of an erasure writes at most, and eraseLook how
// many it reads.
const (
	eraseChunk = 300
	eraseLook  = 1000
)

// next returns the place where this stage goes on when it may have more, and else the next
// stage.
func (e *eraser) next(more bool) erasure.Place {
	if more {
		return e.Place
	}
	return e.Then()
}

// events removes the events of the people.
func (e *eraser) events(ctx context.Context) error {
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		result, err := tx.ExecContext(ctx, `
			DELETE FROM events WHERE workspace_id = $1 AND id IN (
				SELECT id FROM events WHERE workspace_id = $1 AND contact_id IS NOT NULL AND contact_id`+e.s.d.among(e.s.intsIn("$2"))+`
				LIMIT $3)`, e.WorkspaceID, ints(e.ids), eraseChunk)
		if err != nil {
			return e.Place, err
		}
		n, err := result.RowsAffected()
		return e.next(n == eraseChunk), err
	})
}

// loose removes events that nobody has, and that name one of the people.
func (e *eraser) loose(ctx context.Context) error {
	var gone []int64
	at, err := e.look(ctx, eraseLook, func(r *sql.Rows, at *erasure.Place) error {
		var key, params string
		err := r.Scan(&at.Low, &key, &params)
		if err == nil && e.IsAbout(key, []byte(params)) {
			gone = append(gone, at.Low)
		}
		return err
	}, `SELECT id, key, params FROM events WHERE workspace_id = $1 AND contact_id IS NULL AND id > $2 ORDER BY id LIMIT $3`,
		e.WorkspaceID, e.Low, eraseLook)
	if err != nil {
		return err
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		if len(gone) == 0 {
			return at, nil
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM events WHERE workspace_id = $1 AND contact_id IS NULL AND id IN `+e.s.intsIn("$2"),
			e.WorkspaceID, ints(gone))
		return at, err
	})
}

// clickedByNobody is how a click stands that nobody has made any more. Which clicks are
// presses is still told apart; Telegram's id of one would lead to the person.
const clickedByNobody = `contact_id = 0, agent = NULL, target = NULL, data = NULL,
	press = CASE WHEN press IS NOT NULL THEN 'erased-' || id END`

// clicks makes those of the people nobody's: they count.
func (e *eraser) clicks(ctx context.Context) error {
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		result, err := tx.ExecContext(ctx, `
			UPDATE clicks SET `+clickedByNobody+` WHERE (campaign_id, id) IN (
				SELECT campaign_id, id FROM clicks WHERE contact_id <> 0 AND contact_id`+e.s.d.among(e.s.intsIn("$1"))+` LIMIT $2)`,
			ints(e.ids), eraseChunk)
		if err != nil {
			return e.Place, err
		}
		n, err := result.RowsAffected()
		return e.next(n == eraseChunk), err
	})
}
