package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"bellman/internal/erasure"
)

// Erasures removes what there is of contacts that are erased, and reads it for them.
type Erasures struct{ *pools }

var _ erasure.Store = Erasures{}

// begin notes that contacts are being erased. The imports of the workspace are paused.
func (s Erasures) begin(ctx context.Context, tx *sql.Tx, workspaceID int64, people []erasure.Person, now time.Time) error {
	for _, p := range people {
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO erasures (contact_id, workspace_id, asked_at, person) VALUES ($1, $2, $3, $4)`,
			p.ContactID, workspaceID, now.UnixMilli(), string(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// Erasure implements [erasure.Store].
func (s Erasures) Erasure(ctx context.Context, workspaceID, contactID int64) (e erasure.Erasure, err error) {
	var asked, done int64
	err = s.read.QueryRowContext(ctx, `SELECT contact_id, asked_at, done_at FROM erasures WHERE contact_id = $1 AND workspace_id = $2`,
		contactID, workspaceID).Scan(&e.ContactID, &asked, &done)
	e.AskedAt, e.DoneAt = fromMillis(asked), fromMillis(done)
	return e, s.found(err, erasure.ErrNotFound)
}

// NextErasures implements [erasure.Store].
func (s Erasures) NextErasures(ctx context.Context, before time.Time, limit int) (b erasure.Batch, ok bool, err error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT e.workspace_id, w.phone_region, e.progress, e.person, e.asked_at
		FROM erasures e JOIN workspaces w ON w.id = e.workspace_id
		WHERE e.done_at = 0 AND (e.progress = '' OR e.asked_at <= $1)
		ORDER BY e.progress <> '', e.asked_at, e.contact_id LIMIT $2`, before.UnixMilli(), limit)
	if err != nil {
		return b, false, s.d.classify(err)
	}
	first := ""
	err = each(rows, func(r *sql.Rows) error {
		var (
			workspaceID, asked       int64
			region, progress, person string
			p                        erasure.Person
		)
		if err := r.Scan(&workspaceID, &region, &progress, &person, &asked); err != nil {
			return err
		}
		if !ok {
			b.WorkspaceID, b.Region, first, ok = workspaceID, region, progress, true
			if err := readPlace(progress, &b.Place); err != nil {
				return err
			}
		}
		if workspaceID != b.WorkspaceID || progress != first {
			return nil
		}
		if err := json.Unmarshal([]byte(person), &p); err != nil {
			return fmt.Errorf("store: who is erased: %w", err)
		}
		p.AskedAt = fromMillis(asked)
		b.People = append(b.People, p)
		return nil
	})
	return b, ok, s.d.classify(err)
}

func readPlace(progress string, p *erasure.Place) error {
	if progress == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(progress), p); err != nil {
		return fmt.Errorf("store: progress of an erasure: %w", err)
	}
	return nil
}

// progressAt returns how the place is written. The very beginning is no text.
func progressAt(p erasure.Place) string {
	if p == (erasure.Place{}) {
		return ""
	}
	// Marshal does not fail for this type.
	text, _ := json.Marshal(p)
	return string(text)
}

// An eraser does a piece of one batch.
type eraser struct {
	s Erasures
	erasure.Batch
	ids     []int64
	now     time.Time
	waiting time.Time
}

// stages are what the pieces of each stage do. Each reads what it needs, and ends with
// [eraser.write].
var stages = map[erasure.Stage]func(*eraser, context.Context) error{
	erasure.Imports: (*eraser).imports, erasure.Events: (*eraser).events, erasure.Loose: (*eraser).loose,
	erasure.Clicks: (*eraser).clicks, erasure.Sends: (*eraser).sends, erasure.Broadcasts: (*eraser).broadcasts,
	erasure.Outbox: (*eraser).outbox, erasure.Attempts: (*eraser).attempts, erasure.Keys: (*eraser).keys,
	erasure.Answers: (*eraser).answers, erasure.Finished: (*eraser).finish,
}

// look calls see for the next rows of a query, up to limit, which notes in its place which
// row that was. It returns where the erasures go on behind them: in the next stage when
// these were the last.
func (e *eraser) look(
	ctx context.Context, limit int, see func(*sql.Rows, *erasure.Place) error, query string, args ...any,
) (erasure.Place, error) {
	rows, err := e.s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return e.Place, e.s.d.classify(err)
	}
	at, seen := e.Place, 0
	err = each(rows, func(r *sql.Rows) error {
		seen++
		return see(r, &at)
	})
	if seen < limit {
		at = e.Then()
	}
	return at, err
}

// EraseSome implements [erasure.Store].
func (s Erasures) EraseSome(ctx context.Context, b erasure.Batch, now, waiting time.Time) error {
	piece := stages[b.Stage]
	if piece == nil {
		return fmt.Errorf("store: an erasure is in stage %d, which this program does not know", b.Stage)
	}
	e := &eraser{s: s, Batch: b, now: now, waiting: waiting}
	for _, p := range b.People {
		e.ids = append(e.ids, p.ContactID)
	}
	return piece(e, ctx)
}

// write runs fn in a transaction that moves the erasures to the place that it returns.
// It does nothing when another process has moved them.
func (e *eraser) write(ctx context.Context, fn func(*sql.Tx) (erasure.Place, error)) error {
	return e.s.tx(ctx, func(tx *sql.Tx) error {
		held, err := selectIDs(ctx, tx, `
			SELECT contact_id FROM erasures WHERE contact_id IN `+e.s.intsIn("$1")+` AND done_at = 0 AND progress = $2
			ORDER BY contact_id`+e.s.d.forUpdate, ints(e.ids), progressAt(e.Place))
		if err != nil || len(held) < len(e.ids) {
			return err
		}
		next, err := fn(tx)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE erasures SET progress = $2 WHERE contact_id IN `+e.s.intsIn("$1"), ints(e.ids), progressAt(next))
		return err
	})
}

// remember writes which chats the people have had, when some were found.
func (e *eraser) remember(ctx context.Context, tx *sql.Tx, people []erasure.Person) error {
	for _, p := range people {
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE erasures SET person = $2 WHERE contact_id = $1`, p.ContactID, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// finish forgets who was erased, and where their groups went.
func (e *eraser) finish(ctx context.Context) error {
	var groups rowWriter
	for _, p := range e.People {
		for _, c := range p.Chats {
			if c.ChatID < 0 {
				groups.row().int(c.BotID).int(c.ChatID)
			}
		}
	}
	return e.write(ctx, func(tx *sql.Tx) (erasure.Place, error) {
		if !groups.empty() {
			in := ` IN (SELECT bot_id, chat_id FROM ` + e.s.d.rows("$1", chatKeyColumns) + ` AS gone)`
			_, err := tx.ExecContext(ctx, `DELETE FROM group_moves WHERE (bot_id, old_id)`+in+` OR (bot_id, new_id)`+in, groups.String())
			if err != nil {
				return e.Place, err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE erasures SET done_at = $2, person = '' WHERE contact_id IN `+e.s.intsIn("$1"),
			ints(e.ids), e.now.UnixMilli())
		return e.Place, err
	})
}

// isErased is true of a contact, in the column, who is or will be erased. Whoever has
// found it before may come with it after.
func isErased(column string) string {
	return `EXISTS (SELECT 1 FROM erasures x WHERE x.contact_id = ` + column + `)`
}
