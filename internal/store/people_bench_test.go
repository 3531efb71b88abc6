package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/pgtest"
	"bellman/internal/seal"
	"bellman/internal/store/storetest"
)

// BenchmarkCaller measures what it costs a call to know who makes it: a caller who has
// called within the second, and one of whom the database is asked.
func BenchmarkCaller(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": pgtest.Schema} {
		s := storetest.Open(b, address(b))
		now, step := start, time.Duration(0)
		clock := func() time.Time { now = now.Add(step); return now }
		keys, people := access.NewKeys(s.Keys, clock, nil), access.NewPeople(s.People, clock, seal.Of(seal.NewKey()))
		secret, err := keys.CreateKey(b.Context(), 1, "k", access.ScopeFull)
		require.NoError(b, err)
		proof := access.Proof{Password: "seven lamps under water"}
		_, err = people.MakeOwner(b.Context(), access.Answer{Name: "O", Email: "o@x.test", Proof: proof})
		require.NoError(b, err)
		entry, err := people.SignIn(b.Context(), "o@x.test", proof, access.Visit{})
		require.NoError(b, err)
		for _, caller := range []struct {
			name string
			find func() (access.Caller, error)
		}{
			{"key", func() (access.Caller, error) { return keys.Authenticate(b.Context(), secret, 0) }},
			{"session", func() (access.Caller, error) { return people.Resume(b.Context(), entry.Token, 0) }},
		} {
			for name, pause := range map[string]time.Duration{"known": 0, "asked": time.Second} {
				b.Run(caller.name+"/"+engine+"/"+name, func(b *testing.B) {
					now, step = start, pause
					for i := 0; b.Loop(); i++ {
						if i%1000 == 0 {
							now = start
						}
						if _, err := caller.find(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
