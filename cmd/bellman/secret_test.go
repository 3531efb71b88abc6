package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/bot"
	"bellman/internal/pgtest"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
)

// sealedIn has a bot connected, and returns what its token is, and a link's code.
func sealedIn(t *testing.T, d database, db *store.DB) (token, code string) {
	t.Helper()
	ring, err := d.ring(t.Context(), db)
	require.NoError(t, err)
	token = "77:secret"
	b := bot.Bot{WorkspaceID: 1, AppUUID: "u", TelegramID: 77, SealedToken: ring.Seal(token, 77), State: bot.Active}
	_, err = db.Bots.Save(t.Context(), b)
	require.NoError(t, err)
	return token, track.NewSigner(ring).Mint(track.Code{CampaignID: 9})
}

// starts requires that Bellman starts with what is there, and has lost nothing.
func starts(t *testing.T, d database, db *store.DB, token, code string) *seal.Ring {
	t.Helper()
	ring, err := d.ring(t.Context(), db)
	require.NoError(t, err)
	b, err := db.Bots.FindByUUID(t.Context(), 1, "u")
	require.NoError(t, err)
	plain, err := ring.Unseal(b.SealedToken, 77)
	require.NoError(t, err)
	require.Equal(t, token, plain)
	got, err := track.NewSigner(ring).Read(code)
	require.NoError(t, err)
	require.EqualValues(t, 9, got.CampaignID)
	return ring
}

// acts returns what the audit log tells of the changes of the secret key.
func acts(t *testing.T, db *store.DB) (all []string) {
	t.Helper()
	lines, err := db.Audit.Chain(t.Context(), 1, 100)
	require.NoError(t, err)
	for _, l := range lines {
		all = append(all, l.Act+" "+l.Outcome)
	}
	return all
}

// A change of the key beside the SQLite file that is cut off behind any of its parts, twice,
// leaves an installation that starts, and goes on when it is run again.
func TestRotationIsCutOff(t *testing.T) {
	t.Parallel()
	parts := len((&rotation{}).steps()) + 1
	for first := range parts {
		for second := range parts {
			t.Run(fmt.Sprint(first, " ", second), func(t *testing.T) {
				t.Parallel()
				d := database{DB: storetest.SQLite(t)}
				db := storetest.OpenIll(t, d.DB) // no rows to judge
				token, code := sealedIn(t, d, db)
				serving := starts(t, d, db, token, code)
				old := serving.Secret()
				run := func(parts int) {
					ring := starts(t, d, db, token, code)
					r := rotation{database: d, db: db, ring: ring, mine: ring.Secret(), out: io.Discard}
					for _, step := range r.steps()[:min(parts, len(r.steps()))] {
						require.NoError(t, step(t.Context()))
					}
				}
				run(first)
				run(second)
				run(99)
				ring := starts(t, d, db, token, code)
				require.NotEqual(t, old.Fingerprint(), ring.Secret().Fingerprint())
				require.NoFileExists(t, d.newKeyFile())
				info, err := os.Stat(d.keyFile())
				require.NoError(t, err)
				require.Zero(t, info.Mode().Perm()&0o077)

				b, err := db.Bots.FindByUUID(t.Context(), 1, "u")
				require.NoError(t, err)
				stored, err := db.Secrets.Ring(t.Context())
				require.NoError(t, err)
				require.Empty(t, stored.Coming())
				require.Equal(t, stored.Keys[len(stored.Keys)-1].ID, seal.KeyOf(b.SealedToken))
				// Who serves all the while reads the ring again, with the key of the file.
				plain, err := serving.Unseal(b.SealedToken, 77)
				require.NoError(t, err)
				require.Equal(t, token, plain)

				// The old key is kept for backups, and refused.
				text, err := os.ReadFile(d.keyFileOf(old.Fingerprint()))
				require.NoError(t, err)
				require.Equal(t, old.Text()+"\n", string(text))
				withOld := d
				withOld.SecretKey = old.Text()
				_, err = withOld.ring(t.Context(), db)
				require.ErrorIs(t, err, seal.ErrOtherSecret)
				require.ErrorContains(t, err, "give the right one as BELLMAN_SECRET_KEY or in "+d.keyFile())
			})
		}
	}
}

