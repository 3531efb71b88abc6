package track

import (
	"context"

	"bellman/internal/message"
	"bellman/internal/summary"
)

// LinkCount is how often a link was followed.
type LinkCount struct {
	// Link is the index of the link among those of the message, from 0.
	Link int
	// Clicks is how often the link was followed, People by how many recipients.
	Clicks int64
	People int64
}

// LinkReport is a link of a campaign, and how often it was followed.
type LinkReport struct {
	message.Link
	LinkCount
}

// Clicks returns up to limit clicks of a campaign with ids below before, newest
// first; an empty before begins at the newest. Each has its target. A campaign that
// the workspace does not have is NotFound.
func (s *Service) Clicks(ctx context.Context, workspaceID, campaignID int64, before string, limit int) ([]Click, error) {
	known, err := s.campaign(ctx, workspaceID, campaignID)
	if err != nil {
		return nil, err
	}
	clicks, err := s.Store.Clicks(ctx, campaignID, before, limit)
	for i := range clicks {
		c := &clicks[i]
		if c.Press == "" {
			c.Target = known.Target(c.Link, c.Target)
		}
	}
	return clicks, err
}

// Links returns the links of a campaign in the order of the message, those of
// translations last. There are none before the launch. The cost grows with the
// number of clicks. A campaign that the workspace does not have is NotFound.
func (s *Service) Links(ctx context.Context, workspaceID, campaignID int64) ([]LinkReport, error) {
	known, err := s.campaign(ctx, workspaceID, campaignID)
	if err != nil {
		return nil, err
	}
	counts, err := s.Store.LinkCounts(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	reports := make([]LinkReport, len(known.Links))
	for i, link := range known.Links {
		reports[i] = LinkReport{Link: link, LinkCount: LinkCount{Link: i}}
	}
	for _, c := range counts {
		if c.Link < len(reports) {
			reports[c.Link].LinkCount = c
		}
	}
	return reports, nil
}

// campaign returns a campaign of the workspace.
func (s *Service) campaign(ctx context.Context, workspaceID, id int64) (*summary.Campaign, error) {
	c, err := s.Campaigns.Get(ctx, id)
	if err == nil && c.WorkspaceID != workspaceID {
		err = summary.ErrNotFound
	}
	return c, err
}
