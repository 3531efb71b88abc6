package contact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// A deleted contact holds its externalCustomerId and nothing else: a profile with
// its phone and its email makes a new contact, which gets both.
//
// spec: contact-restored
func TestDeletedContactHoldsNoPhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		b := setup(t, s)
		identity := contact.Identity{ExternalCustomerID: "e1", Phone: "+380501234567", Email: "a@x.ua"}
		gone := b.save(t, who(identity.ExternalCustomerID, identity.Phone, identity.Email))
		b.delete(t, gone)

		for chat, token := range []contact.Token{{Phone: identity.Phone}, {Email: "A@X.UA"}} {
			token.ChatID = int64(chat + 1)
			got := b.add(t, token)[0]
			require.NotEqual(t, gone, got.ContactID)
			require.True(t, got.NewContact)
			require.Equal(t, contact.Identity{Phone: token.Phone, Email: token.Email}, b.get(t, got.ContactID).Identity)
			b.delete(t, got.ContactID)
		}
		named := b.add(t, contact.Token{ChatID: 3, ExternalCustomerID: "e2", Phone: identity.Phone, Email: identity.Email})[0]
		require.Equal(t, contact.Identity{ExternalCustomerID: "e2", Phone: identity.Phone, Email: identity.Email},
			b.get(t, named.ContactID).Identity)

		back := b.add(t, contact.Token{ChatID: 4, ExternalCustomerID: "e1"})[0]
		require.Equal(t, gone, back.ContactID, "the externalCustomerId brings it back")
		require.False(t, back.NewContact)
		require.Equal(t, identity, b.get(t, gone).Identity)
	})
}
