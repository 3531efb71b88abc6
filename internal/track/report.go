package track

import (
	"context"
	"time"

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

// Hour is how often people clicked in an hour.
type Hour struct {
	// From is when the hour begins.
	From time.Time
	// Clicks is how often they did, People how many did for the first time in this campaign.
	Clicks, People int64
}

// reported is for how long after the launch of a campaign its clicks are counted by hour.
const reported = 14 * 24 * time.Hour

// Hours returns how often people clicked in each hour of the 14 days after the launch of a
// campaign, in the order of time. Hours begin with the launch; those without clicks are
// left out. The cost grows with the number of clicks. A campaign that the workspace does
// not have is NotFound.
func (s *Service) Hours(ctx context.Context, workspaceID, campaignID int64) ([]Hour, error) {
	known, err := s.campaign(ctx, workspaceID, campaignID)
	if err != nil || known.LaunchedAt.IsZero() {
		return nil, err
	}
	return s.Store.HourlyClicks(ctx, campaignID, known.LaunchedAt, known.LaunchedAt.Add(reported))
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
