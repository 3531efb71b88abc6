package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"bellman/internal/bot"
	"bellman/internal/dispatch"
	"bellman/internal/outcome"
)

// Ledgers keeps which process sends for which bot, and how far each campaign has
// gone out.
type Ledgers struct{ *pools }

var _ dispatch.Store = Ledgers{}

// HoldLeases implements [dispatch.Store]. The database's clock decides: it is the
// one that all processes share.
func (s Ledgers) HoldLeases(
	ctx context.Context, owner string, now time.Time, ttl time.Duration, take bool,
) (held []dispatch.Lease, surplus int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		shared, err := s.announce(ctx, tx, owner, ttl)
		if err != nil {
			return err
		}
		missing, err := shareMissing(ctx, tx, owner, shared)
		if err != nil {
			return err
		}
		surplus = max(-missing, 0)
		if missing > 0 && take {
			if err := s.takeLeases(ctx, tx, owner, shared, missing); err != nil {
				return err
			}
		}
		back, err := s.renew(ctx, tx, owner, now, shared, ttl)
		if err != nil {
			return err
		}
		held, err = heldLeases(ctx, tx, owner)
		for i := range held {
			held[i].ClockBack = back[held[i].BotID]
		}
		return err
	})
	return held, surplus, err
}

// announce keeps the owner announced, and returns the time by the database's clock,
// which all processes share.
func (s Ledgers) announce(ctx context.Context, tx *sql.Tx, owner string, ttl time.Duration) (shared int64, err error) {
	var latest int64
	err = tx.QueryRowContext(ctx, `SELECT `+s.d.nowMillis+`, COALESCE((SELECT MAX(expires_at) FROM senders), 0)`).Scan(&shared, &latest)
	if err != nil {
		return 0, err
	}
	if latest > shared+ttl.Milliseconds() {
		for _, table := range []string{"senders", "leases"} {
			if err := s.shorten(ctx, tx, table, ttl); err != nil {
				return 0, err
			}
		}
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO senders (owner, step, expires_at) VALUES ($1, 0, $2) ON CONFLICT (owner) DO UPDATE SET expires_at = $2`,
		owner, shared+ttl.Milliseconds())
	if err != nil {
		return 0, err
	}
	// A sender that was silent for a day will not come back under its name.
	_, err = tx.ExecContext(ctx, `DELETE FROM senders WHERE expires_at < $1`, shared-24*time.Hour.Milliseconds())
	return shared, err
}

// renew renews the owner's leases; one that has expired and that nobody took is still
// the owner's. It returns by how much each bot's deadlines were moved: see
// [Ledgers.clocksBack].
func (s Ledgers) renew(
	ctx context.Context, tx *sql.Tx, owner string, now time.Time, shared int64, ttl time.Duration,
) (back map[int64]time.Duration, err error) {
	if back, err = s.clocksBack(ctx, tx, owner, now); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE leases SET expires_at = $2, clock = $3 WHERE owner = $1`,
		owner, shared+ttl.Milliseconds(), now.UnixMilli())
	return back, err
}

// shareMissing returns by how many bots the owner is below its share; negative when
// it is above. The live senders share the bots evenly; the first ones in the order
// of their names take one of the remainder each.
func shareMissing(ctx context.Context, tx *sql.Tx, owner string, now int64) (int, error) {
	var alive, rank, bots, mine int
	err := tx.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM senders WHERE expires_at > $2),
			(SELECT COUNT(*) FROM senders WHERE expires_at > $2 AND owner < $1),
			(SELECT COUNT(*) FROM leases),
			(SELECT COUNT(*) FROM leases WHERE owner = $1)`, owner, now).Scan(&alive, &rank, &bots, &mine)
	if err != nil {
		return 0, err
	}
	share := bots / alive
	if rank < bots%alive {
		share++
	}
	return share - mine, nil
}

func (s Ledgers) takeLeases(ctx context.Context, tx *sql.Tx, owner string, now int64, n int) error {
	rows, err := tx.QueryContext(ctx,
		`SELECT bot_id FROM leases WHERE owner <> $1 AND expires_at <= $2 ORDER BY bot_id LIMIT $3`+s.d.forUpdate, owner, now, n)
	if err != nil {
		return err
	}
	free, err := scanAll(rows, func(r *sql.Rows) (id int64, err error) { return id, r.Scan(&id) })
	if err != nil || len(free) == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE leases SET owner = $1, epoch = epoch + 1 WHERE bot_id IN `+s.intsIn("$2"), owner, ints(free))
	return err
}

