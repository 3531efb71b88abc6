package imports

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bellman/internal/contact"
	"bellman/internal/workspace"
)

// This file makes dry imports: every row is read and decided as by an import, and nobody is
// written.

// DryStore is what dry imports need of the database.
type DryStore interface {
	// UnwrittenContacts is a store of contacts whose decisions are taken on the contacts as
	// they are, and not written.
	UnwrittenContacts() contact.Store
	// PartAfter returns the first part of an import behind one, whether it is decided or not;
	// false when there is none.
	PartAfter(ctx context.Context, id int64, after int) (p Part, more bool, err error)
	// ReportDryPart keeps the result of a part, once, and adds it to the counts.
	ReportDryPart(ctx context.Context, l Lease, part int, r Result) error
	// FinishDry ends a dry import, keeps its task as it is now, and removes its contacts.
	FinishDry(ctx context.Context, l Lease, t Task, now time.Time) error
}

// rehearse decides all parts. What an earlier part would have written is remembered for the
// later ones, so an attempt after another one goes through the decided parts again.
func (s *Service) rehearse(ctx context.Context, l Lease, w workspace.Workspace, i Import) error {
	r := contact.NewRehearsal(s.Store.UnwrittenContacts(), i.Task.ImportOptions)
	contacts := contact.New(r, s.Now)
	for after := 0; ; {
		p, more, err := s.Store.PartAfter(ctx, i.ID, after)
		if err != nil {
			return err
		}
		if !more {
			i.Task.About = r.Full()
			return s.Store.FinishDry(ctx, l, i.Task, s.Now())
		}
		if err := s.rehearsePart(ctx, l, w, i, p, contacts); err != nil {
			return fmt.Errorf("imports: dry import %d, part %d: %w", i.ID, p.Number, err)
		}
		after = p.Number
	}
}

func (s *Service) rehearsePart(
	ctx context.Context, l Lease, w workspace.Workspace, i Import, p Part, contacts *contact.Service,
) error {
	items := make([]item, 0, partItems)
	if err := json.Unmarshal(p.Contacts, &items); err != nil {
		return err
	}
	imported, err := contacts.Import(ctx, w, profilesOf(items), i.Task.ImportOptions)
	if err != nil || len(p.Report) > 0 {
		return err
	}
	results := resultsOf(items, imported)
	report := newReport(i.Task, items, results)
	report.Mapping = nil // nobody was written
	r, err := newResult(report, results, p.Lines)
	if err != nil {
		return err
	}
	return s.Store.ReportDryPart(ctx, l, p.Number, r)
}
