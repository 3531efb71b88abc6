package harness_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// spoil makes one thing wrong.
		spoil       func(*story)
		faults      int
		twice, lost int64
	}{
		"all right": {spoil: func(*story) {}},
		"received twice": {
			spoil:  func(s *story) { s.arrivals = append(s.arrivals, harness.Arrival{Chat: 1, MessageID: 12}) },
			faults: 1, twice: 1,
		},
		"an unknown one received twice": {
			spoil:  func(s *story) { s.arrivals = append(s.arrivals, harness.Arrival{Chat: 4, MessageID: 42}) },
			faults: 1, twice: 1,
		},
		"sent but never received": {
			spoil:  func(s *story) { s.arrivals = s.arrivals[1:] },
			faults: 1, lost: 1,
		},
		"another message":               {spoil: func(s *story) { s.rows[0].TelegramMessageID = 99 }, faults: 1},
		"failed but received":           {spoil: func(s *story) { s.arrive(2) }, faults: 1},
		"skipped but received":          {spoil: func(s *story) { s.arrive(3) }, faults: 1},
		"an unknown one not received":   {spoil: func(s *story) { s.arrivals = s.arrivals[:1] }},
		"received by no recipient":      {spoil: func(s *story) { s.arrive(5) }, faults: 1},
		"not finished":                  {spoil: func(s *story) { s.campaign.State = "sending" }, faults: 1},
		"a count off":                   {spoil: func(s *story) { s.campaign.Counts.Sent++ }, faults: 2},
		"somebody still queued":         {spoil: func(s *story) { s.campaign.Counts.Queued++ }, faults: 2},
		"somebody missing":              {spoil: func(s *story) { s.rows = append(s.rows[:1], s.rows[2:]...) }, faults: 1},
		"somebody twice among the rows": {spoil: func(s *story) { s.rows[2] = s.rows[1] }, faults: 2},
		"somebody out of the audience":  {spoil: func(s *story) { s.audience++ }, faults: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := good()
			tt.spoil(s)
			r := harness.Compare(s.campaign, s.audience, s.rows, s.arrivals)
			require.Len(t, r.Faults, tt.faults, "%q", r.Faults)
			require.Equal(t, tt.twice, r.Twice)
			require.Equal(t, tt.lost, r.Lost)
		})
	}
}

// story is a broadcast with its deliveries and arrivals.
type story struct {
	campaign harness.Campaign
	audience int64
	rows     []harness.Delivery
	arrivals []harness.Arrival
}

// good returns a story without contradictions, with a recipient of each status.
func good() *story {
	return &story{
		campaign: harness.Campaign{
			State: "finished", Counts: harness.Counts{Recipients: 4, Sent: 1, Failed: 1, Skipped: 1, Unknown: 1},
		},
		audience: 4,
		rows: []harness.Delivery{
			{ChatID: 1, Status: "sent", TelegramMessageID: 11}, {ChatID: 2, Status: "failed"}, {ChatID: 3, Status: "skipped"},
			{ChatID: 4, Status: "unknown"},
		},
		arrivals: []harness.Arrival{{Chat: 1, MessageID: 11}, {Chat: 4, MessageID: 41}},
	}
}

func (s *story) arrive(chat int64) {
	s.arrivals = append(s.arrivals, harness.Arrival{Chat: chat, MessageID: 77})
}
