package main

import (
	"fmt"
	"slices"
	"strconv"

	"bellman/internal/outcome"
	"bellman/internal/webhook"
	"bellman/test/harness"
)

// delivered is a delivery as its campaign tells it, for comparison with its activities.
type delivered struct {
	harness.Delivery

	bot       harness.Bot
	campaign  int64
	broadcast bool
}

// byNumber returns the deliveries of campaigns by the ids that activities have for them: campaign and place in it.
func byNumber(finals []final) map[string]delivered {
	all := map[string]delivered{}
	for _, f := range finals {
		for i, row := range f.rows {
			all[fmt.Sprintf("%d-%d", f.id, i+1)] = delivered{row, f.bot, f.id, f.campaign.Kind == "broadcast"}
		}
	}
	return all
}

// judgeActivities holds what was posted against the deliveries.
func (r *result) judgeActivities(posts []post, finals []final) {
	r.arrays = len(posts)
	all := r.judgeArrays(posts)
	r.activities = len(all)
	if r.faults[string(freeze)] == 0 {
		r.judgeOrder(posts)
	}
	deliveries := byNumber(finals)
	outcomes, gone := map[string]int{}, map[chat]int{}
	for _, a := range all {
		d, known := deliveries[a.Delivery]
		switch {
		case !known:
			r.fault("an activity of a delivery that does not exist: %s", a.text)
		case !d.tells(a):
			r.fault("an activity that does not agree with its delivery: %s %+v", a.text, d)
		case a.Status == outcome.Unsubscribed:
			gone[chat{d.bot.ID, d.ChatID}]++
		default:
			outcomes[a.Delivery]++
		}
	}
	for number, d := range deliveries {
		if n := outcomes[number]; n != 1 {
			r.fault("delivery %s has %d outcomes among the activities: %+v", number, n, d)
		}
		if outcome.Reason(d.Reason).RemovesChat() {
			if n := gone[chat{d.bot.ID, d.ChatID}]; n != 1 {
				r.fault("the chat of delivery %s is removed, as %d activities tell: %+v", number, n, d)
			}
		}
	}
}

// chat is a chat of a bot.
type chat struct{ bot, id int64 }

// tells tells whether an activity says the same as the delivery.
func (d delivered) tells(a activity) bool {
	status := outcome.Status(d.Status).Activity()
	if a.Status == outcome.Unsubscribed && outcome.Reason(d.Reason).RemovesChat() {
		status = outcome.Unsubscribed
	}
	var broadcast int64
	if d.broadcast {
		broadcast = d.campaign
	}
	return a.Status == status && a.Campaign == d.campaign && a.Broadcast == broadcast && a.Data.AppUUID == d.bot.AppUUID &&
		a.Data.Token == strconv.FormatInt(d.ChatID, 10) && a.Data.TelegramMessageID == d.TelegramMessageID &&
		string(a.Data.Reason) == d.Reason
}

// judgeArrays checks each array by itself, and that everything that came was taken in the end. It returns what was, each
// activity once.
func (r *result) judgeArrays(posts []post) map[int64]activity {
	texts, all := map[int64]string{}, map[int64]activity{}
	for n, p := range posts {
		if len(p.activities) == 0 || len(p.activities) > webhook.MaxArray {
			r.fault("array %d has %d activities", n, len(p.activities))
		}
		if came := ids(p.activities); !ascending(came) {
			r.fault("array %d is not in order: %v", n, came)
		}
		for _, a := range p.activities {
			if before, known := texts[a.ID]; known && before != a.text {
				r.fault("activity %d came as %s and as %s", a.ID, before, a.text)
			}
			texts[a.ID] = a.text
			if p.fate == taken {
				all[a.ID] = a
			}
		}
	}
	for id, text := range texts {
		if _, known := all[id]; !known {
			r.fault("activity %d was posted and not once more after that had failed: %s", id, text)
		}
	}
	return all
}

func ids(activities []activity) []int64 {
	all := make([]int64, len(activities))
	for i, a := range activities {
		all[i] = a.ID
	}
	return all
}

func ascending(ids []int64) bool {
	return slices.IsSorted(ids) && len(slices.Compact(slices.Clone(ids))) == len(ids)
}
