package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/outcome"
	"bellman/test/harness"
)

func TestJudgeMass(t *testing.T) {
	t.Parallel()
	p := plan{servers: 1, rate: 30} // a window and the wire, for the first process and one more
	most := 2 * (50 + 16)
	for name, tt := range map[string]struct {
		// spoil changes what is all right.
		spoil  func(*final)
		kills  int
		mail   []harness.Arrival
		faults int
	}{
		"all right":             {spoil: func(*final) {}},
		"as many as can be":     {spoil: func(m *final) { m.fail(most) }},
		"one more":              {spoil: func(m *final) { m.fail(most + 1) }, faults: 1},
		"one more, and a kill":  {spoil: func(m *final) { m.fail(most + 1) }, kills: 1},
		"it went on to the end": {spoil: func(m *final) { m.campaign.State = "finished" }, faults: 1},
		"paused for another reason": {
			spoil: func(m *final) { m.campaign.StateReason = string(outcome.AnswersLost) }, faults: 1,
		},
		"seen as people who left": {spoil: func(m *final) { m.campaign.StateReason = string(outcome.MassGone) }},
		"one is lost":             {spoil: func(m *final) { m.rows[0].Status = "sent" }, faults: 1},
		"one came twice": {
			spoil: func(m *final) { m.rows[0] = harness.Delivery{ChatID: 1, Status: "unknown"} },
			mail:  []harness.Arrival{{Bot: massBot, Chat: 1, Text: "x"}, {Bot: massBot, Chat: 1, Text: "x"}}, faults: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := final{
				broadcast: broadcast{text: "x"},
				campaign:  harness.Campaign{State: "paused", StateReason: string(outcome.MassChatNotFound)},
			}
			m.fail(50)
			tt.spoil(&m)
			r := &result{plan: p, faults: map[string]int{string(kill): tt.kills}}
			r.judgeMass(m, mailOf(tt.mail))
			require.Len(t, r.broken, tt.faults, "%q", r.broken)
		})
	}
}

// fail has so many recipients be unknown to the bot.
func (m *final) fail(n int) {
	m.rows = nil
	for i := range n {
		m.rows = append(m.rows, harness.Delivery{ChatID: int64(i + 1), Status: "failed", Reason: string(outcome.ChatNotFound)})
	}
}

func TestJudgeMemory(t *testing.T) {
	t.Parallel()
	for memory, faults := range map[int64]int{0: 0, mostMemory: 0, mostMemory + 1: 1} {
		r := &result{}
		r.judgeMemory(memory)
		require.Len(t, r.broken, faults)
		require.Equal(t, memory, r.memory)
	}
}

func TestJudgeDetails(t *testing.T) {
	t.Parallel()
	for detail, faults := range map[string]int{"": 0, strings.Repeat("я", 1000) + "…": 0, strings.Repeat("я", 1002): 1} {
		r := &result{}
		r.judgeDetails([]final{{rows: []harness.Delivery{{Status: "failed", Detail: detail}}}})
		require.Len(t, r.broken, faults)
	}
}
