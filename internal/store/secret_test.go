package store_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/bot"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/webhook"
)

func openRing(ctx context.Context, s *store.DB, secret seal.Secret) (*seal.Ring, error) {
	return seal.Open(ctx, s.Secrets, func() (seal.Secret, error) { return secret, nil })
}

// sealedBefore seals as programs did that knew one key.
func sealedBefore(t *testing.T, key []byte, text string, number int64) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	require.NoError(t, err)
	gcm, err := cipher.NewGCM(block)
	require.NoError(t, err)
	nonce := seal.NewKey()[:gcm.NonceSize()]
	return gcm.Seal(nonce, nonce, []byte(text), fmt.Appendf(nil, "bot %d", number))
}

// Every column of bytes is among those that are sealed anew, or here with the reason.
func TestEachColumnOfBytesIsSealedOrNot(t *testing.T) {
	t.Parallel()
	plain := map[string]string{
		"installation.value":    "fingerprints and marks of the schema",
		"import_parts.contacts": "contacts that wait",
		"import_parts.lines":    "rows of a file",
		"secrets.sealed":        "the ring itself, which Rotate seals",
	}
	s := storetest.Open(t, storetest.SQLite(t))
	var found, known []string
	for _, c := range store.BytesColumnsForTest(t, s) {
		if plain[c] == "" {
			found = append(found, c)
		}
	}
	for _, p := range s.Secrets.Places() {
		known = append(known, p.Table+"."+p.Column)
	}
	require.ElementsMatch(t, known, found)
}

// What a program of before has sealed opens after the update, and is sealed anew where a
// rotation finds it; what it goes on to write beside the new program opens, too.
func TestUpgradeOpensWhatWasSealed(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		key := seal.NewKey()
		secret, err := seal.NewSecret(key)
		require.NoError(t, err)
		store.MigrateForTest(t, address, 32)
		db := storetest.Open(t, address)
		fingerprint := secret.Fingerprint()
		store.ExecForTest(t, db, fmt.Sprintf(`INSERT INTO installation (name, value) VALUES ('key', %s)`, bytesLiteral(address, fingerprint)))
		before := sealedBefore(t, key, "5:token", 5)
		_, err = db.Bots.Save(t.Context(), bot.Bot{WorkspaceID: 1, AppUUID: "u", TelegramID: 5, SealedToken: before, State: bot.Active})
		require.NoError(t, err)

		_, err = openRing(t.Context(), db, seal.RandomSecret())
		require.ErrorIs(t, err, seal.ErrOtherSecret)
		ring, err := openRing(t.Context(), db, secret)
		require.NoError(t, err)
		plain, err := ring.Unseal(before, 5)
		require.NoError(t, err)
		require.Equal(t, "5:token", plain)
		written := ring.Seal("new", 6)
		require.Len(t, written, len("new")+12+16, "a program of before opens it")

		fresh := seal.RandomSecret()
		require.NoError(t, ring.Rotate(t.Context(), fresh))
		done, err := ring.Reseal(t.Context())
		require.NoError(t, err)
		require.Equal(t, seal.Resealed{Sealed: 1}, done)
		require.NoError(t, ring.Retire(t.Context(), fresh, false))
		ring, err = openRing(t.Context(), db, fresh)
		require.NoError(t, err)
		now, err := db.Bots.FindByUUID(t.Context(), 1, "u")
		require.NoError(t, err)
		require.False(t, bytes.Equal(before, now.SealedToken))
		for _, blob := range [][]byte{now.SealedToken, before} {
			plain, err = ring.Unseal(blob, 5)
			require.NoError(t, err)
			require.Equal(t, "5:token", plain)
		}
	})
}

func bytesLiteral(address string, hex seal.Fingerprint) string {
	if store.IsPostgres(address) {
		return `'\x` + string(hex) + `'`
	}
	return "x'" + string(hex) + "'"
}

