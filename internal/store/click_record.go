package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"bellman/internal/outcome"
	"bellman/internal/report"
	"bellman/internal/track"
)

// RecordClicks implements [track.Store]. The cost of a small batch is mostly that
// of its statements, so it is written in the way that is cheap on the engine: by
// one statement that does everything, or by one for each table. Clicks in campaigns that are
// forgotten are not written.
func (s Clicks) RecordClicks(ctx context.Context, clicks []track.Click) error {
	if len(clicks) == 0 {
		return nil
	}
	if s.d.remote {
		return s.recordAtOnce(ctx, clicks)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		clicks, err := s.remembered(ctx, tx, clicks)
		if err != nil || len(clicks) == 0 {
			return err
		}
		out, err := s.clickOutbox(ctx, tx, clicks)
		if err != nil {
			return err
		}
		if err := s.recordFresh(ctx, tx, clicks, out); err != nil {
			return err
		}
		return s.writeOutbox(ctx, tx, out)
	})
}

var clickColumns = []column{
	{"campaign_id", "bigint"}, {"id", "text"}, {"seq", "bigint"}, {"contact_id", "bigint"}, {"link", "bigint"},
	{"agent", "text"}, {"target", "text"}, {"press", "text"}, {"data", "text"}, {"clicked_at", "bigint"},
}

// recordAtOnce writes by one statement, which is a transaction of its own. The
// statement reads first. Then it writes to clicked, click_counts, clicks and stats,
// to each in the order of the keys, so that processes that write the same rows wait
// for each other instead of deadlocking. No engine promises the order of the four,
// so a deadlock is retried.
func (s Clicks) recordAtOnce(ctx context.Context, clicks []track.Click) error {
	text, rows := `
		WITH fresh AS MATERIALIZED (
			SELECT campaign_id, id, seq, CASE WHEN gone THEN 0 ELSE contact_id END AS contact_id, link,
				CASE WHEN NOT gone THEN agent END AS agent, CASE WHEN NOT gone THEN target END AS target,
				CASE WHEN gone AND press IS NOT NULL THEN 'erased-' || id ELSE press END AS press,
				CASE WHEN NOT gone THEN data END AS data, clicked_at
			FROM (
				SELECT input.*, `+isErased("input.contact_id")+` AS gone FROM `+s.d.rows("$1", clickColumns)+` AS input
				WHERE NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = input.campaign_id AND c.forgotten_at IS NOT NULL)) AS known),
		events AS (
			INSERT INTO clicks (campaign_id, id, seq, contact_id, link, agent, target, press, data, clicked_at)
			SELECT * FROM fresh ORDER BY campaign_id, id
			ON CONFLICT DO NOTHING RETURNING campaign_id, id, seq, clicked_at),
		outboxed AS (`+s.outboxClicks()+`),
		marked AS (
			INSERT INTO clicked (campaign_id, seq, clicked_at)
			SELECT campaign_id, seq, clicked_at FROM fresh ORDER BY campaign_id, seq, clicked_at
			ON CONFLICT (campaign_id, seq) DO NOTHING RETURNING campaign_id, clicked_at),
		counted AS (
			INSERT INTO click_counts (campaign_id, clicked)
			SELECT campaign_id, COUNT(*) FROM marked GROUP BY campaign_id ORDER BY campaign_id
			ON CONFLICT (campaign_id) DO UPDATE SET clicked = click_counts.clicked + excluded.clicked)
		INSERT INTO stats (`+statKey+`, n)
		SELECT c.workspace_id, `+quarterIn("m.clicked_at")+`, c.bot_id, c.kind, c.message_id, '`+string(report.Clicked)+`', '', COUNT(*)
		FROM marked m JOIN campaigns c ON c.id = m.campaign_id WHERE NOT c.test
		GROUP BY 1, 2, 3, 4, 5`+addStats, clickRows(clicks)
	var err error
	for range attempts {
		if err = s.exec(ctx, text, rows); err == nil || !s.d.passing(err) {
			break
		}
	}
	return s.d.classify(err)
}

