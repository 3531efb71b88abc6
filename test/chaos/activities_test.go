package main

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
	"bellman/test/harness"
)

func TestJudgeActivities(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// spoil changes what is all right.
		spoil  func(*town)
		kills  int
		faults int
	}{
		"all right": {spoil: func(*town) {}},
		"come twice": {spoil: func(n *town) {
			n.posts = append(n.posts, post{taken, n.posts[len(n.posts)-1].activities})
		}},
		"refused first": {spoil: func(n *town) {
			n.posts[0].fate = refused
			n.posts = append(n.posts[:1], n.posts...)
			n.posts[1].fate = taken
		}},
		"never posted": {spoil: func(n *town) { n.posts = n.posts[:1] }, faults: 3 + 1 + 1}, // three outcomes, and one who left, twice
		"refused and not posted again": {
			// As faults of the activities, of the deliveries, and of the arrays that follow.
			spoil: func(n *town) { n.posts[0].fate = refused }, faults: 2 + 2 + 2,
		},
		"broken and not posted again": {spoil: func(n *town) { n.posts[0].fate = broken }, faults: 2 + 2 + 2},
		"a second outcome": {
			spoil: func(n *town) { n.post(n.activity(9, outcome.Delivered, 0)) }, faults: 1,
		},
		"one of nobody":               {spoil: func(n *town) { n.change(0, func(a *activity) { a.Delivery = "3-7" }) }, faults: 2},
		"another status":              {spoil: func(n *town) { n.change(0, func(a *activity) { a.Status = outcome.Lost }) }, faults: 2},
		"another campaign":            {spoil: func(n *town) { n.change(0, func(a *activity) { a.Campaign = 4 }) }, faults: 2},
		"no broadcast":                {spoil: func(n *town) { n.change(0, func(a *activity) { a.Broadcast = 0 }) }, faults: 2},
		"another bot":                 {spoil: func(n *town) { n.change(0, func(a *activity) { a.Data.AppUUID = "other" }) }, faults: 2},
		"another chat":                {spoil: func(n *town) { n.change(0, func(a *activity) { a.Data.Token = "9" }) }, faults: 2},
		"another message":             {spoil: func(n *town) { n.change(0, func(a *activity) { a.Data.TelegramMessageID = 9 }) }, faults: 2},
		"another reason":              {spoil: func(n *town) { n.change(0, func(a *activity) { a.Data.Reason = "refused" }) }, faults: 2},
		"somebody stays":              {spoil: func(n *town) { n.change(0, func(a *activity) { a.Status = outcome.Unsubscribed }) }, faults: 2},
		"somebody leaves twice":       {spoil: func(n *town) { n.post(n.activity(9, outcome.Unsubscribed, 2)) }, faults: 1},
		"nobody counts who leaves":    {spoil: func(n *town) { n.bots[0].subscribers = 10 }, faults: 1},
		"somebody is gone silently":   {spoil: func(n *town) { n.bots[0].subscribers = 8 }, faults: 1},
		"somebody stays who has left": {spoil: func(n *town) { n.stays() }, faults: 1},
		"somebody was forgotten":      {spoil: func(n *town) { n.stays() }, kills: 1},
		"somebody of a mass leaves": {
			spoil: func(n *town) { n.finals[0].bot.TelegramID = massBot }, faults: 1,
		},
		"not in order": {spoil: func(n *town) {
			list := n.posts[0].activities
			list[0], list[1] = list[1], list[0]
		}, faults: 1},
		"one twice in an array": {spoil: func(n *town) {
			n.posts[1].activities = append(n.posts[1].activities, n.posts[1].activities[2])
		}, faults: 1},
		"an empty array": {spoil: func(n *town) { n.post() }, faults: 1},
		"another object with the same id": {spoil: func(n *town) {
			again := n.posts[2].activities[0]
			again.text += " "
			n.post(again)
		}, faults: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTown()
			tt.spoil(n)
			r := result{plan: plan{engine: sqlite, servers: 1}, faults: map[string]int{string(kill): tt.kills}}
			r.judgeActivities(n.posts, n.finals, n.bots)
			require.Len(t, r.broken, tt.faults, "%q", r.broken)
			require.Equal(t, len(n.posts), r.arrays)
		})
	}
}

// town is what became of some people, and what was posted of it.
type town struct {
	finals []final
	posts  []post
	bots   []following
}

// newTown has a delivery of each status, two of a keyed send among them, in three arrays.
func newTown() *town {
	bot := harness.Bot{ID: 1, AppUUID: "app"}
	n := &town{bots: []following{{bot: bot, chats: 10, subscribers: 9}}, finals: []final{
		{
			broadcast: broadcast{id: 3, bot: bot}, campaign: harness.Campaign{Kind: "broadcast"},
			rows: []harness.Delivery{
				{ChatID: 501, Status: "sent", TelegramMessageID: 11}, {ChatID: 502, Status: "unknown", Reason: "answer_lost"},
				{ChatID: 503, Status: "failed", Reason: "bot_blocked"}, {ChatID: 504, Status: "skipped", Reason: "chat_removed"},
			},
		},
		{
			broadcast: broadcast{id: 4, bot: bot}, campaign: harness.Campaign{Kind: "triggered"},
			rows: []harness.Delivery{{ChatID: 501, Status: "sent", TelegramMessageID: 12}},
		},
	}}
	n.post(n.activity(1, outcome.Delivered, 0), n.activity(2, outcome.Lost, 1))
	n.post(n.activity(3, outcome.Undelivered, 2), n.activity(4, outcome.Unsubscribed, 2), n.activity(5, outcome.Undelivered, 3))
	keyed := n.activity(6, outcome.Delivered, 0)
	keyed.Delivery, keyed.Campaign, keyed.Broadcast, keyed.Data.TelegramMessageID = "4-1", 4, 0, 12
	n.post(keyed)
	return n
}

// activity is one of the broadcast's recipient at a place.
func (n *town) activity(id int64, status outcome.Activity, place int) activity {
	f := n.finals[0]
	row := f.rows[place]
	a := activity{
		ID: id, Status: status, Delivery: fmt.Sprintf("%d-%d", f.id, place+1), Campaign: f.id, Broadcast: f.id,
		text: fmt.Sprintf("object %d", id),
	}
	a.Data.AppUUID, a.Data.Token = f.bot.AppUUID, strconv.FormatInt(row.ChatID, 10)
	a.Data.TelegramMessageID, a.Data.Reason = row.TelegramMessageID, outcome.Reason(row.Reason)
	return a
}

// post has the receiver take an array.
func (n *town) post(activities ...activity) { n.posts = append(n.posts, post{taken, activities}) }

// stays has the one who left stay, as far as anybody knows.
func (n *town) stays() {
	n.posts[1].activities = slices.Delete(n.posts[1].activities, 1, 2)
	n.bots[0].subscribers = 10
}

// change changes an activity of the first array.
func (n *town) change(place int, how func(*activity)) { how(&n.posts[0].activities[place]) }
