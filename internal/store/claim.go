package store

import (
	"context"
	"math"

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
		w.readDue(i, c)
	}
	if !due {
		return nil
	}
	return w.flush(ctx)
}

// nextDue is a statement for the time of a campaign's earliest deferral that nobody
// has claimed, zero when there is none.
const nextDue = `SELECT COALESCE(MIN(due_at), 0) FROM deferred WHERE campaign_id = $1 AND claimed_step = 0`

// readDue reads the deferrals that this step claimed, and when the next is due.
func (w *stepWriter) readDue(i int, c dispatch.CampaignStep) {
	out, also := &w.out[i], alsoRead{c.Personal, c.Changes}
	w.query(func(r scanner) error {
		rec := dispatch.Recipient{Deferred: true}
		err := also.scan(r, &rec, &rec.Attempts, &rec.Lost)
		out.Recipients = append(out.Recipients, rec)
		w.dues[i]++
		return err
	}, `
		SELECT d.attempts, d.lost, r.seq, r.chat_id, r.contact_id`+also.columns()+` FROM deferred d
		JOIN recipients r ON r.campaign_id = d.campaign_id AND r.seq = d.seq
		WHERE d.campaign_id = $1 AND d.claimed_step = $2 ORDER BY d.due_at, d.seq`, c.CampaignID, w.step.Number)
	w.query(func(r scanner) error {
		var next int64
		err := r.Scan(&next)
		out.NextDue = fromMillis(next)
		return err
	}, nextDue, c.CampaignID)
}

var claimColumns = []column{{"place", "bigint"}, {"campaign_id", "bigint"}, {"bot_id", "bigint"}, {"low", "bigint"}, {"high", "bigint"}}

// readClaims reads the recipients that the step has claimed, with their chats and, for
// campaigns that ask for it, the persons behind them.
//
// Recipients, chats and contacts are each kept under a number of their own, on a
// sharded cluster on machines of their own: a statement reads one of them, by the
// numbers that it finds in another.
func (w *stepWriter) readClaims() {
	var (
		all, personal rowWriter
		also          alsoRead
	)
	w.each(func(i int, c *dispatch.CampaignStep) {
		if c.ClaimTo == c.ClaimFrom || w.out[i].Stopped {
			return
		}
		w.claimed += c.ClaimTo - c.ClaimFrom
		put := func(p *rowWriter) {
			p.row().int(int64(i)).int(c.CampaignID).int(c.BotID).int(c.ClaimFrom).int(c.ClaimTo)
		}
		put(&all)
		if c.Personal {
			put(&personal)
		}
		also.given, also.target = also.given || c.Personal, also.target || c.Changes
	})
	if all.n > 0 {
		w.readRecipients(all, also)
		w.countChats(all)
	}
	if personal.n > 0 {
		low, high := w.reach()
		w.query(w.notePerson, personsOf(`SELECT DISTINCT r.contact_id`+w.fromClaims("$2", "$3")), personal.String(), low, high)
	}
	w.readOfDue()
}

// fromClaims renders the claims of a parameter $1 of claimColumns, v, with their
// recipients, r. The parameters low and high are those of [stepWriter.reach]: an engine
// with partitions opens only those between them.
func (w *stepWriter) fromClaims(low, high string) string {
	return ` FROM ` + w.s.d.rows("$1", claimColumns) + ` AS v
			CROSS JOIN recipients r WHERE r.campaign_id = v.campaign_id AND r.seq > v.low AND r.seq <= v.high
				AND r.campaign_id >= ` + low + ` AND r.campaign_id <= ` + high
}

// reach returns the lowest and the highest campaign of the step.
func (w *stepWriter) reach() (low, high int64) {
	low = math.MaxInt64
	for _, c := range w.step.Campaigns {
		low, high = min(low, c.CampaignID), max(high, c.CampaignID)
	}
	return low, high
}