// Where the operator keeps the key, both open until the change is finished, in either
// direction.
func TestOperatorRotates(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(t *testing.T) string{
		"postgres": func(t *testing.T) string { return pgtest.Schema(t) },
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "bellman.db") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, fresh := seal.RandomSecret(), seal.RandomSecret()
			d := database{DB: address(t), SecretKey: old.Text()}
			now := d
			now.SecretKey = fresh.Text()
			require.NoError(t, d.make())
			db, err := d.open(t.Context())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			token, code := sealedIn(t, d, db)

			rotate := secretRotateCommand{database: d}
			require.ErrorContains(t, rotate.Run(), "BELLMAN_NEW_SECRET_KEY")
			rotate.NewSecretKey = "x"
			require.ErrorContains(t, rotate.Run(), "does not hold 32 bytes")
			rotate.NewSecretKey = old.Text()
			require.ErrorIs(t, rotate.Run(), seal.ErrSame)
			_, err = now.ring(t.Context(), db)
			require.ErrorIs(t, err, seal.ErrOtherSecret)
			rotate.NewSecretKey = fresh.Text()
			require.NoError(t, rotate.Run())
			require.NoError(t, rotate.Run(), "it may have been cut off")
			starts(t, d, db, token, code)
			starts(t, now, db, token, code)
			require.ErrorIs(t, (&secretRotateCommand{database: now, NewSecretKey: seal.RandomSecret().Text()}).Run(), seal.ErrUnderWay)

			require.ErrorIs(t, (&secretRetireCommand{database: d}).Run(), seal.ErrOldSecret)
			require.ErrorIs(t, (&secretRetireCommand{database: now, Back: true}).Run(), seal.ErrNewSecret)
			require.NoError(t, (&secretRetireCommand{database: d, Back: true}).Run())
			starts(t, d, db, token, code)
			_, err = now.ring(t.Context(), db)
			require.ErrorIs(t, err, seal.ErrOtherSecret)

			require.NoError(t, rotate.Run())
			require.NoError(t, (&secretRetireCommand{database: now}).Run())
			require.NoError(t, (&secretRetireCommand{database: now}).Run(), "it is finished")
			starts(t, now, db, token, code)
			_, err = d.ring(t.Context(), db)
			require.ErrorIs(t, err, seal.ErrOtherSecret)
			require.NoFileExists(t, d.keyFile())
			require.Equal(t, []string{"rotate-secret done", "retire-secret done", "rotate-secret done", "retire-secret done"}, acts(t, db))
			require.NoError(t, (&secretStatusCommand{d}).Run(), "it needs no key")
			require.ErrorIs(t, (&secretDropCommand{database: d, ID: 2}).Run(), seal.ErrInUse)
		})
	}
}

// A file with the key of before is named to who needs it: for a backup that is older than
// the change.
func TestEarlierKeyIsNamed(t *testing.T) {
	t.Parallel()
	d := made(t)
	before, err := os.ReadFile(d.DB)
	require.NoError(t, err)
	require.NoError(t, (&secretRotateCommand{database: d}).Run())
	require.ErrorContains(t, (&secretRotateCommand{database: d, NewSecretKey: "x"}).Run(), "leave BELLMAN_NEW_SECRET_KEY out")
	require.NoError(t, (&secretRotateCommand{database: d}).Run(), "a second change")
	require.NoError(t, os.WriteFile(d.DB, before, 0o600))
	db, err := d.open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	stored, err := db.Secrets.Ring(t.Context())
	require.NoError(t, err)
	_, err = d.ring(t.Context(), db)
	require.ErrorContains(t, err, "it is in "+d.keyFileOf(stored.Pin))
	require.NoError(t, os.Rename(d.keyFileOf(stored.Pin), d.keyFile()))
	_, err = d.ring(t.Context(), db)
	require.NoError(t, err)
}

// A change that somebody began beside the SQLite file can be given up.
func TestFileIsTurnedBack(t *testing.T) {
	t.Parallel()
	d := made(t)
	db, err := d.open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	token, code := sealedIn(t, d, db)
	ring := starts(t, d, db, token, code)
	r := rotation{database: d, db: db, ring: ring, mine: ring.Secret(), out: io.Discard}
	for _, step := range r.steps()[:3] {
		require.NoError(t, step(t.Context()))
	}
	require.ErrorContains(t, (&secretRetireCommand{database: d}).Run(), "rotate again")
	require.NoError(t, os.Remove(d.newKeyFile()))
	require.ErrorIs(t, (&secretRotateCommand{database: d}).Run(), seal.ErrUnderWay, "the new key is gone")
	require.NoError(t, (&secretRetireCommand{database: d, Back: true}).Run())
	require.NoFileExists(t, d.newKeyFile())
	require.NoError(t, (&secretRotateCommand{database: d}).Run())
	starts(t, d, db, token, code)
}