// furnishSecrets has something sealed in every place, and returns what.
func furnishSecrets(t *testing.T, s *store.DB, ring *seal.Ring) map[seal.Place]string {
	t.Helper()
	ctx := t.Context()
	b, err := s.Bots.Find(ctx, 1, connect(t, s, 5))
	require.NoError(t, err)
	b.SealedToken = ring.Seal("bots.token", b.TelegramID)
	_, err = s.Bots.Save(ctx, b)
	require.NoError(t, err)
	w := webhook.Webhook{ID: 7, WorkspaceID: 1, Name: "w", URL: "https://x.test", Login: "l", State: webhook.Active, CreatedAt: start}
	w.UpdatedAt = start
	w.SealedPassword = ring.Seal("webhooks.password", webhook.PasswordNumber(7))
	require.NoError(t, s.Webhooks.CreateWebhook(ctx, w, func([]webhook.Webhook) error { return nil }))
	w, err = s.Webhooks.Webhook(ctx, 1, 7)
	require.NoError(t, err)
	w.SealedSecrets = ring.Seal("webhooks.secrets", webhook.SecretsNumber(7))
	require.NoError(t, s.Webhooks.ChangeWebhook(ctx, w, false, nil))
	store.ExecForTest(t, s, `INSERT INTO users (id, email, name, password, installer, created_at) VALUES (9, 'o@x.test', 'O', '', TRUE, 1)`)
	require.NoError(t, s.People.ChangeFactor(ctx, 9, func(access.Factor) (access.Factor, error) {
		return access.Factor{Sealed: ring.Seal("users.totp", access.FactorNumber(9))}, nil
	}))
	require.NoError(t, s.People.DraftFactor(ctx, 9, ring.Seal("users.totp_draft", access.FactorNumber(9))))
	require.NoError(t, s.People.CreateProvider(ctx, access.Provider{
		ID: 3, Name: "p", Issuer: "https://id.test", ClientID: "c", WorkspaceID: 1, CreatedAt: start,
		Sealed: ring.Seal("providers.secret", access.ProviderNumber(3)),
	}))
	all := map[seal.Place]string{}
	for _, p := range s.Secrets.Places() {
		all[p] = p.Table + "." + p.Column
	}
	return all
}

// Every place is found with the number to which its content is bound, and is sealed anew;
// what changes in between stays as it was written.
func TestEachPlaceIsSealedAnew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		ctx := t.Context()
		ring, err := openRing(ctx, s, seal.RandomSecret())
		require.NoError(t, err)
		want := furnishSecrets(t, s, ring)
		require.NoError(t, ring.Rotate(ctx, seal.RandomSecret()))
		done, err := ring.Reseal(ctx)
		require.NoError(t, err)
		require.Equal(t, seal.Resealed{Sealed: len(want)}, done)
		for p, text := range want {
			blobs, err := s.Secrets.Blobs(ctx, p, 0, 10)
			require.NoError(t, err)
			require.Len(t, blobs, 1, p)
			require.EqualValues(t, 2, seal.KeyOf(blobs[0].Sealed), p)
			plain, err := ring.Unseal(blobs[0].Sealed, blobs[0].Number)
			require.NoError(t, err)
			require.Equal(t, text, plain)
			n, err := s.Secrets.Replace(ctx, p, []seal.Replacement{
				{Blob: seal.Blob{ID: blobs[0].ID, Sealed: []byte("as it was before")}, Fresh: []byte("x")},
				{Blob: seal.Blob{ID: 99, Sealed: blobs[0].Sealed}, Fresh: []byte("x")},
			})
			require.NoError(t, err)
			require.Zero(t, n, p)
			more, err := s.Secrets.Blobs(ctx, p, blobs[0].ID, 10)
			require.NoError(t, err)
			require.Empty(t, more, p)
		}
		_, err = s.Secrets.Blobs(ctx, seal.Place{Table: "bots", Column: "name"}, 0, 1)
		require.Error(t, err)
		status, err := seal.Look(ctx, s.Secrets)
		require.NoError(t, err)
		require.Len(t, status.Blobs, 1)
		require.Len(t, status.Blobs[2], len(want))
	})
}

// Those who start at the same moment on an empty database, or rotate to different keys,
// come to one ring.
func TestRingsAreDecidedOneAfterAnother(t *testing.T) {
	t.Parallel()
	storetest.EachAddress(t, func(t *testing.T, address string) {
		const many = 6
		first := storetest.Open(t, address)
		secret := seal.RandomSecret()
		rings, errs := make([]*seal.Ring, many), make(chan error, many)
		for i := range many {
			go func() {
				var err error
				rings[i], err = openRing(t.Context(), first, secret)
				errs <- err
			}()
		}
		for range many {
			require.NoError(t, <-errs)
		}
		blob := rings[0].Seal("token", 1)
		for _, r := range rings {
			plain, err := r.Unseal(blob, 1)
			require.NoError(t, err)
			require.Equal(t, "token", plain)
		}
		for _, r := range rings {
			go func() { errs <- r.Rotate(t.Context(), seal.RandomSecret()) }()
		}
		refused := 0
		for range many {
			if err := <-errs; err != nil {
				require.ErrorIs(t, err, seal.ErrUnderWay)
				refused++
			}
		}
		require.Equal(t, many-1, refused)
		stored, err := first.Secrets.Ring(t.Context())
		require.NoError(t, err)
		require.Len(t, stored.Keys, 2)
		require.Less(t, stored.Keys[1].Age, time.Hour)
		require.WithinDuration(t, time.Now(), stored.Keys[1].MadeAt, time.Hour)
	})
}
