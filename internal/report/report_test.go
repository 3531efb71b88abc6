package report

import (
	"context"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, on every machine

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		every    Interval
		zone     string
		from, to string
		want     []string // where they begin, and where the last one ends
	}{
		"all of it": {Total, "Europe/Kyiv", "2026-03-01T10:07:00Z", "2026-03-02T10:16:00Z",
			[]string{"2026-03-01T10:00:00Z", "2026-03-02T10:30:00Z"}},
		"quarters": {Quarters, "UTC", "2026-03-01T10:07:00Z", "2026-03-01T10:30:00Z",
			[]string{"2026-03-01T10:00:00Z", "2026-03-01T10:15:00Z", "2026-03-01T10:30:00Z"}},
		"hours where they begin at a quarter": {
			Hourly, "Asia/Kathmandu", "2026-03-01T10:07:00Z", "2026-03-01T11:00:00Z",
			[]string{"2026-03-01T09:15:00Z", "2026-03-01T10:15:00Z", "2026-03-01T11:15:00Z"},
		},
		"days in Kyiv, one of which has 23 hours": {
			Daily, "Europe/Kyiv", "2026-03-28T12:00:00Z", "2026-03-29T21:30:00Z",
			[]string{"2026-03-27T22:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z", "2026-03-30T21:00:00Z"},
		},
		"a day that has no midnight": {
			Daily, "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z",
			[]string{"2026-04-22T22:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, err := c.every.spans(at(c.from), at(c.to), zone(c.zone))
			require.NoError(t, err)
			var got []string
			for _, s := range spans {
				got = append(got, s.From.UTC().Format(time.RFC3339))
			}
			got = append(got, spans[len(spans)-1].To.UTC().Format(time.RFC3339))
			require.Equal(t, c.want, got)
		})
	}
}

// Intervals follow each other without a gap, begin with quarters of an hour, and cover the time that is asked for.
func TestIntervalsCoverTheTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom(Intervals).Draw(t, "interval")
		from := time.Unix(rapid.Int64Range(1_500_000_000, 2_000_000_000).Draw(t, "from"), 0)
		to := from.Add(time.Duration(rapid.Int64Range(1, 200*3600).Draw(t, "seconds")) * time.Second)
		z := zone(rapid.SampledFrom([]string{
			"UTC", "Europe/Kyiv", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Asuncion", "Pacific/Apia",
		}).Draw(t, "zone"))
		spans, err := every.spans(from, to, z)
		require.NoError(t, err)
		require.False(t, spans[0].From.After(from))
		require.True(t, spans[0].To.After(from))
		last := spans[len(spans)-1]
		require.False(t, last.To.Before(to))
		require.True(t, last.From.Before(to))
		for i, s := range spans {
			require.True(t, s.To.After(s.From))
			require.Equal(t, QuarterOf(s.From), s.From.UTC())
			require.Equal(t, QuarterOf(s.To), s.To.UTC())
			if i > 0 {
				require.Equal(t, spans[i-1].To, s.From)
			}
			if every == Daily {
				h, m, _ := s.From.In(z).Clock()
				require.Less(t, h*60+m, 61, "a day begins at midnight, or where there is none right after it")
			}
		}
	})
}

// fixed answers with the same counts, whatever it is asked.
type fixed []Count

func (f fixed) Stats(context.Context, int64, []Span, Filter, []Dimension) ([]Count, error) {
	return f, nil
}

func TestReport(t *testing.T) {
	t.Parallel()
	q := Query{From: at("2026-03-01T00:00:00Z"), To: at("2026-03-04T00:00:00Z"), Interval: Daily, Zone: time.UTC}
	day := func(n int) Span {
		return Span{q.From.AddDate(0, 0, n), q.From.AddDate(0, 0, n+1)}
	}
	counts := fixed{
		{Place: 2, What: Sent, N: 3}, {Place: 0, What: Failed, Reason: "a", N: 1}, {Place: 0, What: Failed, Reason: "b", N: 2},
		{Place: 0, What: Skipped, Reason: "c", N: 1},
		{Place: 0, What: Skipped, Reason: "c", N: 1}, {Place: 0, What: Failed, N: 4},
	}
	rows, err := New(counts).Report(t.Context(), 1, q)
	require.NoError(t, err)
	require.Equal(t, []Row{
		{Span: day(0), Counts: map[What]int64{Failed: 7, Skipped: 2}, Reasons: []Reason{{Failed, "b", 2}, {Skipped, "c", 2}, {Failed, "a", 1}}},
		{Span: day(1), Counts: map[What]int64{}},
		{Span: day(2), Counts: map[What]int64{Sent: 3}},
	}, rows)

	q.By = []Dimension{ByBot, ByKind}
	rows, err = New(fixed{
		{Place: 1, BotID: 5, Kind: "triggered", What: Sent, N: 1}, {Place: 1, BotID: 5, Kind: "broadcast", What: Sent, N: 2},
		{Place: 1, BotID: 4, What: Left, N: 3},
	}).Report(t.Context(), 1, q)
	require.NoError(t, err)
	require.Equal(t, []Row{
		{Span: day(1), BotID: 4, Counts: map[What]int64{Left: 3}},
		{Span: day(1), BotID: 5, Kind: "broadcast", Counts: map[What]int64{Sent: 2}},
		{Span: day(1), BotID: 5, Kind: "triggered", Counts: map[What]int64{Sent: 1}},
	}, rows, "a report that is divided has no rows for nothing")
}

func TestReportRefuses(t *testing.T) {
	t.Parallel()
	from := at("2026-03-01T00:00:00Z")
	for code, q := range map[string]Query{
		"time_reversed":      {From: from, To: from, Interval: Daily},
		"interval_too_short": {From: from, To: from.Add(MostSpans*Quarter + 1), Interval: Quarters},
		"interval_unknown":   {From: from, To: from.Add(time.Hour), Interval: "week"},
	} {
		q.Zone = time.UTC
		_, err := New(fixed{}).Report(t.Context(), 1, q)
		var f *fault.Error
		require.ErrorAs(t, err, &f, code)
		require.Equal(t, code, f.Code)
		require.Equal(t, fault.Invalid, f.Kind)
	}
	rows, err := New(fixed{}).Report(t.Context(), 1, Query{From: from, To: from.Add(MostSpans * Quarter), Interval: Quarters, Zone: time.UTC})
	require.NoError(t, err)
	require.Len(t, rows, MostSpans)
}
