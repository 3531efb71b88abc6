package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	gentle := map[kind]bool{
		term: true, pause: true, flood: true, leave: true, postgresFast: true, postgresImmediate: true, cutDatabase: true,
		fullTelegram: true,
	}
	onlyPostgres := map[kind]bool{
		postgresFast: true, postgresImmediate: true, cutDatabase: true, silentDatabase: true, deafDatabase: true,
	}
	seen, ways := map[string]map[kind]bool{sqlite: {}, postgres: {}}, map[string]bool{}
	for _, engine := range []string{sqlite, postgres} {
		for seed := range uint64(500) {
			p := draw(seed, engine, long)
			require.Equal(t, p, draw(seed, engine, long), "the same seed draws the same plan")
			require.Positive(t, p.chats)
			require.True(t, engine == postgres || p.distance == 0, "a database in the process is not far away")
			for _, f := range p.faults {
				seen[engine][f.kind] = true
				require.True(t, !p.gentle || gentle[f.kind], "%s in a gentle run", f.kind)
				require.True(t, engine == postgres || !onlyPostgres[f.kind], "%s on %s", f.kind, engine)
				require.True(t, engine == sqlite || f.kind != away, "%s on %s", f.kind, engine)
				if f.kind == silentDatabase || f.kind == deafDatabase {
					require.Positive(t, f.count)
					require.LessOrEqual(t, f.count, p.servers)
				}
				require.Less(t, f.server, p.servers)
				require.Less(t, f.bot, p.bots)
				require.Less(t, f.campaign, p.campaigns)
			}
			require.GreaterOrEqual(t, len(p.chores.imports), 2)
			for _, b := range p.chores.imports {
				require.Positive(t, b.people)
				require.Less(t, b.server, p.servers)
			}
			require.NotEmpty(t, p.chores.sends)
			for _, s := range p.chores.sends {
				require.Less(t, s.bot, p.bots)
				require.Less(t, s.server, p.servers)
				require.True(t, p.stays(s.bot, s.chat), "a send to somebody who leaves")
				ways[fmt.Sprint(s.smart, s.again)] = true
			}
			for _, f := range p.weather {
				require.False(t, p.gentle && doubtful(f), "%s in a gentle run", f.Kind)
			}
		}
	}
	require.Len(t, seen[sqlite], 11, "every fault comes up")
	require.Len(t, seen[postgres], 15, "every fault comes up")
	require.Len(t, ways, 4, "every way to send comes up")
}

// stays tells that somebody is among a bot's people to the end.
func (p plan) stays(bot int, chat int64) bool {
	for _, f := range p.faults {
		if f.kind == leave && f.bot == bot && slices.Contains(p.leavers(f), chat) {
			return false
		}
	}
	return chat >= firstChat && chat < firstChat+p.chats
}
