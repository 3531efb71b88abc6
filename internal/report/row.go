package report

import (
	"cmp"
	"slices"
)

// group is a row's place in a report.
type group struct {
	place            int
	botID, messageID int64
	kind             string
}

func (a group) compare(b group) int {
	return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.botID, b.botID),
		cmp.Compare(a.messageID, b.messageID), cmp.Compare(a.kind, b.kind))
}

// rows makes rows out of counts, one for each span at least when every span is wanted.
func rows(spans []Span, counts []Count, every bool) []Row {
	of := map[group]*Row{}
	reasons := map[group]map[Reason]int64{}
	at := func(g group) *Row {
		if of[g] == nil {
			of[g] = &Row{Span: spans[g.place], BotID: g.botID, MessageID: g.messageID, Kind: g.kind, Counts: map[What]int64{}}
		}
		return of[g]
	}
	if every {
		for place := range spans {
			at(group{place: place})
		}
	}
	for _, c := range counts {
		g := group{c.Place, c.BotID, c.MessageID, c.Kind}
		at(g).Counts[c.What] += c.N
		if c.Reason == "" {
			continue
		}
		if reasons[g] == nil {
			reasons[g] = map[Reason]int64{}
		}
		reasons[g][Reason{Status: c.What, Reason: c.Reason}] += c.N
	}
	places := make([]group, 0, len(of))
	for g := range of {
		places = append(places, g)
	}
	slices.SortFunc(places, group.compare)
	all := make([]Row, len(places))
	for i, g := range places {
		all[i] = *of[g]
		for reason, n := range reasons[g] {
			reason.N = n
			all[i].Reasons = append(all[i].Reasons, reason)
		}
		slices.SortFunc(all[i].Reasons, func(a, b Reason) int {
			return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Reason, b.Reason))
		})
	}
	return all
}
