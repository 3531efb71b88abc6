package store

import (
	"context"

	"bellman/internal/dispatch"
	"bellman/internal/message"
)

// This file is how a step claims recipients.

// claimDue claims deferrals that are due.
func (w *stepWriter) claimDue(ctx context.Context) error {
	due := false
	for i, c := range w.step.Campaigns {
		if c.ClaimDue == 0 || w.out[i].Fenced || w.out[i].Stopped {
			continue
		}
		due = true
		w.queue(`
			UPDATE deferred SET claimed_step = $2 WHERE campaign_id = $1 AND seq IN (
				SELECT seq FROM deferred WHERE campaign_id = $1 AND claimed_step = 0 AND due_at <= $3 ORDER BY due_at, seq LIMIT $4)`,
			c.CampaignID, w.step.Number, w.step.Now.UnixMilli(), c.ClaimDue)
		w.readDue(i, c.CampaignID)
	}
	if !due {
		return nil
	}
	return w.flush(ctx)
}

// readDue reads the deferrals that this step claimed, and when the next is due.
func (w *stepWriter) readDue(i int, campaignID int64) {
	who, join := w.person(i)
	out := &w.out[i]
	w.query(func(r scanner) error {
		rec := dispatch.Recipient{Deferred: true}
		columns := []any{&rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Attempts, &rec.Lost, &rec.Barred}
		err := scanRecipient(r, &rec, columns, who != "")
		out.Recipients = append(out.Recipients, rec)
		w.dues[i]++
		return err
	}, `
		SELECT d.seq, r.chat_id, r.contact_id, d.attempts, d.lost, `+barred("$3")+who+`
		FROM deferred d
		JOIN recipients r ON r.campaign_id = d.campaign_id AND r.seq = d.seq
		JOIN ledgers l ON l.campaign_id = d.campaign_id
		LEFT JOIN chats c ON c.bot_id = l.bot_id AND c.chat_id = r.chat_id`+join+`
		WHERE d.campaign_id = $1 AND d.claimed_step = $2 ORDER BY d.due_at, d.seq`, campaignID, w.step.Number, w.step.Now.UnixMilli())
	w.query(func(r scanner) error {
		var next int64
		err := r.Scan(&next)
		out.NextDue = fromMillis(next)
		return err
	}, `SELECT COALESCE(MIN(due_at), 0) FROM deferred WHERE campaign_id = $1 AND claimed_step = 0`, campaignID)
}

var claimColumns = []column{{"place", "bigint"}, {"campaign_id", "bigint"}, {"bot_id", "bigint"}, {"low", "bigint"}, {"high", "bigint"}}

// readClaims reads the recipients that the step has claimed. The person is read
// only for the campaigns that ask for it.
func (w *stepWriter) readClaims() {
	w.readClaimsOf(false)
	w.readClaimsOf(true)
}

func (w *stepWriter) readClaimsOf(personal bool) {
	var p rowWriter
	w.each(func(i int, c *dispatch.CampaignStep) {
		if c.Personal == personal && c.ClaimTo > c.ClaimFrom && !w.out[i].Stopped {
			p.row().int(int64(i)).int(c.CampaignID).int(c.BotID).int(c.ClaimFrom).int(c.ClaimTo)
		}
	})
	if p.n == 0 {
		return
	}
	who, join := "", ""
	if personal {
		who, join = personColumns, joinPerson
	}
	w.query(func(r scanner) error {
		var (
			place int
			rec   dispatch.Recipient
		)
		columns := []any{&place, &rec.Seq, &rec.ChatID, &rec.ContactID, &rec.Barred}
		if err := scanRecipient(r, &rec, columns, personal); err != nil {
			return err
		}
		w.out[place].Recipients = append(w.out[place].Recipients, rec)
		return nil
	}, `
		SELECT v.place, r.seq, r.chat_id, r.contact_id, `+barred("$2")+who+`
		FROM `+w.s.d.rows("$1", claimColumns)+` AS v
		JOIN recipients r ON r.campaign_id = v.campaign_id AND r.seq > v.low AND r.seq <= v.high
		LEFT JOIN chats c ON c.bot_id = v.bot_id AND c.chat_id = r.chat_id`+join+`
		ORDER BY v.place, r.seq`, p.String(), w.step.Now.UnixMilli())
}

// barred renders why a recipient's chat c gets no message at a moment; empty when
// it gets one.
func barred(now string) string {
	return `CASE WHEN c.chat_id IS NULL THEN '` + string(dispatch.ChatRemoved) + `' WHEN c.inactive THEN '` + string(dispatch.ChatInactive) +
		`' WHEN c.muted_until > ` + now + ` THEN '` + string(dispatch.ChatMuted) + `' ELSE '' END`
}

// A person is read from a recipient r and its contact p. When the contact is gone,
// the values are empty.
const (
	personColumns = `, COALESCE(p.external_customer_id, ''), COALESCE(p.phone, ''), COALESCE(p.email, ''), COALESCE(p.first_name, ''),
			COALESCE(p.last_name, ''), COALESCE(p.language_code, ''), COALESCE(p.time_zone, ''), COALESCE(r.data, ''), COALESCE(r.language, '')`
	joinPerson = `
		LEFT JOIN contacts p ON p.id = r.contact_id`
)

// person returns the columns and joins by which a query reads the persons behind
// the recipients of the step's i-th campaign.
func (w *stepWriter) person(i int) (columns, join string) {
	if !w.step.Campaigns[i].Personal {
		return "", ""
	}
	return personColumns, joinPerson
}

// scanRecipient reads the given columns and, when they were selected, those of the
// person.
func scanRecipient(r scanner, rec *dispatch.Recipient, columns []any, personal bool) error {
	if !personal {
		return r.Scan(columns...)
	}
	var (
		p    message.Person
		data string
	)
	err := r.Scan(append(columns, &p.ExternalCustomerID, &p.Phone, &p.Email, &p.FirstName, &p.LastName,
		&p.LanguageCode, &p.TimeZone, &data, &p.Language)...)
	p.ContactID = rec.ContactID
	if data != "" {
		p.Data = []byte(data)
	}
	rec.Person = &p
	return err
}
