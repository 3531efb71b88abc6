package report

import (
	"time"

	"bellman/internal/fault"
)

// Interval is how long the time is that one row of a report covers.
type Interval string

// The intervals. Days are those of the calendar of a time zone: 23, 24 or 25 hours.
const (
	Total    Interval = "total"
	Daily    Interval = "day"
	Hourly   Interval = "hour"
	Quarters Interval = "quarter"
)

// Intervals are all of them.
var Intervals = []Interval{Total, Daily, Hourly, Quarters}

// spans divides the time into intervals, the first of which from lies in.
func (i Interval) spans(from, to time.Time, zone *time.Location) (all []Span, err error) {
	begin, next, err := i.steps(from.In(zone))
	if err != nil {
		return nil, err
	}
	if i == Total {
		return []Span{{begin, QuarterOf(to.Add(Quarter - 1))}}, nil
	}
	for begin.Before(to) {
		if len(all) == MostSpans {
			return nil, fault.New(fault.Invalid, "interval_too_short",
				"the time holds more than %d intervals: choose longer ones or a shorter time", MostSpans).In("interval")
		}
		end := next(begin)
		all = append(all, Span{begin.UTC(), end.UTC()})
		begin = end
	}
	return all, nil
}

// steps returns the beginning of the interval that a moment lies in, and what leads from
// one beginning to the next.
func (i Interval) steps(at time.Time) (begin time.Time, next func(time.Time) time.Time, err error) {
	every := Quarter
	switch i {
	case Total, Quarters:
	case Hourly:
		every = time.Hour
	case Daily:
		y, m, d := at.Date()
		day := 0
		of := func(day int) time.Time { return QuarterOf(time.Date(y, m, d+day, 0, 0, 0, 0, at.Location())) }
		return of(0), func(time.Time) time.Time { day++; return of(day) }, nil
	default:
		return begin, nil, fault.New(fault.Invalid, "interval_unknown", "there is no such interval: send one of %v", Intervals).In("interval")
	}
	_, offset := at.Zone()
	local := time.Duration(offset) * time.Second
	// Truncate counts from a full hour of UTC.
	begin = QuarterOf(at.UTC().Add(local).Truncate(every).Add(-local))
	return begin, func(t time.Time) time.Time { return t.Add(every) }, nil
}
