package main

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
	"bellman/test/harness"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	// A bot has at most 31 ready and 16 on the wire.
	slow := plan{servers: 2, bots: 2, campaigns: 1, rate: 30}
	alone := slow
	alone.servers = 1
	gentle := slow
	gentle.gentle = true
	fast := slow
	fast.rate = 100 // 101 ready, 256 on the wire
	for name, tt := range map[string]struct {
		plan       plan
		faults     map[string]int
		outage     time.Duration
		reports    []sandbox.FaultReport
		died, lost int // the most of each that are explained
	}{
		"nothing":               {plan: slow},
		"SIGTERM":               {plan: slow, faults: map[string]int{string(term): 3}},
		"a kill":                {plan: slow, faults: map[string]int{string(kill): 1}, died: 2 * (31 + 16)},
		"two kills":             {plan: slow, faults: map[string]int{string(kill): 2}, died: 4 * (31 + 16)},
		"a kill of a fast one":  {plan: fast, faults: map[string]int{string(kill): 1}, died: 2 * (101 + 256)},
		"frozen beside another": {plan: slow, faults: map[string]int{string(freeze): 1}, died: 2 * (31 + 16)},
		"frozen alone":          {plan: alone, faults: map[string]int{string(freeze): 1}},
		"a short outage":        {plan: slow, faults: map[string]int{string(postgresFast): 1}, outage: 2 * time.Second},
		"a long outage":         {plan: slow, faults: map[string]int{string(postgresFast): 1}, outage: 4 * time.Second, died: 2 * (31 + 16)},
		"a silent database":     {plan: slow, faults: map[string]int{string(silentDatabase): 1}, died: 2 * (31 + 16)},
		"one that is not heard": {plan: slow, faults: map[string]int{string(deafDatabase): 1}, died: 2 * (31 + 16)},
		"one that is away":      {plan: alone, faults: map[string]int{string(away): 1}},
		"a cut":                 {plan: slow, faults: map[string]int{string(cutTelegram): 1}, lost: 2 * 16},
		"a silent Telegram":     {plan: slow, faults: map[string]int{string(silentTelegram): 1}, lost: 2 * 16},
		"one that nobody hears": {plan: slow, faults: map[string]int{string(deafTelegram): 1}, lost: 2 * 16},
		"a full Telegram":       {plan: slow, faults: map[string]int{string(fullTelegram): 1}, lost: 2 * 16},
		"one in a gentle run":   {plan: gentle, faults: map[string]int{string(fullTelegram): 1}},
		"huge answers": {
			plan:    slow,
			reports: []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultHuge}, Fired: 7}}, lost: 7,
		},
		"resets": {plan: slow,
			reports: []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultReset}, Fired: 7}}, lost: 7},
		"429s": {plan: slow, reports: []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultFlood}, Fired: 7}}},
		"502s": {
			plan:    slow,
			reports: []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultGateway, Code: 502}, Fired: 7}}, lost: 7,
		},
		"500s": {plan: slow, reports: []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultError, Code: 500}, Fired: 7}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, more := range []struct{ died, lost, broken int }{{0, 0, 0}, {1, 0, 1}, {0, 1, 1}, {1, 1, 2}} {
				rows := slices.Concat(unknown("sender_died", tt.died+more.died), unknown("answer_lost", tt.lost+more.lost))
				r := &result{plan: tt.plan, faults: tt.faults}
				r.explain([]final{{rows: rows}}, tt.outage, tt.reports)
				require.Len(t, r.broken, more.broken)
			}
		})
	}
}

func TestExplainDoubts(t *testing.T) {
	t.Parallel()
	p := plan{servers: 2, bots: 2, campaigns: 1, rate: 30} // a bot has at most 31 and 31 keyed ones ready and 16 on the wire
	killed, resets := map[string]int{string(kill): 1}, []sandbox.FaultReport{{Fault: sandbox.Fault{Kind: sandbox.FaultReset}, Fired: 7}}
	for name, tt := range map[string]struct {
		faults  map[string]int
		reports []sandbox.FaultReport
		rows    []harness.Delivery
		most    int // the most doubts that are explained
	}{
		"nothing":               {},
		"SIGTERM":               {faults: map[string]int{string(term): 3}},
		"a kill":                {faults: killed, most: 2 * (31 + 31 + 16)},
		"resets":                {reports: resets, most: 7},
		"a kill and resets":     {faults: killed, reports: resets, most: 2*(31+31+16) + 7},
		"resets of broadcasts":  {reports: resets, rows: unknown("answer_lost", 3), most: 7 - 3},
		"a kill of a broadcast": {faults: killed, rows: unknown("sender_died", 5), most: 2*(31+31+16) - 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, more := range []int{0, 1} {
				r := &result{plan: p, faults: tt.faults, doubts: tt.most + more}
				r.explain([]final{{rows: tt.rows}}, 0, tt.reports)
				require.Len(t, r.broken, more)
			}
		})
	}
}

// unknown are n recipients that are unknown for a reason, among others that are not.
func unknown(reason string, n int) []harness.Delivery {
	rows := []harness.Delivery{{Status: "sent"}, {Status: "failed", Reason: "bot_blocked"}}
	for range n {
		rows = append(rows, harness.Delivery{Status: "unknown", Reason: reason})
	}
	return rows
}
