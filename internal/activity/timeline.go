package activity

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
)

// Kind is what an entry of a timeline tells of.
type Kind string

// The kinds of entries. Of two that happened in one millisecond, the one whose kind is
// further down is shown first.
const (
	// ChatBegan is a conversation with a bot.
	ChatBegan Kind = "chat"
	// JoinedGroup is a group that the contact came to, and is in.
	JoinedGroup Kind = "group"
	// Happened is an event.
	Happened Kind = "event"
	// Messaged is a message, or a change of one, when it had its outcome.
	Messaged Kind = "message"
	// Clicked is a link that was followed, or a button that was pressed.
	Clicked Kind = "click"
)

// Kinds are all of them, in their order.
var Kinds = []Kind{ChatBegan, JoinedGroup, Happened, Messaged, Clicked}

// Underway is the time of messages that have no outcome yet: they come before all else.
var Underway = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Moment is the place of an entry in a timeline.
type Moment struct {
	At   time.Time
	Kind Kind
	// Major, Minor and Key tell entries of one kind and one time apart: the campaign and the
	// recipient of a message, the bot and the chat, the id of a group or of an event, that of
	// a click.
	Major, Minor int64
	Key          string
}

// Compare returns a number above zero when m is later than o, and is shown before it.
func (m Moment) Compare(o Moment) int {
	return cmp.Or(m.At.Compare(o.At), cmp.Compare(slices.Index(Kinds, m.Kind), slices.Index(Kinds, o.Kind)),
		cmp.Compare(m.Major, o.Major), cmp.Compare(m.Minor, o.Minor), cmp.Compare(m.Key, o.Key))
}

// bound returns the moment below which the entries of a kind are that are behind m.
func (m Moment) bound(k Kind) Moment {
	switch order := cmp.Compare(slices.Index(Kinds, k), slices.Index(Kinds, m.Kind)); {
	case order < 0:
		return Moment{At: m.At, Kind: k, Major: math.MaxInt64, Minor: math.MaxInt64}
	case order > 0:
		return Moment{At: m.At, Kind: k, Major: math.MinInt64, Minor: math.MinInt64}
	}
	return m
}

// Entry is one thing in the timeline of a contact: the member that its kind names is set.
type Entry struct {
	Moment
	Message *Sent
	Click   *Follow
	Event   *event.Event
	Group   *audience.Group
	Chat    *contact.Chat
}

// Follow is a click or a press, with the campaign whose message had the link.
type Follow struct {
	ID       string
	Seq      int64
	Campaign Campaign
	Click    Click
	// Link is the address that was followed, without UTM parameters; empty for a press.
	Link string
}

// TimelineStore is what timelines need of the database. Each call returns up to limit
// entries of one kind that are below a bound, latest first.
type TimelineStore interface {
	// Changes returns the places of those recipients of campaigns that edit or delete what
	// was sent at the given places, in any order.
	Changes(ctx context.Context, places []Place) ([]Place, error)
	// Settled returns when the messages at those places had their outcome, as moments in any
	// order. One that has none has the time [Underway], and one that a
	// cancelled campaign will not send the time of its end.
	Settled(ctx context.Context, places []Place) ([]Moment, error)
	Follows(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error)
	EventsOf(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error)
	Joined(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error)
	Began(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error)
}

// Timeline returns up to limit entries of what happened to a contact, latest first, behind
// a moment, which is nil for the beginning. With kinds, it has those alone. Messages of
// broadcasts to chats that the contact does not have any more, and those of campaigns that
// are forgotten, are not in it; nor is what is not kept: groups that it has left.
func (s *Service) Timeline(
	ctx context.Context, workspaceID, contactID int64, kinds []Kind, after *Moment, limit int,
) (all []Entry, err error) {
	if limit < 1 || limit > MaxHistory+1 {
		return nil, fault.New(fault.Invalid, "limit_invalid", "ask for 1 to %d entries at once", MaxHistory).In("limit")
	}
	if after == nil {
		after = &Moment{At: Underway.Add(time.Millisecond), Kind: Clicked}
	}
	for _, source := range []struct {
		kind Kind
		read func(context.Context, int64, int64, Moment, int) ([]Entry, error)
	}{
		{Messaged, s.messages}, {Clicked, s.follows}, {Happened, s.store.EventsOf}, {JoinedGroup, s.store.Joined}, {ChatBegan, s.store.Began},
	} {
		if len(kinds) > 0 && !slices.Contains(kinds, source.kind) {
			continue
		}
		some, err := source.read(ctx, workspaceID, contactID, after.bound(source.kind), limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b Entry) int { return b.Compare(a.Moment) })
	return all[:min(limit, len(all))], nil
}

// messages returns the messages of a timeline. When each of them had its outcome has to be
// known before a page of them can be chosen.
func (s *Service) messages(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error) {
	places, err := s.store.Places(ctx, workspaceID, []int64{contactID})
	if err != nil {
		return nil, err
	}
	changes, err := s.store.Changes(ctx, places)
	if err != nil {
		return nil, err
	}
	moments, err := s.store.Settled(ctx, append(places, changes...))
	if err != nil {
		return nil, err
	}
	moments = slices.DeleteFunc(moments, func(m Moment) bool { return m.Compare(below) >= 0 })
	slices.SortFunc(moments, func(a, b Moment) int { return b.Compare(a) })
	moments = moments[:min(limit, len(moments))]
	places = make([]Place, len(moments))
	at := make(map[Place]Moment, len(moments))
	for i, m := range moments {
		places[i] = Place{m.Major, m.Minor}
		at[places[i]] = m
	}
	sent, err := s.store.PlacedDeliveries(ctx, workspaceID, places)
	if err != nil {
		return nil, err
	}
	if err := s.describe(ctx, sent); err != nil {
		return nil, err
	}
	entries := make([]Entry, len(sent))
	for i := range sent {
		sent[i].Delivery = sent[i].Delivery.In(sent[i].State)
		entries[i] = Entry{Moment: at[sent[i].Place], Message: &sent[i]}
	}
	return entries, nil
}

// follows returns the clicks of a timeline, with where they led.
func (s *Service) follows(ctx context.Context, workspaceID, contactID int64, below Moment, limit int) ([]Entry, error) {
	entries, err := s.store.Follows(ctx, workspaceID, contactID, below, limit)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, e := range entries {
		ids = append(ids, e.Click.Campaign.ID)
	}
	slices.Sort(ids)
	contents, err := s.campaigns.All(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if f := e.Click; !f.Click.Pressed && contents[f.Campaign.ID] != nil {
			f.Link = contents[f.Campaign.ID].Target(f.Click.Link, f.Click.Target)
		}
	}
	return entries, nil
}
