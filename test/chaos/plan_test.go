package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	gentle := map[kind]bool{
		term: true, pause: true, flood: true, leave: true, postgresFast: true, postgresImmediate: true, cutDatabase: true,
	}
	onlyPostgres := map[kind]bool{postgresFast: true, postgresImmediate: true, cutDatabase: true}
	seen := map[string]map[kind]bool{sqlite: {}, postgres: {}}
	for _, engine := range []string{sqlite, postgres} {
		for seed := range uint64(500) {
			p := draw(seed, engine, long)
			require.Equal(t, p, draw(seed, engine, long), "the same seed draws the same plan")
			require.Positive(t, p.chats)
			for _, f := range p.faults {
				seen[engine][f.kind] = true
				require.True(t, !p.gentle || gentle[f.kind], "%s in a gentle run", f.kind)
				require.True(t, engine == postgres || !onlyPostgres[f.kind], "%s on %s", f.kind, engine)
				require.Less(t, f.server, p.servers)
				require.Less(t, f.bot, p.bots)
				require.Less(t, f.campaign, p.campaigns)
			}
			for _, f := range p.weather {
				require.False(t, p.gentle && doubtful(f), "%s in a gentle run", f.Kind)
			}
		}
	}
	require.Len(t, seen[sqlite], 7, "every fault comes up")
	require.Len(t, seen[postgres], 10, "every fault comes up")
}
