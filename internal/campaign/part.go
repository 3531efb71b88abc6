package campaign

import (
	"cmp"
	"context"
	"math"
	"slices"

	"bellman/internal/fault"
)

// Division is what a campaign's recipients are divided by.
type Division string

// The divisions.
const (
	// ByLanguage divides by the language that was asked for when it was sent, else that of
	// the contact at present.
	ByLanguage Division = "language"
	// ByGroup divides by the groups in which the contacts are at present. Who is in several
	// counts in each, who is in none in none.
	ByGroup Division = "group"
)

// Divisions are all of them.
var Divisions = []Division{ByLanguage, ByGroup}

// Tally is what became of the deliveries to a contact, or to some part of the recipients.
type Tally struct {
	ContactID                                           int64
	Recipients, Sent, Failed, Skipped, Unknown, Clicked int64
}

func (t *Tally) add(o Tally) {
	t.Recipients += o.Recipients
	t.Sent += o.Sent
	t.Failed += o.Failed
	t.Skipped += o.Skipped
	t.Unknown += o.Unknown
	t.Clicked += o.Clicked
}

// tally returns what became of one delivery.
func (d Delivery) tally() Tally {
	t := Tally{ContactID: d.ContactID, Recipients: 1}
	switch d.Status {
	case Sent:
		t.Sent = 1
	case Failed:
		t.Failed = 1
	case Skipped:
		t.Skipped = 1
	case Unknown:
		t.Unknown = 1
	}
	if !d.ClickedAt.IsZero() {
		t.Clicked = 1
	}
	return t
}

// Part is a part of a campaign's recipients, and what became of them.
type Part struct {
	// Language is that of the part, in a division by it; empty for those of whom none is known.
	Language string
	// GroupID and GroupName are those of the part, in a division by groups.
	GroupID   int64
	GroupName string
	Tally
}

// Parts are a campaign's recipients, divided.
type Parts struct {
	// All are the parts, the largest ones first, up to [MostParts].
	All []Part
	// About tells that they are reckoned from some of the recipients, at even distances.
	About bool
}

const (
	// mostDivided is how many recipients are looked at: all of a campaign that has no more.
	mostDivided = 20_000
	// MostParts is how many parts a division has at most.
	MostParts = 100
)

// Divide returns what became of the recipients of a campaign by parts, so far if it still goes
// out. It is [ErrNotKept] when they are not kept any more, NotFound when the workspace has
// no such campaign, and Invalid for an unknown division.
func (s *Service) Divide(ctx context.Context, workspaceID, id int64, by Division) (p Parts, err error) {
	if !slices.Contains(Divisions, by) {
		return p, fault.New(fault.Invalid, "division_unknown", "a report is divided by one of %v", Divisions).In("by")
	}
	c, _, err := s.kept(ctx, workspaceID, id)
	if err != nil || c.LaidSeq == 0 {
		return p, err
	}
	every := (c.LaidSeq + mostDivided - 1) / mostDivided
	var seqs []int64
	for seq := (every + 1) / 2; seq <= c.LaidSeq; seq += every {
		seqs = append(seqs, seq)
	}
	some, err := s.store.DeliveriesAt(ctx, c.ID, seqs)
	if err != nil {
		return p, err
	}
	markCancelled(c.State, some)
	if by == ByLanguage {
		p.All, err = s.byLanguage(ctx, c, some)
	} else {
		p.All, err = s.byGroup(ctx, c, some)
	}
	if p.About = every > 1; p.About && len(some) > 0 {
		scaleParts(p.All, float64(c.LaidSeq)/float64(len(some)))
	}
	slices.SortFunc(p.All, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Recipients, a.Recipients), cmp.Compare(a.Language, b.Language), cmp.Compare(a.GroupID, b.GroupID))
	})
	p.All = p.All[:min(len(p.All), MostParts)]
	return p, err
}

// scaleParts reckons the parts of all recipients from those of some.
func scaleParts(parts []Part, by float64) {
	for i := range parts {
		t := &parts[i].Tally
		for _, n := range []*int64{&t.Recipients, &t.Sent, &t.Failed, &t.Skipped, &t.Unknown, &t.Clicked} {
			*n = int64(math.Round(float64(*n) * by))
		}
	}
}

func (s *Service) byLanguage(ctx context.Context, c Campaign, all []Delivery) ([]Part, error) {
	languages, err := s.store.LanguagesOf(ctx, c.WorkspaceID, contactsOf(all))
	if err != nil {
		return nil, err
	}
	of := map[string]*Part{}
	for _, d := range all {
		language := d.spoken(languages)
		if of[language] == nil {
			of[language] = &Part{Language: language}
		}
		of[language].add(d.tally())
	}
	parts := make([]Part, 0, len(of))
	for _, p := range of {
		parts = append(parts, *p)
	}
	return parts, nil
}

func (s *Service) byGroup(ctx context.Context, c Campaign, all []Delivery) ([]Part, error) {
	of := map[int64]*Tally{}
	for _, d := range all {
		if d.ContactID == 0 {
			continue
		}
		if of[d.ContactID] == nil {
			of[d.ContactID] = &Tally{ContactID: d.ContactID}
		}
		of[d.ContactID].add(d.tally())
	}
	tallies := make([]Tally, 0, len(of))
	for _, id := range contactsOf(all) {
		tallies = append(tallies, *of[id])
	}
	if len(tallies) == 0 {
		return nil, nil
	}
	return s.store.SumByGroup(ctx, c.WorkspaceID, tallies)
}
