package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"time"

	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
	"bellman/internal/outcome"
)

// State is what a webhook does.
type State string

const (
	// Active webhooks are posted to.
	Active State = "active"
	// Paused webhooks are not: a person or Bellman has paused them. What happens is
	// recorded for them all the same, and posted when they are active again.
	Paused State = "paused"
)

// Webhook is an address to which a workspace's activities are posted.
type Webhook struct {
	ID          int64
	WorkspaceID int64
	Name        string
	// URL is http or https, without a login in it.
	URL string
	// Login is for Basic authentication; empty for none. SealedPassword is the
	// password, sealed under the installation's key.
	Login          string
	SealedPassword []byte
	// SealedSecrets are the secrets for signatures, sealed; nil for none.
	SealedSecrets []byte
	// Statuses are the statuses whose activities are posted.
	Statuses []outcome.Activity
	State    State
	// StateReason is why a webhook is paused: one of outcome.ByHand, AddressGone,
	// SecretUnreadable and Restored; empty for one that is active.
	StateReason outcome.Reason
	// Revision grows with each change.
	Revision int64
	// Attempts is how many attempts in a row have failed; LastError says in words
	// why the last one did, at FailedAt. NextAttemptAt is when the next one is due.
	// All are zero when the last attempt succeeded.
	Attempts      int
	LastError     string
	FailedAt      time.Time
	NextAttemptAt time.Time
	// MissedSince is since when activities are not recorded for the webhook, because
	// [MaxWaiting] wait; zero when they are. They are found again later.
	MissedSince time.Time
	// DeliveredAt is when the last array was accepted; zero for never.
	DeliveredAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Backlog describes the activities that wait to be posted.
type Backlog struct {
	// Waiting is the number of activities, counted up to [MaxCounted].
	Waiting int
	// Since is when the oldest of them happened; zero when there is none.
	Since time.Time
}

// MaxCounted is the number at which counting a backlog stops.
const MaxCounted = 100_000

// MaxWebhooks is how many webhooks a workspace may have: each activity is a row for
// each of them.
const MaxWebhooks = 20

// Store is what webhooks need of the database.
type Store interface {
	// NextWebhookID returns an id for a new webhook.
	NextWebhookID(ctx context.Context) (int64, error)
	// CreateWebhook writes a webhook, unless check returns an error for the
	// workspace's other ones.
	CreateWebhook(ctx context.Context, w Webhook, check func(others []Webhook) error) error
	// Webhook returns a webhook, or NotFound.
	Webhook(ctx context.Context, workspaceID, id int64) (Webhook, error)
	// Webhooks returns up to limit webhooks with ids above after, in their order.
	Webhooks(ctx context.Context, workspaceID, after int64, limit int) ([]Webhook, error)
	// ChangeWebhook writes what a person may change and, with retry, makes the
	// webhook due at once as if nothing had failed. It returns a Conflict when the
	// webhook has another revision, NotFound when it is gone, and what check, unless
	// it is nil, returns for the workspace's other webhooks.
	ChangeWebhook(ctx context.Context, w Webhook, retry bool, check func(others []Webhook) error) error
	// RetryWebhook makes a webhook due at once.
	RetryWebhook(ctx context.Context, id int64, now time.Time) error
	// DeleteWebhook hides a webhook at once, or returns NotFound.
	DeleteWebhook(ctx context.Context, workspaceID, id int64, now time.Time) error
	// Backlog returns the backlog of a webhook, counted up to most.
	Backlog(ctx context.Context, id int64, most int) (Backlog, error)
	// Attempts returns up to limit attempts of a webhook with ids below before,
	// newest first.
	Attempts(ctx context.Context, id, before int64, limit int) ([]Attempt, error)
	// ReplayAttempt adds the activities of an attempt that was accepted to those that
	// wait. found is false when no such attempt is kept.
	ReplayAttempt(ctx context.Context, id, attemptID int64) (found bool, err error)
	// AddReplay adds the replay of a time, which begins when it is due, unless as many
	// as most wait: then added is false.
	AddReplay(ctx context.Context, id int64, r Replay, due time.Time, most int) (added bool, err error)
}

// Address is where a call goes, with the login and password for it.
type Address struct {
	URL             string
	Login, Password string
}

// Caller makes the calls.
type Caller interface {
	// Probe makes a GET request to the address. nil means an answer from 200 to
	// 299. Its error is as that of [Answer].
	Probe(ctx context.Context, to Address) error
	// Post sends an array. Only the status 200 accepts it.
	Post(ctx context.Context, to Address, m Message) Answer
}

// Sealer keeps passwords unreadable in the database; seal.Ring implements it. A
// value sealed for one number cannot be unsealed for another.
type Sealer interface {
	Seal(secret string, number int64) []byte
	Unseal(sealed []byte, number int64) (string, error)
}

// PasswordNumber returns the number for which a webhook's password is sealed: bots use
// the positive numbers.
func PasswordNumber(id int64) int64 { return -id }

// Service manages webhooks.
type Service struct {
	store  Store
	call   Caller
	seal   Sealer
	now    func() time.Time
	random io.Reader
}

// New returns a service over the store, with the given clock; a nil random means the
// system's source of randomness.
func New(store Store, call Caller, seal Sealer, now func() time.Time, random io.Reader) *Service {
	if random == nil {
		random = rand.Reader
	}
	return &Service{store: store, call: call, seal: seal, now: now, random: random}
}

// ErrNotFound is returned for a webhook that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "webhook_not_found", "there is no webhook with this id")

// ErrChanged is returned when somebody else changed the webhook meanwhile.
var ErrChanged = fault.New(fault.Conflict, "webhook_changed",
	"somebody else has just changed this webhook: look at it and try again")

// Draft is a webhook to be created.
type Draft struct {
	// Name is 1 to 200 characters.
	Name string
	URL  string
	// Login and Password are for Basic authentication; both empty for none.
	Login, Password string
	// Statuses may be empty, which means all.
	Statuses []outcome.Activity
	// State may be empty, which means active.
	State State
}

// Create makes a GET request to the address, and creates the webhook when the
// answer is good. An address that is malformed or does not answer is Invalid, as
// are unknown statuses; an address that another webhook of the workspace has is a
// Conflict, as are more than [MaxWebhooks].
func (s *Service) Create(ctx context.Context, workspaceID int64, d Draft) (Webhook, error) {
	if id, ok := idempotency.EarlierID(ctx); ok {
		return s.store.Webhook(ctx, workspaceID, id)
	}
	if len(d.Statuses) == 0 {
		d.Statuses = outcome.Activities
	}
	statuses, err := checkStatuses(d.Statuses)
	if err != nil {
		return Webhook{}, err
	}
	state, err := checkState(cmp.Or(d.State, Active))
	if err != nil {
		return Webhook{}, err
	}
	if err := message.CheckName(d.Name); err != nil {
		return Webhook{}, err
	}
	to, err := cleanAddress(Address{d.URL, d.Login, d.Password})
	if err != nil {
		return Webhook{}, err
	}
	if err := s.probe(ctx, to); err != nil {
		return Webhook{}, err
	}
	id, err := s.store.NextWebhookID(audit.Apart(ctx))
	if err != nil {
		return Webhook{}, err
	}
	now := s.now()
	w := Webhook{
		ID: id, WorkspaceID: workspaceID, Name: d.Name, URL: to.URL, Login: to.Login, Statuses: statuses,
		State: Active, CreatedAt: now, UpdatedAt: now,
	}
	w.turn(state)
	if to.Login != "" {
		w.SealedPassword = s.seal.Seal(to.Password, PasswordNumber(id))
	}
	audit.Became(ctx, w.facts())
	return w, s.store.CreateWebhook(ctx, w, func(others []Webhook) error {
		if len(others) >= MaxWebhooks {
			return fault.New(fault.Conflict, "webhooks_full", "a workspace has %d webhooks at most: delete one first", MaxWebhooks)
		}
		return unshared(w.URL, others)
	})
}

// Get returns a webhook and its backlog; NotFound when the workspace has no such
// webhook.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Webhook, Backlog, error) {
	w, err := s.store.Webhook(ctx, workspaceID, id)
	if err != nil {
		return w, Backlog{}, err
	}
	b, err := s.Backlog(ctx, w)
	return w, b, err
}

