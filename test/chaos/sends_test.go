package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

func TestJudgeSends(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		// spoil changes what is all right.
		spoil                  func(*errand)
		faults, resent, doubts int
	}{
		"all right":       {spoil: func(*errand) {}},
		"answered twice":  {spoil: func(e *errand) { e.receipts = append(e.receipts, e.receipts[0]) }},
		"in doubt":        {spoil: func(e *errand) { e.arrive(11) }, resent: 1, doubts: 1},
		"unknown":         {spoil: func(e *errand) { e.become("unknown") }, doubts: 2},
		"unknown, lost":   {spoil: func(e *errand) { e.become("unknown"); e.arrivals = nil }, doubts: 2},
		"unknown, resent": {spoil: func(e *errand) { e.become("unknown"); e.arrive(11) }, resent: 1, doubts: 2},
		"rejected":        {spoil: func(e *errand) { e.receipts[0] = receipt{Status: "rejected", Code: "token_unknown"} }, faults: 1},
		"another receipt": {
			spoil:  func(e *errand) { e.receipts = append(e.receipts, receipt{Status: "accepted", RequestID: "b"}) },
			faults: 1,
		},
		"sent more than once more":   {spoil: func(e *errand) { e.arrive(11); e.arrive(12) }, faults: 1, resent: 1, doubts: 2},
		"sent but never received":    {spoil: func(e *errand) { e.arrivals = nil }, faults: 1},
		"received as another":        {spoil: func(e *errand) { e.arrivals[0].MessageID = 11 }, faults: 1},
		"received by somebody else":  {spoil: func(e *errand) { e.arrivals[0].Chat = 2 }, faults: 1},
		"received by another's chat": {spoil: func(e *errand) { e.arrivals[0].Bot = 8 }, faults: 2},
		"failed":                     {spoil: func(e *errand) { e.become("failed") }, faults: 1},
		"skipped":                    {spoil: func(e *errand) { e.become("skipped") }, faults: 1},
		"not ended":                  {spoil: func(e *errand) { e.become("queued") }, faults: 1},
		"no delivery":                {spoil: func(e *errand) { e.deliveries = nil }, faults: 1},
		"a delivery to somebody else": {
			spoil:  func(e *errand) { e.deliveries[0].ChatID = 2 },
			faults: 1,
		},
		"queued twice":  {spoil: func(e *errand) { e.rows(2) }, faults: 1},
		"never queued":  {spoil: func(e *errand) { e.rows(0) }, faults: 1},
		"a count off":   {spoil: func(e *errand) { e.triggered.campaign.Counts.Recipients++ }, faults: 1},
		"still waiting": {spoil: func(e *errand) { e.triggered.campaign.Counts = harness.Counts{Recipients: 1, Queued: 1} }, faults: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &errand{
				sent: sent{
					send: send{chat: 1}, to: harness.Bot{TelegramID: 7}, text: "hello", receipts: []receipt{{Status: "accepted", RequestID: "a"}},
					deliveries: []harness.Delivery{{ChatID: 1, Status: "sent", TelegramMessageID: 10}},
				},
			}
			e.arrive(10)
			e.rows(1)
			tt.spoil(e)
			var r result
			m := mailOf(e.arrivals)
			r.judgeSends([]sent{e.sent}, []final{e.triggered}, m)
			r.judgeRest(m)
			require.Len(t, r.broken, tt.faults, "%q", r.broken)
			require.Equal(t, tt.resent, r.resent)
			require.Equal(t, tt.doubts, r.doubts)
			require.Equal(t, 1, r.sends)
		})
	}
}

// errand is a send, what arrived of it and its campaign.
type errand struct {
	sent

	arrivals  []harness.Arrival
	triggered final
}

func (e *errand) arrive(messageID int64) {
	e.arrivals = append(e.arrivals, harness.Arrival{Bot: 7, Chat: 1, Text: "hello", MessageID: messageID})
}

func (e *errand) become(status string) { e.deliveries[0].Status = status }

// rows has the campaign have so many deliveries.
func (e *errand) rows(n int) {
	e.triggered.rows = make([]harness.Delivery, n)
	e.triggered.campaign.Counts = harness.Counts{Recipients: int64(n), Sent: int64(n)}
}
