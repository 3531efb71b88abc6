package harness

import "fmt"

// Statuses are those that a recipient of a finished broadcast can have.
var Statuses = []string{"sent", "failed", "skipped", "unknown"}

// Comparison compares one broadcast with the journal.
type Comparison struct {
	// Rows counts the recipients by status, Arrived those among them who really received the message.
	Rows, Arrived map[string]int64
	// Twice is how many recipients received it more than once, Lost how many are sent but received nothing.
	Twice, Lost int64
	// Faults are sentences about contradictions, with the rows concerned.
	Faults []string
}

// Compare checks a finished broadcast: audience is how many recipients it must have, rows are its deliveries as
// Bellman reports them, arrivals the journal's lines that contain its message.
func Compare(c Campaign, audience int64, rows []Delivery, arrivals []Arrival) *Comparison {
	r := &Comparison{Rows: map[string]int64{}, Arrived: map[string]int64{}}
	byChat := map[int64][]Arrival{}
	for _, a := range arrivals {
		byChat[a.Chat] = append(byChat[a.Chat], a)
	}
	r.checkCounts(c, audience)
	seen := map[int64]bool{}
	for _, row := range rows {
		if seen[row.ChatID] {
			r.fault("chat %d is a recipient twice", row.ChatID)
		}
		seen[row.ChatID] = true
		r.checkRow(row, byChat[row.ChatID])
	}
	for chat, got := range byChat {
		if !seen[chat] {
			r.fault("chat %d received it and is no recipient: %+v", chat, got)
		}
	}
	if told := (Counts{c.Counts.Recipients, 0, 0, r.Rows["sent"], r.Rows["failed"], r.Rows["skipped"], r.Rows["unknown"]}); told != c.Counts {
		r.fault("its counts are %+v, its rows %v", c.Counts, r.Rows)
	}
	return r
}

func (r *Comparison) fault(format string, args ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}

func (r *Comparison) checkCounts(c Campaign, audience int64) {
	if c.State != "finished" {
		r.fault("it is %s (%s)", c.State, c.StateReason)
	}
	if c.Counts.Recipients != audience || c.Counts.Settled() != audience || c.Counts.Queued != 0 || c.Counts.Sending != 0 {
		r.fault("its counts %+v do not add up to the audience of %d", c.Counts, audience)
	}
}

func (r *Comparison) checkRow(row Delivery, got []Arrival) {
	r.Rows[row.Status]++
	if len(got) > 0 {
		r.Arrived[row.Status]++
	}
	if len(got) > 1 {
		r.Twice++
		r.fault("received %d times: %+v %+v", len(got), row, got)
	}
	switch {
	case row.Status == "sent" && len(got) == 0:
		r.Lost++
		r.fault("sent but never received: %+v", row)
	case row.Status == "sent" && got[0].MessageID != row.TelegramMessageID:
		r.fault("received as message %d: %+v", got[0].MessageID, row)
	case row.Status != "sent" && row.Status != "unknown" && len(got) > 0:
		r.fault("received all the same: %+v %+v", row, got)
	}
}
