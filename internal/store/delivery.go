package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"bellman/internal/campaign"
)

// Each status is selected by the rows that define it, in the order of sequence
// numbers, so that a page costs the same at any depth. $1 is the campaign, $2 the
// number after which to begin, $3 the limit.
const (
	pickAll     = `SELECT seq FROM recipients WHERE campaign_id = $1 AND seq > $2`
	pickOutcome = `SELECT seq FROM outcomes WHERE campaign_id = $1 AND seq > $2 AND status = `
	pickUntaken = `SELECT seq FROM recipients WHERE campaign_id = $1 AND seq > $2
		AND seq > (SELECT claimed_seq FROM ledgers WHERE campaign_id = $1)`
	pickDeferred = `SELECT seq FROM deferred WHERE campaign_id = $1 AND seq > $2 AND claimed_step = 0`
	pickRetried  = `SELECT seq FROM deferred WHERE campaign_id = $1 AND seq > $2 AND claimed_step <> 0`
	pickClaimed  = `SELECT r.seq FROM recipients r JOIN ledgers l ON l.campaign_id = r.campaign_id
		WHERE r.campaign_id = $1 AND r.seq > $2 AND r.seq > l.settled_seq AND r.seq <= l.claimed_seq
		AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.campaign_id = r.campaign_id AND o.seq = r.seq)
		AND NOT EXISTS (SELECT 1 FROM deferred d WHERE d.campaign_id = r.campaign_id AND d.seq = r.seq)`
)

func picks(c campaign.Campaign, statuses []campaign.Status) (all []string) {
	if len(statuses) == 0 {
		return []string{pickAll}
	}
	queued := []string{pickUntaken, pickDeferred}
	for _, status := range statuses {
		switch {
		case status == campaign.Queued && c.State == campaign.Cancelled:
		case status == campaign.Queued:
			all = append(all, queued...)
		case status == campaign.InFlight:
			all = append(all, pickClaimed, pickRetried)
		case status == campaign.Skipped && c.State == campaign.Cancelled:
			all = append(all, queued...)
			fallthrough
		default:
			all = append(all, pickOutcome+`'`+string(status)+`'`)
		}
	}
	return all
}

// Deliveries implements [campaign.Store].
func (s Campaigns) Deliveries(
	ctx context.Context, c campaign.Campaign, statuses []campaign.Status, after int64, limit int,
) ([]campaign.Delivery, error) {
	from := picks(c, statuses)
	if len(from) == 0 {
		return nil, nil
	}
	for i, pick := range from {
		from[i] = `SELECT seq FROM (` + pick + ` ORDER BY 1 LIMIT $3) AS page`
	}
	return s.deliveries(ctx, strings.Join(from, ` UNION ALL `), c.ID, after, limit)
}

// pickClicked selects who clicked, and pickFollowed, before the parameter of a link, who
// followed it: each once, though somebody may have done so many times.
const (
	pickClicked  = `SELECT seq FROM clicked WHERE campaign_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`
	pickFollowed = `SELECT DISTINCT seq FROM clicks WHERE campaign_id = $1 AND seq > $2 AND press IS NULL AND link = `
)

// Clickers implements [campaign.Store].
func (s Campaigns) Clickers(ctx context.Context, campaignID int64, links []int, after int64, limit int) ([]campaign.Delivery, error) {
	if len(links) == 0 {
		return s.deliveries(ctx, pickClicked, campaignID, after, limit)
	}
	from, args := make([]string, len(links)), make([]any, len(links))
	for i, link := range links {
		from[i] = `SELECT seq FROM (` + pickFollowed + `$` + strconv.Itoa(4+i) + ` ORDER BY seq LIMIT $3) AS page`
		args[i] = link
	}
	return s.deliveries(ctx, strings.Join(from, ` UNION `), campaignID, after, limit, args...)
}

// deliveries reads the first deliveries of a campaign that a query picks. They are picked
// before they are joined, by a statement of its own: a planner that believes there to be
// many of them reads whole tables for thousands.
func (s Campaigns) deliveries(
	ctx context.Context, pick string, campaignID, after int64, limit int, args ...any,
) ([]campaign.Delivery, error) {
	seqs, err := selectIDs(ctx, s.read, `SELECT seq FROM (`+pick+`) AS every ORDER BY seq LIMIT $3`,
		append([]any{campaignID, after, limit}, args...)...)
	if err != nil || len(seqs) == 0 {
		return nil, s.d.classify(err)
	}
	return s.DeliveriesAt(ctx, campaignID, seqs)
}

// DeliveriesAt implements [campaign.Store].
func (s Campaigns) DeliveriesAt(ctx context.Context, campaignID int64, seqs []int64) ([]campaign.Delivery, error) {
	places := rowWriter{expected: len(seqs)}
	for _, seq := range seqs {
		places.row().int(campaignID).int(seq)
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+deliveryColumns+`
		FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq = v.seq`+joinDelivery, places.String())
	if err != nil {
		return nil, s.d.classify(err)
	}
	all, err := scanAll(rows, func(r *sql.Rows) (campaign.Delivery, error) { return scanDelivery(r) })
	slices.SortFunc(all, func(a, b campaign.Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	return all, err
}

// A delivery is read from a recipient r, its ledger l, and what joinDelivery finds.
const (
	deliveryColumns = `r.seq, r.chat_id, r.contact_id, COALESCE(r.language, ''),
		COALESCE(o.status, CASE WHEN d.claimed_step = 0 OR r.seq > l.claimed_seq THEN 'queued' ELSE 'sending' END),
		COALESCE(o.reason, d.reason, ''), COALESCE(o.detail, d.detail, ''),
		COALESCE(o.telegram_message_id, 0), COALESCE(o.settled_at, 0), COALESCE(k.clicked_at, 0)`
	// The sums keep a plan from beginning with ledgers or campaigns while these are few, and
	// reading all recipients of each.
	joinCampaign = `
		JOIN campaigns c ON c.id = r.campaign_id + 0`
	joinDelivery = `
		JOIN ledgers l ON l.campaign_id = r.campaign_id + 0
		LEFT JOIN outcomes o ON o.campaign_id = r.campaign_id AND o.seq = r.seq
		LEFT JOIN deferred d ON d.campaign_id = r.campaign_id AND d.seq = r.seq
		LEFT JOIN clicked k ON k.campaign_id = r.campaign_id AND k.seq = r.seq`
)

// scanDelivery reads a delivery, behind the columns that go before it.
func scanDelivery(r *sql.Rows, before ...any) (d campaign.Delivery, err error) {
	var settled, clicked int64
	err = r.Scan(append(before, &d.Seq, &d.ChatID, &d.ContactID, &d.Language, &d.Status, &d.Reason, &d.Detail, &d.TelegramMessageID,
		&settled, &clicked)...)
	d.SettledAt, d.ClickedAt = fromMillis(settled), fromMillis(clicked)
	return d, err
}
