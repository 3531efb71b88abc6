package audit_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audit"
)

// Of a thousand refusals from one address, five have a line, and the others are one.
func TestRefusalsOfAnAddressAreFewLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		service := audit.New(s, time.Now, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			service.Run(ctx)
		}()
		refuse := func(address string, times int) {
			for range times {
				service.Refused(t.Context(), audit.Entry{Address: address, Act: "sign-in", Outcome: "sign_in_refused"})
			}
		}
		refuse("203.0.113.9", 1000)
		refuse("203.0.113.8", 3)
		require.Len(t, s.all(), 8)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Len(t, s.all(), 9)
		require.Equal(t, "refused_too_often", s.all()[8].Outcome)
		require.Equal(t, "203.0.113.9", s.all()[8].Address)
		require.Contains(t, s.all()[8].After, `"refusals":995`)
		refuse("203.0.113.9", 6)
		require.Len(t, s.all(), 14, "it begins anew")
		stop()
		<-ended
		require.Len(t, s.all(), 15, "what was counted is told at a stop")
		require.Contains(t, s.all()[14].After, `"refusals":1,`)
	})
}

func TestLinesOfManyAddressesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		service := audit.New(s, time.Now, slog.New(slog.DiscardHandler))
		for i := range 5000 {
			for range 7 {
				service.Refused(t.Context(), audit.Entry{Address: fmt.Sprint("address ", i)})
			}
		}
		require.Len(t, s.all(), 21*5)
		time.Sleep(2 * time.Minute)
		service.Refused(t.Context(), audit.Entry{Address: "one more"})
		require.Len(t, s.all(), 21*5+21+1, "who comes next has the rest told")
	})
}