// remembered returns the clicks without those of campaigns that are forgotten: who has
// clicked in them is not known any more, and would count twice. Those of contacts who
// were erased are nobody's.
func (s Clicks) remembered(ctx context.Context, tx *sql.Tx, clicks []track.Click) ([]track.Click, error) {
	var campaigns, contacts []int64
	for i := range clicks {
		c := &clicks[i]
		if !slices.Contains(campaigns, c.CampaignID) {
			campaigns = append(campaigns, c.CampaignID)
		}
		contacts = append(contacts, c.ContactID)
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT id, 0 FROM campaigns WHERE id IN `+s.intsIn("$1")+` AND forgotten_at IS NOT NULL
		UNION ALL SELECT 0, e.contact_id FROM `+s.intsIn("$2")+` AS named CROSS JOIN erasures e WHERE e.contact_id = named.v`,
		ints(campaigns), ints(contacts))
	if err != nil {
		return nil, err
	}
	forgotten, erased := map[int64]bool{}, map[int64]bool{}
	err = each(rows, func(r *sql.Rows) error {
		var campaignID, contactID int64
		err := r.Scan(&campaignID, &contactID)
		forgotten[campaignID], erased[contactID] = true, true
		return err
	})
	if err != nil || len(forgotten) == 0 {
		return clicks, err
	}
	var kept []track.Click
	for _, c := range clicks {
		if erased[c.ContactID] && c.ContactID != 0 {
			c = nobodys(c)
		}
		if !forgotten[c.CampaignID] {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// nobodys returns a click of nobody, as clickedByNobody makes them.
func nobodys(c track.Click) track.Click {
	press := ""
	if c.Press != "" {
		press = "erased-" + c.ID
	}
	return track.Click{ID: c.ID, CampaignID: c.CampaignID, Seq: c.Seq, Link: c.Link, Press: press, At: c.At}
}

// recordFresh writes clicks that are not stored already, and adds them to the outbox.
func (s Clicks) recordFresh(ctx context.Context, tx *sql.Tx, clicks []track.Click, out *outbox) error {
	rows := clickRows(clicks)
	input := s.d.rows("$1", clickColumns)
	stored, err := tx.QueryContext(ctx, `
		INSERT INTO clicks (campaign_id, id, seq, contact_id, link, agent, target, press, data, clicked_at)
		SELECT * FROM `+input+` AS input WHERE TRUE ON CONFLICT DO NOTHING RETURNING campaign_id, id, seq, clicked_at`, rows)
	if err != nil {
		return err
	}
	err = each(stored, func(r *sql.Rows) error {
		row, at := outboxRow{status: outcome.Clicked}, int64(0)
		err := r.Scan(&row.campaignID, &row.clickID, &row.seq, &at)
		row.at = time.UnixMilli(at)
		out.add(row)
		return err
	})
	if err != nil {
		return err
	}
	marked, err := tx.QueryContext(ctx, `
		INSERT INTO clicked (campaign_id, seq, clicked_at)
		SELECT campaign_id, seq, clicked_at FROM `+input+` AS input WHERE TRUE ON CONFLICT DO NOTHING RETURNING campaign_id, clicked_at`, rows)
	if err != nil {
		return err
	}
	fresh, count := map[int64]int64{}, tally{}
	err = each(marked, func(r *sql.Rows) error {
		var campaignID, at int64
		err := r.Scan(&campaignID, &at)
		fresh[campaignID]++
		count[stat{campaignID, quarterOf(time.UnixMilli(at)), report.Clicked, ""}]++
		return err
	})
	if err != nil {
		return err
	}
	if err := countClicked(ctx, tx, fresh); err != nil {
		return err
	}
	return s.count(ctx, tx, count)
}

// clickRows returns clicks as bulk input with the [clickColumns].
func clickRows(clicks []track.Click) string {
	rows := rowWriter{expected: len(clicks)}
	for i := range clicks {
		c := &clicks[i]
		rows.row().int(c.CampaignID).verbatim(c.ID).int(c.Seq).int(c.ContactID).int(int64(c.Link)).
			text(c.Agent).text(c.Target).text(c.Press).text(c.Data).int(c.At.UnixMilli())
	}
	return rows.String()
}

// countClicked adds the numbers of people who had not clicked before, by campaign.
func countClicked(ctx context.Context, tx *sql.Tx, fresh map[int64]int64) error {
	for id, n := range fresh {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO click_counts (campaign_id, clicked) VALUES ($1, $2)
			ON CONFLICT (campaign_id) DO UPDATE SET clicked = click_counts.clicked + excluded.clicked`, id, n)
		if err != nil {
			return err
		}
	}
	return nil
}
