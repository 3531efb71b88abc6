package store

import (
	"bellman/internal/dispatch"
	"bellman/internal/message"
)

// claimedFields are values of custom fields, by contact.
type claimedFields map[int64][]message.FieldValue

// readFields reads the custom fields that campaigns ask for, of the recipients that
// the step claims for them. The deferred ones are known by now; the others this
// statement finds anew, so that nothing has to be waited for. The sum keeps a planner
// from the index of a field's values, which everybody has.
func (w *stepWriter) readFields() {
	var (
		due, fields numberList
		claims      rowWriter
	)
	w.each(func(i int, c *dispatch.CampaignStep) {
		if len(c.Fields) == 0 || w.out[i].Stopped {
			return
		}
		for _, r := range w.out[i].Recipients {
			due = append(due, r.ContactID)
		}
		if c.ClaimTo > c.ClaimFrom {
			claims.row().int(int64(i)).int(c.CampaignID).int(c.BotID).int(c.ClaimFrom).int(c.ClaimTo)
		}
		fields = append(fields, c.Fields...)
	})
	if due.empty() && claims.empty() {
		return
	}
	w.fields = claimedFields{}
	low, high := w.reach()
	w.query(func(r scanner) error {
		var (
			contactID int64
			v         message.FieldValue
		)
		err := r.Scan(&contactID, &v.FieldID, &v.Value)
		w.fields[contactID] = append(w.fields[contactID], v)
		return err
	}, `
		SELECT contact_id, field_id, value FROM contact_fields
		WHERE contact_id`+w.s.d.among(`(
			SELECT r.contact_id`+w.fromClaims("$4", "$5")+`
			UNION SELECT v FROM `+w.s.intsIn("$2")+` AS due)`)+`
		AND field_id + 0 IN `+w.s.intsIn("$3"), claims.String(), due.String(), fields.String(), low, high)
}

// give adds the values to the recipients.
func (f claimedFields) give(claimed []dispatch.Claimed) {
	if len(f) == 0 {
		return
	}
	for _, c := range claimed {
		for _, r := range c.Recipients {
			if r.Person != nil {
				r.Person.Fields = f[r.ContactID]
			}
		}
	}
}
