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

// byNumber returns the deliveries of campaigns that have an outcome by the ids that activities have for them: campaign and place in it.
func byNumber(finals []final) map[string]delivered {
	all := map[string]delivered{}
	for _, f := range finals {
		for i, row := range f.rows {
			if slices.Contains(harness.Statuses, row.Status) {
				all[fmt.Sprintf("%d-%d", f.id, i+1)] = delivered{row, f.bot, f.id, f.campaign.Kind == "broadcast"}
			}
		}
	}
	return all
}

// judgeActivities holds what was posted against the deliveries, and against the chats that there are in the end.
func (r *result) judgeActivities(posts []post, finals []final, bots []following) {
	r.arrays = len(posts)
	all := r.judgeArrays(posts)
	r.activities = len(all)
	if !r.stoodStill() {
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
			stays := d.bot.TelegramID == massBot
			if n := gone[chat{d.bot.ID, d.ChatID}]; stays && n > 0 || n > 1 || !stays && n < 1 && !r.forgetful() {
				r.fault("the chat of delivery %s is removed, as %d activities tell: %+v", number, n, d)
			}
		}
	}
	for _, b := range bots {
		removed := 0
		for who := range gone {
			if who.bot == b.bot.ID {
				removed++
			}
		}
		if b.chats-b.subscribers != int64(removed) {
			r.fault("bot %d has %d chats of %d, and activities tell of %d that were removed", b.bot.ID, b.subscribers, b.chats, removed)
		}
	}
}

// following is how many chats a bot had at first, and has in the end.
type following struct {
	bot                harness.Bot
	chats, subscribers int64
}

// stoodStill tells that a process stood still, or its database did for it alone.
func (r *result) stoodStill() bool {
	return r.faults[string(freeze)]+r.faults[string(silentDatabase)]+r.faults[string(deafDatabase)] > 0
}

// forgetful tells that a bot may have changed hands: who has left is suspected in memory, and found again with the next
// message.
func (r *result) forgetful() bool {
	return r.plan.servers > 1 || r.faults[string(kill)]+r.faults[string(term)] > 0
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
