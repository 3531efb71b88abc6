package dispatch

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
	"bellman/internal/outcome"
	"bellman/internal/telegram"
)

// stand is a sender alone: the test is its clock, its Telegram and, through step,
// its database. Nothing runs beside the test.
type stand struct {
	*sender

	t     testing.TB
	clock time.Time
	// answer is the result of the next calls, and takes how long they take.
	answer telegram.Result
	takes  time.Duration
	// probes counts the calls that send nothing.
	probes int
	// asked counts how often the sender asked for a step.
	asked int
	// waiting holds the deferrals in the database, by campaign; ended the outcomes
	// of its recipients.
	waiting map[int64][]Deferral
	ended   map[int64][]Outcome
	// barred holds the reasons why chats get no messages.
	barred map[int64]outcome.Reason
}

var (
	accepted = telegram.Result{Fate: telegram.Answered, OK: true, Code: 200, MessageID: 12}
	lost     = telegram.Result{Fate: telegram.Lost, Err: errors.New("the line went dead")}
	// intercepted is what a firewall answers.
	intercepted = telegram.Result{Fate: telegram.Intercepted, Code: 403, Err: errors.New("a page")}
	unsent      = telegram.Result{Fate: telegram.NotSent, Err: errors.New("nobody answers")}
)

func refusal(code int, description string) telegram.Result {
	return telegram.Result{Fate: telegram.Answered, Code: code, Description: description}
}

func tooMany(wait time.Duration) telegram.Result {
	r := refusal(429, "Too Many Requests")
	r.RetryAfter = wait
	return r
}

// newStand returns the sender of a bot that has an active token and goes at 30
// messages a second, unless change makes its lease different.
func newStand(t testing.TB, change func(l *Lease)) *stand {
	t.Helper()
	d := &stand{
		t: t, clock: start, answer: accepted, takes: 50 * time.Millisecond,
		waiting: map[int64][]Deferral{}, ended: map[int64][]Outcome{},
	}
	l := Lease{BotID: 5, Epoch: 3, Active: true}
	if change != nil {
		change(&l)
	}
	c := Config{
		Transport: d, Rate: 30, Now: func() time.Time { return d.clock }, Observe: unobserved{},
		Log: slog.New(slog.DiscardHandler),
	}
	d.sender = newSender(l, "token", c, newPool(), func() { d.asked++ })
	d.validUntil = start.Add(24 * time.Hour)
	return d
}

func (d *stand) Send(_, _, _ string, _ []byte) telegram.Result {
	d.clock = d.clock.Add(d.takes)
	return d.answer
}

func (d *stand) SendFiles(apiURL, token, method string, body []byte, _ []telegram.Upload) telegram.Result {
	return d.Send(apiURL, token, method, body)
}

func (d *stand) Call(apiURL, token, method string, body []byte) telegram.Result {
	require.Equal(d.t, "getMe", method)
	d.probes++
	return d.Send(apiURL, token, method, body)
}

// campaign adds a campaign; without content of its own it gets a plain text.
func (d *stand) campaign(w Work) *run {
	d.t.Helper()
	w.BotID, w.Laid = d.botID, true
	if w.Content == "" {
		content, err := message.Text("hello").Encode()
		require.NoError(d.t, err)
		w.Content = content
	}
	compose, err := newComposer(d.t.Context(), w, nil, nil, d.log)
	require.NoError(d.t, err)
	r := newRun(w, time.Time{}, compose, d.clock)
	d.add(r)
	return r
}

// broadcast adds a campaign to n people, number id.
func (d *stand) broadcast(id, n int64) *run {
	return d.campaign(Work{CampaignID: id, Kind: "broadcast", LaidSeq: n})
}

// triggered adds a campaign of n triggered messages, number id.
func (d *stand) triggered(id, n int64) *run {
	return d.campaign(Work{CampaignID: id, Kind: "triggered", LaidSeq: n})
}

// chatOf returns the chat of a campaign's recipient.
func chatOf(campaignID, seq int64) int64 { return 1000*campaignID + seq }

// step writes what the sender has to write, and returns what it claims.
func (d *stand) step() stepPart {
	part := d.collect(d.clock)
	claimed := make([]Claimed, len(part.campaigns))
	for i, c := range part.campaigns {
		claimed[i] = d.write(c)
	}
	d.deliver(part, claimed, d.clock)
	return part
}

// write does what the database does for one campaign.
func (d *stand) write(c CampaignStep) (got Claimed) {
	got.CampaignID = c.CampaignID
	d.ended[c.CampaignID] = append(d.ended[c.CampaignID], c.Outcomes...)
	open := slices.Concat(d.waiting[c.CampaignID], c.Deferrals)
	slices.SortStableFunc(open, func(a, b Deferral) int { return a.DueAt.Compare(b.DueAt) })
	for range c.ClaimDue {
		if len(open) == 0 || open[0].DueAt.After(d.clock) {
			require.NotEmpty(d.t, got.Recipients, "somebody is due when it says so")
			break
		}
		open[0].Deferred = true
		got.Recipients, open = append(got.Recipients, open[0].Recipient), open[1:]
	}
	if len(open) > 0 {
		got.NextDue = open[0].DueAt
	}
	d.waiting[c.CampaignID] = open
	for seq := c.ClaimFrom + 1; seq <= c.ClaimTo; seq++ {
		chat := chatOf(c.CampaignID, seq)
		got.Recipients = append(got.Recipients, Recipient{Seq: seq, ChatID: chat, ContactID: seq, Barred: d.barred[chat]})
	}
	return got
}

// take takes the next message; where necessary it runs steps and waits for the
// pace.
func (d *stand) take() job {
	d.t.Helper()
	for range 10 {
		j, wait := d.next()
		if j.run != nil {
			return j
		}
		if wait < time.Hour {
			d.clock = d.clock.Add(wait)
		}
		d.step()
	}
	require.Fail(d.t, "nothing leaves")
	return job{}
}

// deliverOne sends the next message, which gets the answer.
func (d *stand) deliverOne(answer telegram.Result) job {
	d.t.Helper()
	j := d.take()
	d.answer = answer
	d.send(j)
	return j
}

// carryOut makes the call of a message or a probe.
func (d *stand) carryOut(j job) {
	if j.probe {
		d.probe()
		return
	}
	d.send(j)
}

// woken reports whether the sender was woken since the last call.
func (d *stand) woken() bool {
	select {
	case <-d.wake:
		return true
	default:
		return false
	}
}

// requireWait requires that nothing leaves before the wait is over.
func (d *stand) requireWait(want time.Duration) {
	d.t.Helper()
	j, wait := d.next()
	require.Nil(d.t, j.run, "something leaves")
	require.Equal(d.t, want, wait)
}

// reasons returns the reasons of deferrals.
func reasons(all []Deferral) (of []outcome.Reason) {
	for _, d := range all {
		of = append(of, d.Reason)
	}
	return of
}
