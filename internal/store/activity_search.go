package store

import (
	"context"
	"database/sql"
	"slices"

	"bellman/internal/activity"
)

// This file finds recipients by a column that grows with their numbers, as the chats of
// a broadcast do: by a search in rounds, each of which asks for a few recipients of
// every campaign by one statement. A binary search inside the database would be one
// statement for all of it, but a recursive one, which no sharded cluster runs.

// A search looks for the recipient of a campaign whose column has the value wanted.
// When there is one, its number is in [low, high].
type search struct {
	campaignID, wanted, low, high int64
	// lost is true until a round finds somebody.
	lost bool
	// nobody are the numbers of recipients who were erased: they say nothing.
	nobody map[int64]bool
}

// A hit is where a search has ended.
type hit struct {
	activity.Place
	contactID int64
}

// A round costs its way to the database and back, and its rows: as many as roundRows
// are as dear as the way. So few searches ask for many recipients each, and many for
// few: a million are searched in five rounds to ten.
const (
	roundRows                = 60
	wideSearch, narrowSearch = 15, 3
)

// searches begins the searches that a query selects: the campaign, the value, and the
// highest number.
func (s Activity) searches(ctx context.Context, query string, args ...any) ([]search, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.d.classify(err)
	}
	return scanAll(rows, func(r *sql.Rows) (f search, err error) {
		f.low = 1
		return f, r.Scan(&f.campaignID, &f.wanted, &f.high)
	})
}

var probeColumns = []column{{"nth", "bigint"}, {"campaign_id", "bigint"}, {"seq", "bigint"}}

// search carries searches out by a column of recipients r.
func (s Activity) search(ctx context.Context, column string, open []search) (hits []hit, err error) {
	for len(open) > 0 {
		var p rowWriter
		for i := range open {
			f := &open[i]
			f.lost = true
			for _, seq := range f.probes(len(open)) {
				p.row().int(int64(i)).int(f.campaignID).int(seq)
			}
		}
		rows, err := s.read.QueryContext(ctx, `
			SELECT v.nth, r.seq, `+column+`, r.contact_id FROM `+s.d.rows("$1", probeColumns)+` AS v
			CROSS JOIN recipients r WHERE r.campaign_id = v.campaign_id AND r.seq = v.seq`, p.String())
		if err != nil {
			return nil, s.d.classify(err)
		}
		err = each(rows, func(r *sql.Rows) error {
			var nth, seq, value, contactID int64
			if err := r.Scan(&nth, &seq, &value, &contactID); err != nil {
				return err
			}
			if f := &open[nth]; f.narrow(seq, value) {
				hits = append(hits, hit{activity.Place{CampaignID: f.campaignID, Seq: seq}, contactID})
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		open = slices.DeleteFunc(open, func(f search) bool { return f.lost || f.low > f.high })
	}
	return hits, nil
}

// probes returns the numbers to ask for in a round of so many searches, at even
// distances, or next to those; none when nobody is left to ask for.
func (f *search) probes(searches int) []int64 {
	n := int64(min(max(roundRows/searches, narrowSearch), wideSearch))
	n = min(n, f.high-f.low+1)
	seqs := make([]int64, 0, n)
	for i := range n {
		if seq := f.somebody(f.low + (f.high-f.low+1)*(i+1)/(n+1)); seq != 0 && !slices.Contains(seqs, seq) {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// somebody returns the number nearest to the given one whose recipient is not known to be
// nobody; zero when there is none in the span.
func (f *search) somebody(seq int64) int64 {
	for off := int64(0); seq-off >= f.low || seq+off <= f.high; off++ {
		if seq-off >= f.low && !f.nobody[seq-off] {
			return seq - off
		}
		if seq+off <= f.high && !f.nobody[seq+off] {
			return seq + off
		}
	}
	return 0
}

// narrow takes the value of a recipient into account, and reports whether it is the
// one: then the search is over.
func (f *search) narrow(seq, value int64) bool {
	f.lost = false
	switch {
	case value == 0:
		if f.nobody == nil {
			f.nobody = map[int64]bool{}
		}
		f.nobody[seq] = true
	case value < f.wanted:
		f.low = max(f.low, seq+1)
	case value > f.wanted:
		f.high = min(f.high, seq-1)
	default:
		f.low, f.high = 1, 0
		return true
	}
	return false
}
