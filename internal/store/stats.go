package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"bellman/internal/outcome"
	"bellman/internal/report"
)

// Reports reads sums of what happened.
type Reports struct{ *pools }

var _ report.Store = Reports{}

// stat is something that happened to recipients of a campaign.
type stat struct {
	campaignID int64
	// quarter is the beginning of the quarter of an hour in which it did.
	quarter int64
	what    report.What
	reason  outcome.Reason
}

func (a stat) compare(b stat) int {
	return cmp.Or(cmp.Compare(a.campaignID, b.campaignID), cmp.Compare(a.quarter, b.quarter),
		cmp.Compare(a.what, b.what), cmp.Compare(a.reason, b.reason))
}

// tally counts what happened to recipients.
type tally map[stat]int64

// settled counts outcomes with the same status and reason.
func (t tally) settled(campaignID int64, status outcome.Status, reason outcome.Reason, at time.Time, n int) {
	if n > 0 {
		t[stat{campaignID, quarterOf(at), report.What(status), reason}] += int64(n)
	}
}

func quarterOf(t time.Time) int64 { return report.QuarterOf(t).UnixMilli() }

// quarterIn renders quarterOf for a column.
func quarterIn(column string) string {
	return fmt.Sprintf("%[1]s - %[1]s %% %[2]d", column, report.Quarter.Milliseconds())
}

// rows returns the bulk input of [pools.countStats].
func (t tally) rows() (p rowWriter) {
	for _, k := range slices.SortedFunc(maps.Keys(t), stat.compare) {
		p.row().int(k.campaignID).int(k.quarter).verbatim(string(k.what)).verbatim(string(k.reason)).int(t[k])
	}
	return p
}

var statColumns = []column{
	{"campaign_id", "bigint"}, {"quarter", "bigint"}, {"what", "text"}, {"reason", "text"}, {"n", "bigint"},
}

const (
	statKey = `workspace_id, quarter, bot_id, kind, message_id, what, reason`
	// addStats ends a statement that adds rows to stats. They come in the order of the
	// key, so that transactions that write the same ones wait for each other instead of
	// deadlocking.
	addStats = ` ORDER BY 1, 2, 3, 4, 5, 6, 7 ON CONFLICT (` + statKey + `) DO UPDATE SET n = stats.n + excluded.n`
)

// countStats is the statement that adds a [tally] to the sums. Nobody got anything by an
// edit or a deletion.
func (s *pools) countStats() string {
	return `
		INSERT INTO stats (` + statKey + `, n)
		SELECT c.workspace_id, d.quarter, c.bot_id, c.kind, c.message_id, d.what, d.reason, SUM(d.n)
		FROM ` + s.d.rows("$1", statColumns) + ` AS d JOIN campaigns c ON c.id = d.campaign_id
		WHERE NOT c.test AND c.action = 'send' GROUP BY 1, 2, 3, 4, 5, 6, 7` + addStats
}

// count adds the tally to the sums.
func (s *pools) count(ctx context.Context, tx *sql.Tx, t tally) error {
	if len(t) == 0 {
		return nil
	}
	p := t.rows()
	_, err := tx.ExecContext(ctx, s.countStats(), p.String())
	return err
}

// dimensions are the columns of the dimensions of reports, with what stands for one by
// which a report is not divided.
var dimensions = []struct {
	by           report.Dimension
	column, none string
}{{report.ByBot, "s.bot_id", "0"}, {report.ByMessage, "s.message_id", "0"}, {report.ByKind, "s.kind", "''"}}

// Stats implements [report.Store].
func (s Reports) Stats(
	ctx context.Context, workspaceID int64, spans []report.Span, f report.Filter, by []report.Dimension,
) ([]report.Count, error) {
	var columns []string
	for _, d := range dimensions {
		if slices.Contains(by, d.by) {
			columns = append(columns, d.column)
		} else {
			columns = append(columns, d.none)
		}
	}
	first, end := spans[0].From.UnixMilli(), spans[len(spans)-1].To.UnixMilli()
	slot := slotOf(spans)
	w := where{args: []any{workspaceID, first, end, slot}}
	if f.BotID != 0 {
		w.equal("s.bot_id", strconv.FormatInt(f.BotID, 10))
	}
	if f.MessageID != 0 {
		w.equal("s.message_id", strconv.FormatInt(f.MessageID, 10))
	}
	w.equal("s.kind", f.Kind)
	rows, err := s.read.QueryContext(ctx, `
		SELECT (s.quarter - $2) / $4, `+strings.Join(columns, ", ")+`, s.what, s.reason, CAST(SUM(s.n) AS BIGINT)
		FROM stats s WHERE s.workspace_id = $1 AND s.quarter >= $2 AND s.quarter < $3`+w.text+`
		GROUP BY 1, 2, 3, 4, 5, 6`, w.args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (c report.Count, err error) {
		var nth int64
		err = r.Scan(&nth, &c.BotID, &c.MessageID, &c.Kind, &c.What, &c.Reason, &c.N)
		at := first + nth*slot
		c.Place = sort.Search(len(spans), func(i int) bool { return spans[i].To.UnixMilli() > at })
		return c, err
	})
}

// slotOf returns the longest time, in milliseconds, of which each of the spans is a
// multiple: days are summed up by the database unless one of them has 23 or 25 hours, when
// hours are.
func slotOf(spans []report.Span) (slot int64) {
	for _, span := range spans {
		slot = gcd(slot, span.To.Sub(span.From).Milliseconds())
	}
	return slot
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
