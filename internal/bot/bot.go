package bot

import (
	"context"
	"strconv"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/contact"
	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// State is whether a bot sends.
type State string

// The states of a bot.
const (
	// Active bots send.
	Active State = "active"
	// Paused bots do not send, because Telegram refuses their token: connect the
	// bot again with a new one.
	Paused State = "paused"
	// Disconnected bots have no token any more and send nothing. Their subscribers are kept
	// for when they are connected again.
	Disconnected State = "disconnected"
)

// Bot is a connected Telegram bot.
type Bot struct {
	ID          int64
	WorkspaceID int64
	// AppUUID is the bot's public id, the app_uuid of the integration API. It
	// never changes.
	AppUUID string
	// TelegramID is the bot's own user id.
	TelegramID int64
	// Username is without the @.
	Username string
	Name     string
	// SealedToken is the token, sealed for its TelegramID.
	SealedToken []byte
	// APIURL is the Bot API server of this bot; empty means the installation's.
	APIURL      string
	State       State
	StateReason outcome.Reason
	// RatePerSecond is the bot's own limit of messages a second; zero means the
	// installation's.
	RatePerSecond float64
	// PaidBroadcast is true when campaigns which allow it may be sent above the
	// free limit, for Telegram Stars. PaidRefusedUntil is set after Telegram
	// refused that, most likely for lack of Stars.
	PaidBroadcast    bool
	PaidRefusedUntil time.Time
	// PausedUntil is until when nothing is sent, because Telegram asked the bot to
	// wait (429) or gives no usable answer, and PausedReason which of the two; zero
	// and empty otherwise.
	PausedUntil  time.Time
	PausedReason outcome.Reason
	// Subscribers is the number of chats on record.
	Subscribers int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Profile is what Telegram says about a bot.
type Profile struct {
	TelegramID int64
	Username   string
	Name       string
}

// Store is what bot needs of the database.
type Store interface {
	// Save creates the bot, or replaces token, names, address and state of the one
	// with the same TelegramID, and continues campaigns that were paused because of
	// the bot. It returns the bot as stored. A bot that another workspace has
	// connected is a Conflict.
	Save(ctx context.Context, b Bot) (Bot, error)
	// ChangeLimits lets change decide on the rate and the paid broadcasts of a bot, under the
	// lock of its row, writes them, and removes a refusal of the latter. NotFound means that the
	// workspace has no such bot.
	ChangeLimits(ctx context.Context, workspaceID, id int64, change func(*Bot) error) (Bot, error)
	// Find returns a bot, or NotFound.
	Find(ctx context.Context, workspaceID, id int64) (Bot, error)
	// FindByUUID returns the bot with the given app_uuid, or NotFound.
	FindByUUID(ctx context.Context, workspaceID int64, appUUID string) (Bot, error)
	// List returns the bots that pass the filter, oldest first.
	List(ctx context.Context, workspaceID int64, f Filter) ([]Bot, error)
	// Count returns how many bots pass the filter, whatever its page.
	Count(ctx context.Context, workspaceID int64, f Filter) (int64, error)
	// Uses returns what is in the way of disconnecting a bot, and what it would end.
	Uses(ctx context.Context, workspaceID, id int64) (Uses, error)
	// Disconnect removes the token of a bot and pauses what it sends as things happen, unless
	// allow refuses what it is used for. NotFound means that the workspace has no such bot.
	Disconnect(ctx context.Context, workspaceID, id int64, now time.Time, allow func(Uses) error) error
}

// Telegram is what bot needs of Telegram.
type Telegram interface {
	// GetMe returns the profile of the bot that the token belongs to. A token
	// that Telegram refuses is Invalid; no usable answer is Unavailable.
	GetMe(ctx context.Context, apiURL, token string) (Profile, error)
}

// Sealer keeps tokens unreadable in the database, each bound to a number; seal.Ring
// implements it.
type Sealer interface {
	Seal(secret string, number int64) []byte
}

// Service connects bots and lists them.
type Service struct {
	store    Store
	telegram Telegram
	seal     Sealer
	now      func() time.Time
	newUUID  func() string
}

// New returns a service. now is the clock, newUUID makes app_uuids.
func New(store Store, telegram Telegram, seal Sealer, now func() time.Time, newUUID func() string) *Service {
	return &Service{store: store, telegram: telegram, seal: seal, now: now, newUUID: newUUID}
}

// ErrNotFound is returned for a bot that the workspace does not have.
var ErrNotFound = fault.New(fault.NotFound, "bot_not_found", "there is no bot with this id")

// Connect checks the token with Telegram and stores the bot. A bot that is
// connected already gets the new token and keeps its app_uuid and its subscribers.
// The token may stand in a text, such as the message of @BotFather; several are Invalid.
// A token that is malformed or refused is Invalid, and nothing is stored. apiURL
// names the bot's own Bot API server; empty means the installation's.
func (s *Service) Connect(ctx context.Context, workspaceID int64, token, apiURL string) (Bot, error) {
	token, err := findToken(token)
	if err != nil {
		return Bot{}, err
	}
	id, err := parseToken(token)
	if err != nil {
		return Bot{}, err
	}
	if apiURL, err = cleanAPIURL(apiURL); err != nil {
		return Bot{}, err
	}
	profile, err := s.telegram.GetMe(ctx, apiURL, token)
	if err != nil {
		return Bot{}, err
	}
	if profile.TelegramID != id {
		return Bot{}, fault.New(fault.Invalid, "token_foreign",
			"the server answered for bot %d, the token is of bot %d: check apiUrl", profile.TelegramID, id).In("token")
	}
	now := s.now()
	audit.Became(ctx, audit.Facts{"username": profile.Username, "telegramId": profile.TelegramID})
	return s.store.Save(ctx, Bot{
		WorkspaceID: workspaceID,
		AppUUID:     s.newUUID(),
		TelegramID:  profile.TelegramID,
		Username:    profile.Username,
		Name:        profile.Name,
		SealedToken: s.seal.Seal(token, profile.TelegramID),
		APIURL:      apiURL,
		State:       Active,
		CreatedAt:   now,
		UpdatedAt:   now,
	})
}

// Get returns a bot; NotFound when the workspace has no such bot.
func (s *Service) Get(ctx context.Context, workspaceID, id int64) (Bot, error) {
	return s.store.Find(ctx, workspaceID, id)
}

// Limits is a change of how fast a bot may send; nil leaves a limit unchanged.
type Limits struct {
	// RatePerSecond is above zero and at most [MaxRate]; zero means the
	// installation's.
	RatePerSecond *float64
	PaidBroadcast *bool
}

// limits are what the audit log tells of them.
func (b Bot) limits() audit.Facts {
	return audit.Facts{"ratePerSecond": b.RatePerSecond, "paidBroadcast": b.PaidBroadcast}
}

// MaxRate is how many messages a second Telegram accepts from a bot that does not
// pay (bot FAQ).
const MaxRate = 30

// UpdateLimits changes how fast a bot may send; the change takes effect while the
// bot sends, within a few seconds. unless, asked under the lock of the change with the bot as
// it is, can refuse it; nil for no refusal.
func (s *Service) UpdateLimits(ctx context.Context, workspaceID, id int64, change Limits, unless func(Bot) error) (Bot, error) {
	return s.store.ChangeLimits(ctx, workspaceID, id, func(b *Bot) error {
		if b.State == Disconnected {
			return ErrNotFound
		}
		if unless != nil {
			if err := unless(*b); err != nil {
				return err
			}
		}
		audit.Was(ctx, b.limits())
		if change.RatePerSecond != nil {
			b.RatePerSecond = *change.RatePerSecond
			if !(b.RatePerSecond >= 0 && b.RatePerSecond <= MaxRate) {
				return fault.New(fault.Invalid, "rate_invalid",
					"write a number above 0 and up to %d, or 0 for the installation's; only paid broadcasts go faster", MaxRate).In("ratePerSecond")
			}
		}
		if change.PaidBroadcast != nil {
			b.PaidBroadcast = *change.PaidBroadcast
		}
		audit.Became(ctx, b.limits())
		b.UpdatedAt = s.now()
		return nil
	})
}

// ByUUID returns the bot with the given app_uuid; NotFound when the workspace
// has no such bot.
func (s *Service) ByUUID(ctx context.Context, workspaceID int64, appUUID string) (Bot, error) {
	return s.store.FindByUUID(ctx, workspaceID, appUUID)
}

// Filter says which bots of a workspace are listed.
type Filter struct {
	// States are those that are wanted; none for all that are connected.
	States []State
	// Search is text, folded, that their names or usernames contain; empty for any.
	Search string
	// After is an id that theirs are above.
	After int64
	Limit int
}

// Fits reports whether a bot has the text of the search.
func (f Filter) Fits(b Bot) bool {
	return f.Search == "" || strings.Contains(contact.Fold(b.Name), f.Search) || strings.Contains(contact.Fold(b.Username), f.Search)
}

// List returns the bots of the workspace that pass the filter, oldest first.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter) ([]Bot, error) {
	return s.store.List(ctx, workspaceID, f)
}

// Count returns how many bots of the workspace pass the filter, on all pages.
func (s *Service) Count(ctx context.Context, workspaceID int64, f Filter) (int64, error) {
	return s.store.Count(ctx, workspaceID, f)
}

// maxToken is the longest token that a Bot API server accepts, in bytes.
const maxToken = 80

// parseToken returns the bot's user id, with which a token begins. The form is that
// of the Bot API server: digits without a leading zero, a colon, and letters,
// digits, _ or -.
//
// spec: tg-token-shape
func parseToken(token string) (int64, error) {
	bad := fault.New(fault.Invalid, "token_malformed",
		"this is not a bot token: copy the whole line from @BotFather, such as 123456789:AAE…").In("token")
	number, secret, ok := strings.Cut(token, ":")
	if !ok || secret == "" || len(token) > maxToken || strings.HasPrefix(number, "0") {
		return 0, bad
	}
	foreign := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || number[0] == '+' || strings.ContainsFunc(secret, foreign) {
		return 0, bad
	}
	return id, nil
}
