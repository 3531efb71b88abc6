package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Processes that start together on an empty database wait for each other.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		const processes = 4
		ended := make(chan error, processes)
		for range processes {
			go func() {
				s, err := store.Open(context.WithoutCancel(t.Context()), address)
				if err == nil {
					err = errors.Join(s.Ledgers.ForgetSenders(t.Context()), s.Close())
				}
				ended <- err
			}()
		}
		for range processes {
			require.NoError(t, <-ended)
		}
	})
}