// readRecipients reads the claimed recipients, with what any of the campaigns wants of
// them.
func (w *stepWriter) readRecipients(claims rowWriter, also alsoRead) {
	low, high := w.reach()
	w.query(func(r scanner) error {
		var (
			place int
			rec   dispatch.Recipient
		)
		if err := also.scan(r, &rec, &place); err != nil {
			return err
		}
		if !w.step.Campaigns[place].Personal {
			rec.Person = nil
		}
		w.out[place].Recipients = append(w.out[place].Recipients, rec)
		return nil
	}, `
		SELECT v.place, r.seq, r.chat_id, r.contact_id`+also.columns()+w.fromClaims("$2", "$3")+`
		ORDER BY v.place, r.seq`, claims.String(), low, high)
}

// readOfDue reads the chats and persons of the deferrals that the step has claimed,
// which are known by then.
func (w *stepWriter) readOfDue() {
	var (
		chats  rowWriter
		people numberList
	)
	for i, c := range w.step.Campaigns {
		for _, rec := range w.out[i].Recipients {
			chats.row().int(c.BotID).int(rec.ChatID)
			if c.Personal {
				people = append(people, rec.ContactID)
			}
		}
	}
	if chats.n > 0 {
		w.query(w.noteChat, w.listedChats(), chats.String(), w.step.Now.UnixMilli())
	}
	if !people.empty() {
		w.query(w.notePerson, personsOf(`SELECT v AS contact_id FROM `+w.s.intsIn("$1")+` AS due`), people.String())
	}
}

// personsOf renders a statement for the contacts that a query selects.
func personsOf(query string) string {
	return `
		SELECT p.id, COALESCE(p.external_customer_id, ''), COALESCE(p.phone, ''), COALESCE(p.email, ''), p.first_name, p.last_name,
			p.language_code, p.time_zone
		FROM (` + query + `) AS claimed CROSS JOIN contacts p WHERE p.id = claimed.contact_id`
}

func (w *stepWriter) notePerson(r scanner) error {
	var p message.Person
	err := r.Scan(&p.ContactID, &p.ExternalCustomerID, &p.Phone, &p.Email, &p.FirstName, &p.LastName, &p.LanguageCode, &p.TimeZone)
	w.people[p.ContactID] = p
	return err
}

// complete gives the claimed recipients what was found of their chats and persons.
// When the contact is gone, its values are empty.
func (w *stepWriter) complete(ctx context.Context) error {
	if err := w.findMissing(ctx); err != nil {
		return err
	}
	for i := range w.step.Campaigns {
		for n := range w.out[i].Recipients {
			rec := &w.out[i].Recipients[n]
			w.bar(i, rec)
			if rec.Person == nil {
				continue
			}
			p := w.people[rec.ContactID]
			p.ContactID, p.Data, p.Language = rec.ContactID, rec.Person.Data, rec.Person.Language
			rec.Person = &p
		}
	}
	return nil
}

// alsoRead says what is read of recipients r beside who they are: what the sender of a
// triggered message gave, and the message that is edited or deleted.
type alsoRead struct{ given, target bool }

func (a alsoRead) columns() (selected string) {
	if a.target {
		selected += `, COALESCE(r.target_message_id, 0)`
	}
	if a.given {
		selected += `, COALESCE(r.data, ''), COALESCE(r.language, '')`
	}
	return selected
}

// scan reads the given columns, then those of a recipient and what is read beside them.
func (a alsoRead) scan(r scanner, rec *dispatch.Recipient, columns ...any) error {
	columns = append(columns, &rec.Seq, &rec.ChatID, &rec.ContactID)
	if a.target {
		columns = append(columns, &rec.Target)
	}
	if !a.given {
		return r.Scan(columns...)
	}
	var (
		p    message.Person
		data string
	)
	err := r.Scan(append(columns, &data, &p.Language)...)
	if data != "" {
		p.Data = []byte(data)
	}
	rec.Person = &p
	return err
}
