package contact_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Of those who have read the same contact, one changes it: the others are told.
func TestTwoWhoChangeAContact(t *testing.T) {
	t.Parallel()
	errChanged := errors.New("changed")
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		svc := contact.New(s.Contacts, clock())
		made, err := svc.Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: new("e"), FirstName: new("0")})
		require.NoError(t, err)
		read := made.Contact
		for round := range 8 {
			var (
				all  sync.WaitGroup
				done atomic.Int32
			)
			for who := range 3 {
				all.Go(func() {
					unless := func(is contact.Contact) error {
						if is.FirstName != read.FirstName {
							return errChanged
						}
						return nil
					}
					var err error
					if who == 2 && round == 7 {
						err = svc.DeleteUnless(t.Context(), 1, read.ID, false, unless)
					} else {
						name := fmt.Sprint(round, " by ", who)
						_, err = svc.Update(t.Context(), 1, "", read.ID, contact.Profile{FirstName: &name}, unless)
					}
					if err == nil {
						done.Add(1)
					} else if !errors.Is(err, errChanged) && !errors.Is(err, contact.ErrNotFound) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.EqualValues(t, 1, done.Load(), round)
			if round < 7 {
				read, _, err = svc.Get(t.Context(), 1, read.ID)
				require.NoError(t, err)
			}
		}
	})
}
