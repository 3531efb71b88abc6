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
	err = s.pipelined(ctx, func(ctx context.Context, p *pipeline) error {
		w := leaseWriter{s: s, pipeline: p, owner: owner, now: now, ttl: ttl}
		held = nil
		if err := w.look(ctx); err != nil {
			return err
		}
		missing := w.missing()
		surplus = max(-missing, 0)
		if missing > 0 && take {
			w.take(missing)
		}
		if err := w.renew(ctx); err != nil {
			return err
		}
		w.hold(&held)
		if err := w.commit(ctx); err != nil {
			return err
		}
		for i := range held {
			held[i].ClockBack = w.back[held[i].BotID]
		}
		return nil
	})
	return held, surplus, err
}

// RenewLeases implements [dispatch.Store].
func (s Ledgers) RenewLeases(ctx context.Context, owner string, now time.Time, ttl time.Duration) error {
	return s.pipelined(ctx, func(ctx context.Context, p *pipeline) error {
		w := leaseWriter{s: s, pipeline: p, owner: owner, now: now, ttl: ttl}
		if err := w.look(ctx); err != nil {
			return err
		}
		if err := w.renew(ctx); err != nil {
			return err
		}
		return w.commit(ctx)
	})
}

// leaseWriter announces a sender and renews its leases in one transaction. The row of
// the sender, which the step locks first of all, is written with the last statements, so
// that no step waits for a round trip of this.
type leaseWriter struct {
	*pipeline
	s     Ledgers
	owner string
	now   time.Time
	ttl   time.Duration

	// shared is the time by the database's clock, and latest the end of the longest
	// announcement.
	shared, latest int64
	// others are the other live senders, and before those of them whose names come before
	// this one's; bots are all leases, and mine those of this sender.
	others, before, bots, mine int
	// back is by how much each bot's deadlines were moved: see clocksBack.
	back map[int64]time.Duration
}

// look reads the clock that all processes share, and how the bots are divided.
func (w *leaseWriter) look(ctx context.Context) error {
	now := w.s.d.nowMillis
	w.query(func(r scanner) error {
		return r.Scan(&w.shared, &w.latest, &w.others, &w.before, &w.bots, &w.mine)
	}, `
		SELECT `+now+`, COALESCE((SELECT MAX(expires_at) FROM senders), 0),
			(SELECT COUNT(*) FROM senders WHERE expires_at > `+now+` AND owner <> $1),
			(SELECT COUNT(*) FROM senders WHERE expires_at > `+now+` AND owner < $1),
			(SELECT COUNT(*) FROM leases), (SELECT COUNT(*) FROM leases WHERE owner = $1)`, w.owner)
	return w.flush(ctx)
}

// missing is by how many bots the owner is below its share; negative when it is above.
// The live senders share the bots evenly; the first ones in the order of their names take
// one of the remainder each.
func (w *leaseWriter) missing() int {
	alive := w.others + 1
	share := w.bots / alive
	if w.before < w.bots%alive {
		share++
	}
	return share - w.mine
}

// take takes up to n leases that have expired.
func (w *leaseWriter) take(n int) {
	w.queue(`
		UPDATE leases SET owner = $1, epoch = epoch + 1 WHERE bot_id IN (
			SELECT bot_id FROM leases WHERE owner <> $1 AND expires_at <= $2 ORDER BY bot_id LIMIT $3`+w.s.d.forUpdate+`)`,
		w.owner, w.shared, n)
}