func heldLeases(ctx context.Context, tx *sql.Tx, owner string) ([]dispatch.Lease, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT l.bot_id, l.epoch, b.token, b.telegram_id, b.api_url, b.state, b.frozen_until,
			b.rate_per_second, b.paid_broadcast, b.paid_refused_until
		FROM leases l JOIN bots b ON b.id = l.bot_id WHERE l.owner = $1 ORDER BY l.bot_id`, owner)
	if err != nil {
		return nil, err
	}
	return scanAll(rows, func(r *sql.Rows) (l dispatch.Lease, err error) {
		var (
			state           bot.State
			frozen, refused int64
		)
		err = r.Scan(&l.BotID, &l.Epoch, &l.SealedToken, &l.TelegramID, &l.APIURL, &state, &frozen, &l.Rate, &l.PaidBroadcast, &refused)
		l.Active, l.FrozenUntil, l.PaidRefusedUntil = state == bot.Active, fromMillis(frozen), fromMillis(refused)
		return l, err
	})
}

// RenewLeases implements [dispatch.Store].
func (s Ledgers) RenewLeases(ctx context.Context, owner string, now time.Time, ttl time.Duration) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		shared, err := s.announce(ctx, tx, owner, ttl)
		if err != nil {
			return err
		}
		_, err = s.renew(ctx, tx, owner, now, shared, ttl)
		return err
	})
}

// ReleaseLeases implements [dispatch.Store].
func (s Ledgers) ReleaseLeases(ctx context.Context, owner string, leases []dispatch.Lease) error {
	var held rowWriter
	for _, l := range leases {
		held.row().int(l.BotID).int(l.Epoch)
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE leases SET owner = '', expires_at = 0 WHERE owner = $1 AND (bot_id, epoch) IN (
				SELECT bot_id, epoch FROM `+s.d.rows("$2", leaseColumns)+` AS held)`, owner, held.String())
		return err
	})
}

var leaseColumns = []column{{"bot_id", "bigint"}, {"epoch", "bigint"}}

// ForgetSenders ends every lease, those of webhooks included, and every
// announcement. It is for a process that knows that no other one serves this
// database, and so need not wait for the leases of a dead process.
func (s Ledgers) ForgetSenders(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			`UPDATE leases SET owner = '', expires_at = 0`,
			`UPDATE webhooks SET owner = '', expires_at = 0 WHERE expires_at <> 0`,
			`DELETE FROM senders`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// LeaveSenders implements [dispatch.Store].
func (s Ledgers) LeaveSenders(ctx context.Context, owner string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM senders WHERE owner = $1`, owner)
		return err
	})
}

// Work implements [dispatch.Store]. A triggered campaign goes out for a month; it
// is work only while it has something to send.
func (s Ledgers) Work(ctx context.Context, owner string) ([]dispatch.Work, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT c.id, c.workspace_id, c.bot_id, l.epoch, c.kind, c.content, c.laid_seq, c.laid, l.claimed_seq, l.settled_seq, l.waiting,
			l.sent + l.failed + l.skipped + l.unknown, c.allow_paid, c.stars_budget, l.paid
		FROM leases s
		JOIN campaigns c ON c.bot_id = s.bot_id
		JOIN ledgers l ON l.campaign_id = c.id
		WHERE s.owner = $1 AND c.state IN `+goesOut+` AND NOT c.idle AND (c.kind = 'broadcast'
			OR c.laid_seq > l.sent + l.failed + l.skipped + l.unknown)
		ORDER BY c.id`, owner)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (w dispatch.Work, err error) {
		return w, r.Scan(&w.CampaignID, &w.WorkspaceID, &w.BotID, &w.Epoch, &w.Kind, &w.Content, &w.LaidSeq, &w.Laid,
			&w.ClaimedSeq, &w.SettledSeq, &w.Waiting, &w.Done, &w.AllowPaid, &w.StarsBudget, &w.Paid)
	})
}

// NextDue implements [dispatch.Store].
func (s Ledgers) NextDue(ctx context.Context, campaignID int64) (time.Time, error) {
	var due int64
	err := s.read.QueryRowContext(ctx, nextDue, campaignID).Scan(&due)
	return fromMillis(due), s.d.classify(err)
}

