package main

import (
	"context"
	"fmt"
	"net/http"

	"bellman/internal/outcome"
	"bellman/internal/sandbox"
	"bellman/test/harness"
)

// mass is what becomes of a bot of a run: after some good messages all of its chats are not found, or blocked. Nobody can
// tell that from a bot that was mixed up with another one, so that no chat may be removed.
type mass struct {
	// good is how many messages come before.
	good    int64
	blocked bool
}

const (
	// massChats is how many chats that bot has: more than it can fail to reach before its broadcast pauses, however often it
	// changes hands meanwhile.
	massChats = 4000
	// massBot is its id at Telegram.
	massBot = 7_000_100
	// massWindow is in how many results a mass is seen.
	massWindow = 50
)

// answer is what Telegram says of all its chats.
func (m mass) answer() (code int, description string) {
	if m.blocked {
		return http.StatusForbidden, "Forbidden: bot was blocked by the user"
	}
	return http.StatusBadRequest, "Bad Request: chat not found"
}

// prepareMass connects the bot, and brings its chats in. The rule comes before the weather: of several the first counts.
func (j *injury) prepareMass(ctx context.Context, client harness.Client, secret string) (err error) {
	j.mass.text = "to a mass"
	if j.mass.bot, err = client.ConnectBot(ctx, fmt.Sprintf("%d:%s", massBot, secret)); err != nil {
		return err
	}
	if err := client.AddChats(ctx, j.mass.bot.AppUUID, firstChat, massChats); err != nil {
		return err
	}
	code, description := j.plan.mass.answer()
	return j.sandbox.AddFaults(ctx, sandbox.Fault{
		Kind: sandbox.FaultError, Bot: massBot, Method: "sendMessage", Skip: j.plan.mass.good, Code: code, Description: description,
	})
}

// lookAtMass tells whether the broadcast of the mass has paused for it, and nothing of it is on the wire any more.
func (j *injury) lookAtMass(ctx context.Context) (good bool, err error) {
	now, err := j.campaign(ctx, j.mass.id)
	if err == nil && answersLost(now) {
		err = j.resume(ctx, j.mass)
	}
	return now.State == "paused" && !answersLost(now) && now.Counts.Sending == 0, err
}

// judgeMass checks that the broadcast of the mass paused in time. That no chat was removed shows in [following].
func (r *result) judgeMass(m final, mail mail) {
	if reason := outcome.Reason(m.campaign.StateReason); m.campaign.State != "paused" ||
		reason != outcome.MassChatNotFound && reason != outcome.MassGone {
		r.fault("the broadcast to a mass is %s (%s)", m.campaign.State, m.campaign.StateReason)
	}
	failed := 0
	seen := harness.Compare(m.campaign, massChats, m.rows, mail.take(massBot, m.text))
	for _, row := range m.rows {
		if outcome.Reason(row.Reason).RemovesChat() {
			failed++
		}
	}
	if most := r.mostMass(); failed > most {
		r.fault("%d recipients of a mass failed before it was seen; the faults explain %d", failed, most)
	}
	r.twice, r.lost = r.twice+seen.Twice, r.lost+seen.Lost
	if seen.Twice+seen.Lost > 0 {
		r.fault("the broadcast to a mass: %v", seen.Faults)
	}
	r.mass += failed
}

// mostMass is how many recipients a mass can cost: a window and what is on the wire, for each process that sends to it. A
// process that starts takes bots from others, and gives them back when it ends.
func (r *result) mostMass() int {
	hands := 1
	for _, n := range []kind{kill, term, freeze, postgresFast, postgresImmediate, silentDatabase, deafDatabase, away} {
		hands += 2 * r.faults[string(n)]
	}
	return (hands + r.plan.servers) * (massWindow + r.wireCap())
}
