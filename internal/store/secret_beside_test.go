package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/bot"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/track"
	"bellman/internal/webhook"
)

// telegram knows every bot by its token, which begins with its id.
type telegram struct{}

func (telegram) GetMe(_ context.Context, _, token string) (p bot.Profile, err error) {
	_, err = fmt.Sscanf(token, "%d:", &p.TelegramID)
	return p, err
}

// desk is what a process of an installation does with its keys.
type desk struct {
	ring   *seal.Ring
	bots   *bot.Service
	hooks  *webhook.Service
	people *access.People
	links  *track.Signer
}

func newDesk(t *testing.T, s *store.DB, secret func() (seal.Secret, error)) *desk {
	t.Helper()
	ring, err := seal.Open(t.Context(), s.Secrets, secret)
	require.NoError(t, err)
	return &desk{
		ring, bot.New(s.Bots, telegram{}, ring, time.Now, uuid.NewString), webhook.New(s.Webhooks, nil, ring, time.Now, nil),
		access.NewPeople(s.People, time.Now, ring), track.NewSigner(ring),
	}
}

const besideUsers = 3

// furnishBeside stores users and a webhook.
func furnishBeside(t *testing.T, s *store.DB) {
	t.Helper()
	for id := range besideUsers {
		store.ExecForTest(t, s, fmt.Sprintf(`INSERT INTO users (id, email, name, password, installer, created_at)
			VALUES (%d, 'o%d@x.test', 'O', '', TRUE, 1)`, id+1, id+1))
	}
	w := webhook.Webhook{ID: 1, WorkspaceID: 1, Name: "w", URL: "https://x.test", State: webhook.Active, CreatedAt: start, UpdatedAt: start}
	require.NoError(t, s.Webhooks.CreateWebhook(t.Context(), w, func([]webhook.Webhook) error { return nil }))
}

// told is what was told by who wrote it.
type told struct {
	mu      sync.Mutex
	tokens  map[int64]string
	factors map[int64]string
	hook    string
	codes   []string
}

// work does one thing of each kind: a bot gets a new token, a person an authenticator, the
// webhook a secret; a link is made and followed.
func (k *told) work(ctx context.Context, o *desk, user int64, n int) error {
	id := user*1000 + int64(n%4)
	token := fmt.Sprintf("%d:token-%d", id, n)
	if _, err := o.bots.Connect(ctx, 1, token, ""); err != nil {
		return err
	}
	caller := access.Caller{User: &access.User{ID: user, Email: "o@x.test"}, Session: access.Session{}}
	drafted, err := o.people.DraftAuthenticator(ctx, caller)
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(drafted.Secret, time.Now())
	if err != nil {
		return err
	}
	if _, err := o.people.ConfirmAuthenticator(ctx, caller, code); err != nil {
		return err
	}
	hook, _, err := o.hooks.Rotate(ctx, 1, 1)
	if err != nil && !errors.Is(err, webhook.ErrChanged) {
		return err
	}
	link := o.links.Mint(track.Code{CampaignID: 1, Seq: int64(n)})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tokens[id], k.factors[user] = token, drafted.Secret
	if hook != "" {
		k.hook = hook
	}
	k.codes = append(k.codes, link)
	for _, old := range k.codes {
		if _, err := o.links.Read(old); err != nil {
			return err
		}
	}
	return nil
}

// The secret key is changed over and over, and cut off now and then, while two processes
// connect bots, change secrets of webhooks, confirm authenticators and follow links. Nothing
// fails, and in the end all that was told is what is stored, under the newest key.
func TestSecretKeyIsChangedBesideWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		furnishBeside(t, s)
		var secret atomic.Pointer[seal.Secret]
		first := seal.RandomSecret()
		secret.Store(&first)
		source := func() (seal.Secret, error) { return *secret.Load(), nil }
		k := &told{tokens: map[int64]string{}, factors: map[int64]string{}}
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		defer working.Wait() // also when the test fails in between
		defer stop()
		// Each has a word for who waits for a round of a process; it is closed when that ends.
		rounds := []chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1)}
		for user := range int64(2) {
			o, round := newDesk(t, s, source), rounds[user]
			working.Go(func() { o.ring.Run(ctx, slog.New(slog.DiscardHandler)) })
			working.Go(func() {
				defer close(round)
				for n := 0; ctx.Err() == nil; n++ {
					if err := k.work(context.WithoutCancel(ctx), o, user+1, n); err != nil {
						t.Errorf("process %d: %v", user+1, err)
						return
					}
					select {
					case round <- struct{}{}:
					default:
					}
				}
			})
		}
		for range 4 {
			fresh := seal.RandomSecret()
			for cut := range 3 {
				ring, err := openRing(t.Context(), s, *secret.Load())
				require.NoError(t, err)
				require.NoError(t, ring.Rotate(t.Context(), fresh))
				limit, cancel := context.WithTimeout(t.Context(), time.Duration(cut+1)*3*time.Millisecond)
				_, err = ring.Reseal(limit)
				require.True(t, err == nil || limit.Err() != nil, err)
				cancel()
			}
			secret.Store(&fresh)
			ring, err := openRing(t.Context(), s, fresh)
			require.NoError(t, err)
			require.NoError(t, ring.Retire(t.Context(), fresh, false))
			for range 2 { // the first word may be of a round before
				for _, round := range rounds {
					<-round
				}
			}
		}
		stop()
		working.Wait()
		k.check(t, s, *secret.Load())
	})
}

// check compares what was told with what is stored, as a process finds it that starts now.
func (k *told) check(t *testing.T, s *store.DB, secret seal.Secret) {
	t.Helper()
	ctx := t.Context()
	o := newDesk(t, s, func() (seal.Secret, error) { return secret, nil })
	done, err := o.ring.Reseal(ctx)
	require.NoError(t, err)
	require.Zero(t, done.Unreadable)
	status, err := seal.Look(ctx, s.Secrets)
	require.NoError(t, err)
	require.Len(t, status.Keys, 5)
	require.Len(t, status.Blobs, 1)
	require.NotEmpty(t, status.Blobs[5])
	bots, err := s.Bots.List(ctx, 1, bot.Filter{Limit: 100})
	require.NoError(t, err)
	require.Len(t, bots, len(k.tokens))
	for _, b := range bots {
		plain, err := o.ring.Unseal(b.SealedToken, b.TelegramID)
		require.NoError(t, err)
		require.Equal(t, k.tokens[b.TelegramID], plain)
	}
	for user, want := range k.factors {
		require.NoError(t, s.People.ChangeFactor(ctx, user, func(f access.Factor) (access.Factor, error) {
			plain, err := o.ring.Unseal(f.Sealed, access.FactorNumber(user))
			require.NoError(t, err)
			require.Equal(t, want, plain)
			return f, nil
		}))
	}
	w, err := s.Webhooks.Webhook(ctx, 1, 1)
	require.NoError(t, err)
	plain, err := o.ring.Unseal(w.SealedSecrets, webhook.SecretsNumber(1))
	require.NoError(t, err)
	require.Contains(t, plain, k.hook)
	require.NotEmpty(t, k.codes)
	for _, code := range k.codes {
		_, err := o.links.Read(code)
		require.NoError(t, err)
	}
}