// Adopt implements [dispatch.Store].
func (s Ledgers) Adopt(ctx context.Context, botID, epoch int64, now time.Time) (unknown int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		unknown = 0
		rows, err := tx.QueryContext(ctx, `
			SELECT campaign_id, claimed_seq - waiting - sent - failed - skipped - unknown FROM ledgers
			WHERE bot_id = $1 AND epoch < $2 ORDER BY campaign_id`+s.d.forUpdate, botID, epoch)
		if err != nil {
			return err
		}
		var open []int64
		err = each(rows, func(r *sql.Rows) error {
			var campaignID, inFlight int64
			err := r.Scan(&campaignID, &inFlight)
			if inFlight > 0 {
				open = append(open, campaignID)
			}
			return err
		})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE ledgers SET epoch = $2 WHERE bot_id = $1 AND epoch < $2`, botID, epoch); err != nil {
			return err
		}
		unknown, err = s.settleAllUnknown(ctx, tx, open, outcome.SenderDied, now)
		return err
	})
	return unknown, err
}

func (s Ledgers) settleAllUnknown(
	ctx context.Context, tx *sql.Tx, campaigns []int64, reason outcome.Reason, now time.Time,
) (unknown int64, err error) {
	for _, campaignID := range campaigns {
		n, err := s.settleUnknown(ctx, tx, campaignID, reason, now)
		if err != nil {
			return 0, err
		}
		unknown += n
	}
	return unknown, nil
}

// settleUnknown accounts for every recipient that was claimed and has neither
// outcome nor deferral: the message may have arrived. Such recipients become
// unknown; those of a triggered campaign are deferred for another attempt instead.
func (s Ledgers) settleUnknown(
	ctx context.Context, tx *sql.Tx, campaignID int64, reason outcome.Reason, now time.Time,
) (n int64, err error) {
	var again, unknown []int64
	for _, part := range []struct {
		text string
		seqs *[]int64
	}{
		{retryCursor, &again}, {retryDeferred, &again},
		{unknownCursor, &unknown}, {unknownDeferred, &unknown},
	} {
		rows, err := tx.QueryContext(ctx, part.text+` RETURNING seq`, campaignID, now.UnixMilli(), reason)
		if err != nil {
			return 0, err
		}
		seqs, err := scanAll(rows, func(r *sql.Rows) (seq int64, err error) { return seq, r.Scan(&seq) })
		if err != nil {
			return 0, err
		}
		*part.seqs = append(*part.seqs, seqs...)
	}
	if err := s.outboxUnknown(ctx, tx, campaignID, unknown, now); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM deferred WHERE campaign_id = $1 AND claimed_step > 0`, campaignID); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx,
		`UPDATE ledgers SET unknown = unknown + $2, waiting = waiting + $3, settled_seq = claimed_seq WHERE campaign_id = $1`,
		campaignID, len(unknown), len(again))
	return int64(len(unknown)), err
}

// outboxUnknown writes the recipients whose messages may have arrived to the
// outbox.
func (s Ledgers) outboxUnknown(ctx context.Context, tx *sql.Tx, campaignID int64, seqs []int64, now time.Time) error {
	out, err := s.openOutbox(ctx, tx, ints([]int64{campaignID}))
	if err != nil {
		return err
	}
	slices.Sort(seqs)
	for _, seq := range seqs {
		out.add(outboxRow{status: outcome.Lost, campaignID: campaignID, seq: seq, at: now})
	}
	return s.writeOutbox(ctx, tx, out)
}

const (
	unknown = `'` + string(outcome.Unknown) + `'`
	// onTheCursor selects the recipients that the cursor has passed and that have
	// neither outcome nor deferral.
	onTheCursor = ` FROM recipients r
		JOIN ledgers l ON l.campaign_id = r.campaign_id
		JOIN campaigns c ON c.id = r.campaign_id
		WHERE r.campaign_id = $1 AND r.seq > l.settled_seq AND r.seq <= l.claimed_seq
			AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.campaign_id = r.campaign_id AND o.seq = r.seq)
			AND NOT EXISTS (SELECT 1 FROM deferred d WHERE d.campaign_id = r.campaign_id AND d.seq = r.seq)`
	retryCursor = `
		INSERT INTO deferred (campaign_id, seq, due_at, attempts, lost, reason, detail)
		SELECT r.campaign_id, r.seq, CAST($2 AS BIGINT), 0, TRUE, CAST($3 AS TEXT), ''` + onTheCursor + ` AND c.kind = 'triggered'`
	retryDeferred = `
		UPDATE deferred SET claimed_step = 0, due_at = $2, lost = TRUE, reason = CAST($3 AS TEXT), detail = ''
		WHERE campaign_id = $1 AND claimed_step > 0 AND NOT lost
			AND EXISTS (SELECT 1 FROM campaigns c WHERE c.id = deferred.campaign_id AND c.kind = 'triggered')`
	unknownCursor = `
		INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
		SELECT r.campaign_id, r.seq, ` + unknown + `, CAST($3 AS TEXT), CAST($2 AS BIGINT)` + onTheCursor
	unknownDeferred = `
		INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
		SELECT campaign_id, seq, ` + unknown + `, CAST($3 AS TEXT), CAST($2 AS BIGINT) FROM deferred
		WHERE campaign_id = $1 AND claimed_step > 0`
)