// renew renews the owner's leases, keeps it announced, and forgets senders that were
// silent for a day, which will not come back under their names. A lease that has expired
// and that nobody took is still the owner's.
func (w *leaseWriter) renew(ctx context.Context) error {
	if err := w.clocksBack(ctx); err != nil {
		return err
	}
	until := w.shared + w.ttl.Milliseconds()
	if w.latest > until {
		w.queue(w.s.shorten("senders"), w.ttl.Milliseconds())
		w.queue(w.s.shorten("leases"), w.ttl.Milliseconds())
	}
	w.queue(`UPDATE leases SET expires_at = $2, clock = $3 WHERE owner = $1`, w.owner, until, w.now.UnixMilli())
	w.queue(`
		INSERT INTO senders (owner, step, expires_at) VALUES ($1, 0, $2) ON CONFLICT (owner) DO UPDATE SET expires_at = $2`,
		w.owner, until)
	w.queue(`DELETE FROM senders WHERE expires_at < $1`, w.shared-24*time.Hour.Milliseconds())
	return nil
}

// hold reads the leases that the owner has now.
func (w *leaseWriter) hold(held *[]dispatch.Lease) {
	w.query(func(r scanner) error {
		var (
			l               dispatch.Lease
			state           bot.State
			frozen, refused int64
		)
		err := r.Scan(&l.BotID, &l.Epoch, &l.SealedToken, &l.TelegramID, &l.APIURL, &state, &frozen, &l.Rate, &l.PaidBroadcast, &refused)
		l.Active, l.FrozenUntil, l.PaidRefusedUntil = state == bot.Active, fromMillis(frozen), fromMillis(refused)
		*held = append(*held, l)
		return err
	}, `
		SELECT l.bot_id, l.epoch, b.token, b.telegram_id, b.api_url, b.state, b.frozen_until,
			b.rate_per_second, b.paid_broadcast, b.paid_refused_until
		FROM leases l JOIN bots b ON b.id = l.bot_id WHERE l.owner = $1 ORDER BY l.bot_id`, w.owner)
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
		SELECT c.id, c.workspace_id, c.bot_id, l.epoch, c.kind, c.action = 'edit', c.action = 'delete', c.content,
			c.laid_seq, c.laid, l.claimed_seq, l.settled_seq, l.waiting,
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
		return w, r.Scan(&w.CampaignID, &w.WorkspaceID, &w.BotID, &w.Epoch, &w.Kind, &w.Edits, &w.Deletes, &w.Content, &w.LaidSeq, &w.Laid,
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
// unknown; those of a triggered campaign are deferred for another attempt instead, and
// those whose messages are edited or deleted, which can be done twice, for any number.
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
	if err := s.reportUnknown(ctx, tx, campaignID, unknown, reason, now); err != nil {
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

// reportUnknown counts the recipients whose messages may have arrived, and writes them
// to the outbox.
func (s Ledgers) reportUnknown(
	ctx context.Context, tx *sql.Tx, campaignID int64, seqs []int64, reason outcome.Reason, now time.Time,
) error {
	count := tally{}
	count.settled(campaignID, outcome.Unknown, reason, now, len(seqs))
	if err := s.count(ctx, tx, count); err != nil {
		return err
	}
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
		SELECT r.campaign_id, r.seq, CAST($2 AS BIGINT), 0, TRUE, CAST($3 AS TEXT), ''` + onTheCursor + `
			AND (c.kind = 'triggered' OR c.action <> 'send')`
	retryDeferred = `
		UPDATE deferred SET claimed_step = 0, due_at = $2, lost = TRUE, reason = CAST($3 AS TEXT), detail = ''
		WHERE campaign_id = $1 AND claimed_step > 0 AND EXISTS (SELECT 1 FROM campaigns c WHERE c.id = deferred.campaign_id
			AND (c.kind = 'triggered' AND NOT deferred.lost OR c.action <> 'send'))`
	unknownCursor = `
		INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
		SELECT r.campaign_id, r.seq, ` + unknown + `, CAST($3 AS TEXT), CAST($2 AS BIGINT)` + onTheCursor
	unknownDeferred = `
		INSERT INTO outcomes (campaign_id, seq, status, reason, settled_at)
		SELECT campaign_id, seq, ` + unknown + `, CAST($3 AS TEXT), CAST($2 AS BIGINT) FROM deferred
		WHERE campaign_id = $1 AND claimed_step > 0`
)
