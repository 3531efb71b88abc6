package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bellman/test/harness"
)

// send is a message to one person who stays, under a key of its own.
type send struct {
	// after is how long after the send before.
	after time.Duration
	// bot and server are numbers out of all there are; the server is the first one that is asked.
	bot, server int
	chat        int64
	// smart tells that it goes through the integration API.
	smart bool
	// again tells that the call is made a second time, though it was answered.
	again bool
}

// sent is a send and what came of it.
type sent struct {
	send

	key string
	to  harness.Bot
	// text is what arrives.
	text string
	// messageID is the message's whose text has the values of many sends in its place.
	messageID int64
	// receipts are the answers.
	receipts []receipt
	// campaign is the triggered one that has the deliveries.
	campaign   int64
	deliveries []harness.Delivery
}

// receipt is what is answered for a recipient.
type receipt struct{ Status, RequestID, Code, Message string }

// prepareSends writes a message for each bot.
func (j *injury) prepareSends(ctx context.Context, client harness.Client) error {
	messages := make([]int64, j.plan.bots)
	for i := range messages {
		var made struct{ ID int64 }
		draft := map[string]any{"name": fmt.Sprintf("bot %d, sends", i+1), "text": fmt.Sprintf("bot %d, send {{ data.n }}", i+1)}
		if err := client.Call(ctx, http.MethodPost, "/manage/v1/messages", draft, &made); err != nil {
			return err
		}
		messages[i] = made.ID
	}
	for n, s := range j.plan.chores.sends {
		j.sends = append(j.sends, sent{
			send: s, key: fmt.Sprint(n + 1), to: j.broadcasts[s.bot][0].bot, messageID: messages[s.bot],
			text: fmt.Sprintf("bot %d, send %d", s.bot+1, n+1),
		})
	}
	return nil
}

func (j *injury) makeSends(ctx context.Context) error {
	return timetable(ctx, j.sends, func(s sent) time.Duration { return s.after }, func(ctx context.Context, n int) error {
		return j.sends[n].request(ctx, j.cluster)
	})
}

// request makes the send, as often as it takes to be answered.
func (s *sent) request(ctx context.Context, c *cluster) error {
	call := s.manage
	if s.smart {
		call = s.integrate
	}
	for k := range times(s.again) {
		err := c.askFrom(ctx, s.server+k, func(ctx context.Context, client harness.Client) error {
			r, err := call(ctx, client)
			if err == nil {
				s.receipts = append(s.receipts, r)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("send %s: %w", s.key, err)
		}
	}
	return nil
}

// manage makes the send through the management API.
func (s *sent) manage(ctx context.Context, client harness.Client) (receipt, error) {
	var answer struct{ Results []receipt }
	client.Header = http.Header{"Idempotency-Key": {s.key}}
	err := client.Call(ctx, http.MethodPost, fmt.Sprintf("/manage/v1/messages/%d/send", s.messageID), map[string]any{
		"botId": s.to.ID, "recipients": []any{map[string]any{"token": s.chat, "data": map[string]any{"n": s.key}}},
	}, &answer)
	if err == nil && len(answer.Results) != 1 {
		err = fmt.Errorf("%d receipts for one recipient: %+v", len(answer.Results), answer)
	}
	if err != nil {
		return receipt{}, err
	}
	return answer.Results[0], nil
}

// integrate makes the send through the integration API.
func (s *sent) integrate(ctx context.Context, client harness.Client) (receipt, error) {
	var answer struct{ Results receipt }
	err := client.Call(ctx, http.MethodPost, fmt.Sprintf("/api/v1/message/%d/smartsend", s.messageID), map[string]any{
		"appUuid": s.to.AppUUID, "externalRequestId": s.key,
		"recipients": []any{map[string]any{"locator": s.chat, "jsonParam": map[string]any{"n": s.key}}},
	}, &answer)
	if answer.Results.Status == "OK" {
		answer.Results.Status = "accepted"
	}
	return answer.Results, err
}

// lookAtSends reads what became of the sends, and tells whether all have ended.
func (j *injury) lookAtSends(ctx context.Context) (good bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	good = true
	for n := range j.sends {
		s := &j.sends[n]
		if s.ended() {
			continue
		}
		if err := j.ask(ctx, s.look); err != nil {
			return false, err
		}
		good = good && s.ended()
	}
	return good, nil
}

func (s *sent) look(ctx context.Context, client harness.Client) error {
	var told struct {
		CampaignID int64
		Deliveries []harness.Delivery
	}
	err := client.Call(ctx, http.MethodGet, "/manage/v1/deliveries/"+s.receipts[0].RequestID, nil, &told)
	s.campaign, s.deliveries = told.CampaignID, told.Deliveries
	return err
}

// ended tells that nothing more will come of the send. What was rejected has ended at once.
func (s *sent) ended() bool {
	if s.receipts[0].Status != "accepted" {
		return true
	}
	return len(s.deliveries) > 0 && !slices.ContainsFunc(s.deliveries, func(d harness.Delivery) bool {
		return !slices.Contains(harness.Statuses, d.Status)
	})
}

// faults are sentences about what was promised of the send and does not hold. got are the arrivals of its text.
func (s *sent) faults(got []harness.Arrival) (all []string) {
	fault := func(format string, args ...any) {
		all = append(all, fmt.Sprintf("send %s: %s: %+v %+v", s.key, fmt.Sprintf(format, args...), s.deliveries, got))
	}
	for _, r := range s.receipts {
		if r.Status != "accepted" || r != s.receipts[0] {
			fault("its receipts are not one, that of an accepted message: %+v", s.receipts)
			break
		}
	}
	if len(s.deliveries) != 1 || s.deliveries[0].ChatID != s.chat {
		fault("it has not one delivery, to chat %d", s.chat)
		return all
	}
	if slices.ContainsFunc(got, func(a harness.Arrival) bool { return a.Chat != s.chat }) {
		fault("it arrived at somebody else")
	}
	if len(got) > 2 {
		fault("it was sent once more more than once")
	}
	switch d := s.deliveries[0]; d.Status {
	case "sent":
		if !slices.ContainsFunc(got, func(a harness.Arrival) bool { return a.MessageID == d.TelegramMessageID }) {
			fault("sent but never received under its message id")
		}
	case "unknown":
	default:
		fault("it did not reach somebody who is there")
	}
	return all
}

// doubts is how often it must have been open whether the message arrived. One in doubt is sent once more; one in doubt
// again is unknown.
func (s *sent) doubts(got []harness.Arrival) int {
	if len(s.deliveries) == 1 && s.deliveries[0].Status == "unknown" {
		return 2
	}
	return max(0, len(got)-1)
}

// judgeSends holds the sends against the journal, and against the campaigns that they are part of.
func (r *result) judgeSends(sends []sent, triggered []final, mail mail) {
	r.sends = len(sends)
	for n := range sends {
		s := &sends[n]
		got := mail.take(s.to.TelegramID, s.text)
		r.broken = append(r.broken, s.faults(got)...)
		r.doubts += s.doubts(got)
		if len(got) > 1 {
			r.resent++
		}
	}
	var rows int
	for _, f := range triggered {
		rows += len(f.rows)
		if c := f.campaign.Counts; int(c.Recipients) != len(f.rows) || c.Settled() != c.Recipients {
			r.fault("campaign %d of sends: its counts %+v do not add up to its %d rows", f.id, c, len(f.rows))
		}
	}
	if rows != len(sends) {
		r.fault("%d sends have %d deliveries in all", len(sends), rows)
	}
}
