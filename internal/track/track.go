package track

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/summary"
	"bellman/internal/workspace"
)

// Store is what track needs of the database.
type Store interface {
	// RecordClicks stores clicks, marks their recipients as having clicked, and
	// counts those who had not before, all or nothing. A click that is stored
	// already, by its id or by its callback query, is skipped.
	RecordClicks(ctx context.Context, clicks []Click) error
	// PressedDelivery returns the campaign, seq and contact of the message that
	// a bot sent to a chat with buttons that send callback data, or
	// [ErrNotPressable].
	PressedDelivery(ctx context.Context, p Press) (Click, error)
	// Clicks returns up to limit clicks of a campaign with ids below before, newest
	// first; an empty before begins at the newest.
	Clicks(ctx context.Context, campaignID int64, before string, limit int) ([]Click, error)
	// LinkCounts returns the numbers for the links that were followed.
	LinkCounts(ctx context.Context, campaignID int64) ([]LinkCount, error)
	// HourlyClicks counts the clicks of a campaign, and those who clicked for the first time,
	// from one moment on and before the other, by the hours since the first; hours without any
	// are left out.
	HourlyClicks(ctx context.Context, campaignID int64, from, to time.Time) ([]Hour, error)
}

// Config is what a service needs. Every field is required, except those that say
// otherwise.
type Config struct {
	Store Store
	// Campaigns knows where links lead.
	Campaigns *summary.Cache
	// Signer reads the codes.
	Signer *Signer
	// Spool is the directory where clicks are kept while the database does not take
	// them; it is created if necessary. Processes may share it.
	Spool string
	// NewID returns a UUID of version 7.
	NewID func() string
	Now   func() time.Time
	// Observe is notified of what happens to clicks; nil when nobody observes.
	Observe Observer
	Log     *slog.Logger
}

// Service redirects people, records their clicks, and reports them. It is safe for
// concurrent use.
type Service struct {
	Config
	recorder *recorder
	agents   agents
}

// New returns a service, which holds the spool until [Service.Run] ends. It fails
// when the spool's directory cannot be used.
func New(c Config) (*Service, error) {
	if c.Observe == nil {
		c.Observe = unobserved{}
	}
	spool, err := openSpool(c.Spool, c.NewID)
	if err != nil {
		return nil, err
	}
	return &Service{
		Config:   c,
		recorder: newRecorder(c.Store, spool, c.Observe, c.Log),
	}, nil
}

// Run records clicks, stores those in the spool, and reads new launches, until the
// context ends and all clicks that have arrived are durable. It is called once. It
// must run while there are calls of Follow and Press, and so must end after the
// server that makes them: a later click is not counted.
func (s *Service) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { s.keepUp(ctx) })
	s.recorder.run(ctx)
	running.Wait()
	return s.recorder.spool.close()
}

// Warm reads the links of the campaigns of the last 30 days, up to 10,000, so
// that they work without the database from then on. Call it before the first Follow.
func (s *Service) Warm(ctx context.Context) error { return s.Campaigns.Refresh(ctx) }

// Visit is a request for a link.
type Visit struct {
	Code      string
	UserAgent string
	// Passive is true when nobody asked to see the page: it is fetched in advance,
	// or only its headers are.
	Passive bool
}

// Follow returns the http or https address that a link leads to. When a person
// follows it, the click is durable before Follow returns; if it cannot be made
// durable, that is logged, and Follow returns nevertheless. A code that leads
// nowhere is [ErrCode]; when its target is unknown at present, the error is
// Unavailable.
func (s *Service) Follow(ctx context.Context, v Visit) (string, error) {
	code, err := s.Signer.Read(v.Code)
	if err != nil {
		return "", err
	}
	c, err := s.Campaigns.Get(ctx, code.CampaignID)
	if errors.Is(err, summary.ErrNotFound) {
		return "", ErrCode
	}
	if err != nil {
		// A personal link contains its target.
		to, ok := message.WebAddress(code.Target)
		if !ok {
			return "", errTarget.Because(err)
		}
		s.count(code, v)
		return to, nil
	}
	to, language, ok := target(c, code)
	if !ok {
		return "", ErrCode
	}
	s.count(code, v)
	if c.NoUTM {
		return to, nil
	}
	return c.UTM.Add(to, &workspace.Occasion{
		Triggered: c.Triggered, MessageID: c.MessageID, MessageName: c.MessageName, MessageTags: c.Tags,
		Language: language, CampaignID: c.ID, ContactID: code.ContactID, LaunchedAt: c.LaunchedAt,
	}), nil
}

// count records the click when a person made it.
func (s *Service) count(c Code, v Visit) {
	if v.Passive {
		return
	}
	visitor := s.agents.of(v.UserAgent)
	if !visitor.person {
		return
	}
	// The recorder has reported a failure, for which a person does not have to
	// wait.
	_ = s.recorder.record(Click{
		ID: s.NewID(), CampaignID: c.CampaignID, Seq: c.Seq, ContactID: c.ContactID, Link: c.Link, Target: c.Target,
		Agent: visitor.family, At: s.Now(),
	})
}

// Press is a button under a message that was pressed and sent callback data.
type Press struct {
	// BotID is Bellman's id of the bot.
	BotID     int64
	ChatID    int64
	MessageID int64
	// QueryID is Telegram's id of the callback query; the same one counts once.
	QueryID string
	Data    string
}

// ErrNotPressable is returned for a message that Bellman did not send with
// buttons that send callback data.
var ErrNotPressable = fault.New(fault.NotFound, "message_not_pressable",
	"this message was not sent by a campaign of this bot, or has no buttons that send data")

// Press records that a recipient pressed a button, and returns once that is
// durable. It returns false for a message that Bellman did not send so.
func (s *Service) Press(ctx context.Context, p Press) (bool, error) {
	c, err := s.Store.PressedDelivery(ctx, p)
	if errors.Is(err, ErrNotPressable) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.ID, c.Press, c.Data, c.At = s.NewID(), p.QueryID, p.Data, s.Now()
	if err := s.recorder.record(c); err != nil {
		return false, errUnrecorded.Because(err)
	}
	return true, nil
}

var errUnrecorded = fault.New(fault.Unavailable, "press_not_recorded", "the press could not be recorded; try again shortly")
