package activity

import (
	"context"
	"slices"
	"time"

	"bellman/internal/campaign"
	"bellman/internal/fault"
)

// MaxHistory is how many messages a page of a history may have.
const MaxHistory = 100

// Past says which messages of a history are wanted: Limit of them, after the first
// Offset ones.
type Past struct {
	// Window is that of their outcomes; messages that are under way have the time Now.
	// The zero window is all times.
	Window
	Now    time.Time
	Offset int64
	Limit  int
}

// Sent is a message to a contact, with its delivery.
type Sent struct {
	Place
	Campaign Campaign
	// Action, State, BotID and CampaignName are the campaign's.
	Action       campaign.Action
	State        campaign.State
	BotID        int64
	CampaignName string
	Delivery     campaign.Delivery
	// Wanted is the language that the sender asked for, or the contact's; Language
	// is that of the message's version that the contact gets.
	Wanted, Language string
}

// History returns the wanted messages to the contacts, those of the newest campaigns
// first, and how many there are on all pages. Test sends are included. Messages of
// broadcasts to chats that the contacts do not have any more are not.
//
// spec: history-dates history-rows
func (s *Service) History(ctx context.Context, workspaceID int64, contactIDs []int64, past Past) (page []Sent, total int64, err error) {
	if past.Limit < 1 || past.Limit > MaxHistory {
		return nil, 0, fault.New(fault.Invalid, "limit_invalid", "ask for 1 to %d messages at once", MaxHistory).In("limit")
	}
	places, err := s.store.Places(ctx, workspaceID, contactIDs)
	if err != nil {
		return nil, 0, err
	}
	if past.Window != (Window{}) {
		if places, err = s.store.PlacesWithin(ctx, places, past.Window, past.Now); err != nil {
			return nil, 0, err
		}
	}
	slices.Reverse(places)
	total = int64(len(places))
	places = places[min(max(past.Offset, 0), total):]
	places = places[:min(past.Limit, len(places))]
	page, err = s.store.PlacedDeliveries(ctx, workspaceID, places)
	if err != nil {
		return nil, 0, err
	}
	for i := range page {
		page[i].Delivery = page[i].Delivery.In(page[i].State)
	}
	return page, total, s.describe(ctx, page)
}

// describe adds what the contents of campaigns provide.
func (s *Service) describe(ctx context.Context, page []Sent) error {
	ids := make([]int64, len(page))
	for i, m := range page {
		ids[i] = m.CampaignID
	}
	known, err := s.campaigns.All(ctx, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i := range page {
		m := &page[i]
		m.Campaign.Tags = known[m.CampaignID].Tags
		m.Language = known[m.CampaignID].Languages.Of(m.Wanted)
	}
	return nil
}
