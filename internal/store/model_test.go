package store_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/campaign"
	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// model is a sender that acts and dies at random, together with what must be true
// of its campaign all the same.
type model struct {
	t      *testing.T
	rt     *rapid.T
	s      *store.DB
	id     int64
	botID  int64
	owner  string
	lease  dispatch.Lease
	number int64
	now    time.Time

	claimed, settled int64
	// wire holds the recipients that the sender has claimed and not reported on.
	wire map[int64]dispatch.Recipient
	// want is the expected status of each recipient, by its number; a recipient
	// that is missing is queued.
	want map[int64]campaign.Status
	done map[int64]bool
}

const modelPeople = 30

// TestMain limits the model to what a test run has time for: each of its steps is a
// transaction. go test ./internal/store -rapid.checks=500 looks deeper.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func (m *model) step(c dispatch.CampaignStep, lost bool) dispatch.Claimed {
	m.number++
	c.CampaignID, c.BotID, c.Epoch = m.id, m.lease.BotID, m.lease.Epoch
	step := dispatch.Step{Owner: m.owner, Number: m.number, Now: m.now, Campaigns: []dispatch.CampaignStep{c}}
	got, err := m.s.Ledgers.Step(m.t.Context(), step)
	require.NoError(m.rt, err)
	if lost {
		// The answer to the commit was lost; the sender tries again.
		again, err := m.s.Ledgers.Step(m.t.Context(), step)
		require.NoError(m.rt, err)
		require.Equal(m.rt, got[0].Recipients, again[0].Recipients)
		require.Equal(m.rt, got[0].Stopped, again[0].Stopped)
	}
	require.False(m.rt, got[0].Fenced)
	return got[0]
}

// act claims recipients, and settles and defers some, in one step.
func (m *model) act(t *rapid.T) {
	c := dispatch.CampaignStep{ClaimFrom: m.claimed, ClaimTo: min(m.claimed+rapid.Int64Range(0, 5).Draw(t, "claim"), modelPeople),
		ClaimDue: rapid.IntRange(0, 3).Draw(t, "due")}
	for seq := int64(1); seq <= modelPeople; seq++ {
		rec, out := m.wire[seq]
		if !out {
			continue
		}
		switch rapid.IntRange(0, 4).Draw(t, "fate") {
		case 0:
			c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: rec, Status: dispatch.Sent, SettledAt: m.now})
			m.want[seq] = campaign.Sent
		case 1:
			c.Outcomes = append(c.Outcomes, dispatch.Outcome{Recipient: rec, Status: dispatch.Failed, Reason: "x", SettledAt: m.now})
			m.want[seq] = campaign.Failed
		case 2:
			c.Deferrals = append(c.Deferrals, dispatch.Deferral{
				Recipient: rec, DueAt: m.now.Add(time.Duration(rapid.IntRange(-1, 2).Draw(t, "wait")) * time.Second), Reason: "y",
			})
			m.want[seq] = campaign.Queued
		default:
			continue
		}
		m.done[seq] = true
		delete(m.wire, seq)
	}
	for m.done[m.settled+1] {
		m.settled++
	}
	c.SettledSeq = m.settled
	got := m.step(c, rapid.Bool().Draw(t, "commit lost"))
	if got.Stopped {
		return
	}
	m.claimed = c.ClaimTo
	for _, r := range got.Recipients {
		m.wire[r.Seq] = r
		m.want[r.Seq] = campaign.InFlight
	}
}

// crash makes another process take over: recipients on the wire become unknown.
func (m *model) crash(*rapid.T) {
	require.NoError(m.rt, m.s.Ledgers.ForgetSenders(m.t.Context()))
	m.join()
	for seq := range m.wire {
		m.want[seq] = campaign.Unknown
		m.done[seq] = true
	}
	m.wire = map[int64]dispatch.Recipient{}
	m.settled = m.claimed
}

func (m *model) join() {
	m.owner, m.number = m.owner+"'", 0
	held, _, err := m.s.Ledgers.HoldLeases(m.t.Context(), m.owner, m.now, ttl, true)
	require.NoError(m.rt, err)
	// Earlier runs of the test have left their bots.
	for _, l := range held {
		if l.BotID == m.botID {
			m.lease = l
		}
	}
	_, err = m.s.Ledgers.Adopt(m.t.Context(), m.lease.BotID, m.lease.Epoch, m.now)
	require.NoError(m.rt, err)
}

func (m *model) tick(*rapid.T) { m.now = m.now.Add(time.Second) }

func (m *model) toggle(*rapid.T) {
	_, _, err := m.s.Campaigns.Change(m.t.Context(), 1, m.id, func(c *campaign.Campaign) error {
		c.State = map[campaign.State]campaign.State{campaign.Sending: campaign.Paused, campaign.Paused: campaign.Sending}[c.State]
		return nil
	})
	require.NoError(m.rt, err)
}

func (m *model) check(*rapid.T) {
	c, l, err := m.s.Campaigns.Find(m.t.Context(), 1, m.id)
	require.NoError(m.rt, err)
	all, err := m.s.Campaigns.Deliveries(m.t.Context(), c, nil, 0, modelPeople+1)
	require.NoError(m.rt, err)
	require.Len(m.rt, all, modelPeople)
	count := map[campaign.Status]int64{}
	for _, d := range all {
		want, known := m.want[d.Seq]
		if !known {
			want = campaign.Queued
		}
		require.Equal(m.rt, want, d.Status, "recipient %d", d.Seq)
		count[d.Status]++
	}
	require.Equal(m.rt, campaign.Counts{
		Recipients: modelPeople, Queued: count[campaign.Queued], Sending: count[campaign.InFlight], Sent: count[campaign.Sent],
		Failed: count[campaign.Failed], Unknown: count[campaign.Unknown],
	}, campaign.CountsOf(c, l))
}

// Whatever a sender does and wherever it dies, every recipient is in exactly one
// place, the one that the model expects, and the counters agree.
func TestLedgerModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		botID := int64(0)
		rapid.Check(t, func(rt *rapid.T) {
			botID++
			m := &model{t: t, rt: rt, s: s, botID: botID, owner: fmt.Sprint("p", botID), now: start,
				wire: map[int64]dispatch.Recipient{}, want: map[int64]campaign.Status{}, done: map[int64]bool{}}
			require.NoError(t, s.Ledgers.ForgetSenders(t.Context()))
			m.id = broadcast(t, s, connect(t, s, botID), modelPeople)
			m.join()
			rt.Repeat(map[string]func(*rapid.T){
				"act": m.act, "crash": m.crash, "tick": m.tick, "toggle": m.toggle, "": m.check,
			})
		})
	})
}