// Backlog returns the backlog of a webhook.
func (s *Service) Backlog(ctx context.Context, w Webhook) (Backlog, error) {
	return s.store.Backlog(ctx, w.ID, MaxCounted)
}

// List returns up to limit webhooks with ids above after, in their order.
func (s *Service) List(ctx context.Context, workspaceID, after int64, limit int) ([]Webhook, error) {
	return s.store.Webhooks(ctx, workspaceID, after, limit)
}

// facts are what the audit log tells of a webhook: of its address, the server alone, as
// the rest of it may be a secret.
func (w Webhook) facts() audit.Facts {
	statuses := make([]string, len(w.Statuses))
	for i, s := range w.Statuses {
		statuses[i] = string(s)
	}
	return audit.Facts{"name": w.Name, "server": server(w.URL), "statuses": statuses, "state": string(w.State)}
}

// Delete removes a webhook and its backlog; NotFound when the workspace has no such
// webhook.
func (s *Service) Delete(ctx context.Context, workspaceID, id int64) error {
	return s.store.DeleteWebhook(ctx, workspaceID, id, s.now())
}

// Probe makes a GET request to a webhook's address. refused describes a bad answer;
// it is nil when the answer is good, and then the backlog is posted at once.
func (s *Service) Probe(ctx context.Context, workspaceID, id int64) (refused, err error) {
	w, err := s.store.Webhook(ctx, workspaceID, id)
	if err != nil {
		return nil, err
	}
	to, err := s.address(w)
	if err != nil {
		return nil, err
	}
	if refused := s.call.Probe(ctx, to); refused != nil {
		return refused, nil
	}
	return nil, s.store.RetryWebhook(ctx, id, s.now())
}

func (s *Service) probe(ctx context.Context, to Address) error {
	if err := s.call.Probe(ctx, to); err != nil {
		return fault.New(fault.Invalid, "webhook_unreachable",
			"the address was asked with GET and %s; make it answer 200 there, and to POST", err).In("url")
	}
	return nil
}

func (s *Service) address(w Webhook) (Address, error) { return address(w, s.seal) }

// address returns a webhook's address, with its password.
func address(w Webhook, seal Sealer) (Address, error) {
	to := Address{URL: w.URL, Login: w.Login}
	if w.Login == "" {
		return to, nil
	}
	password, err := seal.Unseal(w.SealedPassword, PasswordNumber(w.ID))
	if err != nil {
		return to, errUnreadable("password", "the webhook's password was kept under another secret key: give it again", err)
	}
	to.Password = password
	return to, nil
}

// errUnreadable is returned for what the installation's keys do not open. What they do
// not open at the moment is another matter.
func errUnreadable(field, text string, cause error) error {
	if fault.KindOf(cause) == fault.Unavailable {
		return cause
	}
	return fault.New(fault.Conflict, string(outcome.SecretUnreadable), "%s", text).In(field).Because(cause)
}
