// Package report sums up what happened over time. The sums are kept as things happen,
// by quarters of an hour, in the transactions that record them: a report reads a few
// rows, however many messages there were.
package report

import (
	"context"
	"time"

	"bellman/internal/fault"
	"bellman/internal/outcome"
)

// Quarter is the time that a sum covers, from a full quarter of an hour on. Every
// offset of a time zone that is in use is a multiple of it.
const Quarter = 15 * time.Minute

// QuarterOf returns the beginning of the quarter of an hour that a moment lies in.
func QuarterOf(t time.Time) time.Time { return t.UTC().Truncate(Quarter) }

// What is a kind of thing that is counted.
type What string

// What is counted. Messages are counted when they are settled, test sends never.
const (
	// Sent, Failed, Skipped and Unknown are messages, by their outcome.
	Sent    = What(outcome.Sent)
	Failed  = What(outcome.Failed)
	Skipped = What(outcome.Skipped)
	Unknown = What(outcome.Unknown)
	// Clicked is a recipient who clicked, once, at the first click.
	Clicked What = "clicked"
	// Subscribed is a chat that came on record, Left one that is no longer: its owner
	// blocked the bot, its contact was deleted, or a group got a new id. What has come
	// less what has left is how many chats there are.
	Subscribed What = "subscribed"
	Left       What = "left"
)

// Dimension is something by which a report can be divided.
type Dimension string

// The dimensions. Chats have neither a message nor a kind.
const (
	ByBot     Dimension = "bot"
	ByMessage Dimension = "message"
	ByKind    Dimension = "kind"
)

// Dimensions are all of them.
var Dimensions = []Dimension{ByBot, ByMessage, ByKind}

// Filter limits a report; what is zero does not.
type Filter struct {
	BotID     int64
	MessageID int64
	// Kind is the kind of campaigns: broadcast or triggered.
	Kind string
}

// Query is what a report is asked.
type Query struct {
	Filter
	// From and To are the time, which is extended to whole intervals.
	From, To time.Time
	Interval Interval
	// Zone is where days and hours begin.
	Zone *time.Location
	// By divides the report.
	By []Dimension
}

// Span is a time from From on and before To.
type Span struct{ From, To time.Time }

// Count is how often something happened in a span, with the dimensions that the report
// is divided by; the others are zero.
type Count struct {
	// Place is the place of the span in the list that was asked for.
	Place     int
	BotID     int64
	MessageID int64
	Kind      string
	What      What
	// Reason is why a message was not sent, or may not have been; else empty.
	Reason outcome.Reason
	N      int64
}

// Store is what report needs of the database.
type Store interface {
	// Stats counts what happened in the spans, of which there is at least one. They begin and
	// end with quarters of an hour, and each begins where the one before it ends. What is
	// the same but for N may come in several counts.
	Stats(ctx context.Context, workspaceID int64, spans []Span, f Filter, by []Dimension) ([]Count, error)
}

// Row is one line of a report.
type Row struct {
	Span
	BotID     int64
	MessageID int64
	Kind      string
	// Counts has what happened at all.
	Counts map[What]int64
	// Reasons are those of messages that were not sent, or may not have been, the most
	// frequent ones first.
	Reasons []Reason
}

// Reason is how many messages had an outcome for a reason.
type Reason struct {
	Status What
	Reason outcome.Reason
	N      int64
}

// Service makes reports.
type Service struct{ store Store }

// New returns a service over the store.
func New(store Store) *Service { return &Service{store} }

// MostSpans is how many intervals a report has at most.
const MostSpans = 1000

// Report returns the rows of a report in the order of time. One that is not divided has
// a row for each interval; a divided one has only rows of what happened. A time that does
// not go forward, one that holds more than [MostSpans] intervals, and an unknown
// interval are Invalid.
func (s *Service) Report(ctx context.Context, workspaceID int64, q Query) ([]Row, error) {
	if !q.To.After(q.From) {
		return nil, fault.New(fault.Invalid, "time_reversed", "the time ends before it begins: send a later to or an earlier from").In("to")
	}
	spans, err := q.Interval.spans(q.From, q.To, q.Zone)
	if err != nil {
		return nil, err
	}
	counts, err := s.store.Stats(ctx, workspaceID, spans, q.Filter, q.By)
	if err != nil {
		return nil, err
	}
	return rows(spans, counts, len(q.By) == 0), nil
}
