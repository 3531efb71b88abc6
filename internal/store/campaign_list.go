package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"bellman/internal/campaign"
	"bellman/internal/contact"
)

// campaignKeys are the values by which lists are put in order, as their indexes have them.
var campaignKeys = map[campaign.Order]string{
	campaign.ByName:     "c.name_key",
	campaign.ByCreation: "c.created_at",
	campaign.ByLaunch:   "COALESCE(c.launched_at, 0)",
	campaign.BySchedule: "COALESCE(c.scheduled_at, 0)",
}

// List implements [campaign.Store]. The ids of the page are found by an index of the
// order; then its rows are read, which are long.
func (s Campaigns) List(
	ctx context.Context, workspaceID int64, f campaign.Filter,
) (all []campaign.Campaign, ledgers []campaign.Ledger, total int64, err error) {
	w := where{text: `c.workspace_id = $1`, args: []any{workspaceID}}
	w.campaigns(f)
	if f.Total {
		err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM campaigns c WHERE `+w.text, w.args...).Scan(&total)
		if err != nil {
			return nil, nil, 0, s.d.classify(err)
		}
	}
	order := w.inOrder(f)
	ids, err := selectIDs(ctx, s.read, `
		SELECT c.id FROM campaigns c WHERE `+w.text+` ORDER BY `+order+` LIMIT `+w.arg(f.Limit)+` OFFSET `+w.arg(f.Offset), w.args...)
	if err != nil || len(ids) == 0 {
		return nil, nil, total, s.d.classify(err)
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+campaignColumns+fromCampaigns+`WHERE c.id`+s.d.among(s.intsIn("$1")), ints(ids))
	if err != nil {
		return nil, nil, 0, s.d.classify(err)
	}
	type found struct {
		campaign.Campaign
		campaign.Ledger
	}
	page, err := scanAll(rows, func(r *sql.Rows) (f found, err error) {
		f.Campaign, f.Ledger, err = scanCampaign(r)
		return f, err
	})
	slices.SortFunc(page, func(a, b found) int { return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID)) })
	for _, f := range page {
		all, ledgers = append(all, f.Campaign), append(ledgers, f.Ledger)
	}
	return all, ledgers, total, s.d.classify(err)
}

// campaigns requires of campaigns c what a filter asks for.
func (w *where) campaigns(f campaign.Filter) {
	if len(f.States) > 0 {
		states := make([]string, len(f.States))
		for i, state := range f.States {
			states[i] = w.arg(state)
		}
		w.text += ` AND c.state IN (` + strings.Join(states, ", ") + `)`
	}
	if len(f.Actions) > 0 {
		actions := make([]string, len(f.Actions))
		for i, action := range f.Actions {
			actions[i] = w.arg(action)
		}
		w.text += ` AND c.action IN (` + strings.Join(actions, ", ") + `)`
	}
	w.equal("c.kind", string(f.Kind))
	for _, id := range []struct {
		column string
		value  int64
	}{{"c.bot_id", f.BotID}, {"c.message_id", f.MessageID}, {"c.resend_of", f.Of}} {
		if id.value != 0 {
			w.text += ` AND ` + id.column + ` = ` + w.arg(id.value)
		}
	}
	if f.Test != nil {
		w.text += ` AND c.test = ` + w.arg(*f.Test)
	}
	if !f.LaunchedFrom.IsZero() {
		w.text += ` AND c.launched_at >= ` + w.arg(f.LaunchedFrom.UnixMilli())
	}
	if !f.LaunchedTo.IsZero() {
		w.text += ` AND c.launched_at < ` + w.arg(f.LaunchedTo.UnixMilli())
	}
	if key := contact.Fold(f.Search); key != "" {
		w.text += ` AND c.name_key LIKE ` + w.arg(containing(key)) + ` ESCAPE '\'`
	}
}

// inOrder requires campaigns behind a place, and returns the order.
func (w *where) inOrder(f campaign.Filter) (order string) {
	direction, comparison := ``, ` > `
	if f.Order.Descends() {
		direction, comparison = ` DESC`, ` < `
	}
	key, sorted := campaignKeys[f.Order.By()]
	if !sorted {
		if f.After != nil {
			w.text += ` AND c.id` + comparison + w.arg(f.After.ID)
		}
		return `c.id` + direction
	}
	if f.After != nil {
		var value any = f.After.At
		if f.Order.By() == campaign.ByName {
			value = f.After.Text
		}
		w.text += ` AND (` + key + `, c.id)` + comparison + `(` + w.arg(value) + `, ` + w.arg(f.After.ID) + `)`
	}
	return key + direction + `, c.id` + direction
}

// containing is the pattern of LIKE, with \ as its escape, for texts that contain the text.
func containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// Names implements [campaign.Store].
func (s Campaigns) Names(ctx context.Context, workspaceID int64, prefix string) ([]string, error) {
	return s.namesOf(ctx, `campaigns WHERE`, workspaceID, prefix)
}

// unfoldedAtOnce is how many campaigns one statement of foldNames looks at.
const unfoldedAtOnce = 5_000

// foldNames writes the keys of names that were stored before there were keys: no engine
// folds as [contact.Fold] does.
func (s Campaigns) foldNames(ctx context.Context) error {
	for {
		done := true
		err := s.tx(ctx, func(tx *sql.Tx) error {
			rows, err := tx.QueryContext(ctx, `SELECT id, name FROM campaigns WHERE name_key = '' ORDER BY id LIMIT $1`, unfoldedAtOnce)
			if err != nil {
				return err
			}
			var w rowWriter
			err = each(rows, func(r *sql.Rows) error {
				var (
					id   int64
					name string
				)
				err := r.Scan(&id, &name)
				if key := contact.Fold(name); key != "" {
					w.row().int(id).verbatim(key)
				}
				return err
			})
			if done = w.n < unfoldedAtOnce; err != nil || w.n == 0 {
				return err
			}
			_, err = tx.ExecContext(ctx, `
				UPDATE campaigns SET name_key = f.name_key FROM `+s.d.rows("$1", []column{{"id", "bigint"}, {"name_key", "text"}})+` AS f
				WHERE campaigns.id = f.id`, w.String())
			return err
		})
		if err != nil || done {
			return err
		}
	}
}
