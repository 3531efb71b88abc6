package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"bellman/internal/activity"
	"bellman/internal/campaign"
)

// CountReach implements [campaign.Store].
func (s Campaigns) CountReach(ctx context.Context, c campaign.Campaign, now time.Time) (r campaign.Reach, err error) {
	if err := s.checkGroups(ctx, s.read, c, ""); err != nil {
		return r, s.d.classify(err)
	}
	if !c.Audience.All || c.Audience.Everybody() {
		r, err = s.countReach(ctx, c.BotID, c.Audience, now)
		return r, s.d.classify(err)
	}
	all, out, err := apart(c.Audience, func(part campaign.Audience) (campaign.Reach, error) {
		return s.countReach(ctx, c.BotID, part, now)
	})
	r = campaign.Reach{Audience: all.Audience, Excluded: out.Audience, Inactive: all.Inactive - out.Inactive, Muted: all.Muted - out.Muted}
	return r, s.d.classify(err)
}

// countReach counts the chats of an audience in one walk.
func (s Campaigns) countReach(ctx context.Context, botID int64, a campaign.Audience, now time.Time) (r campaign.Reach, err error) {
	excluded := `0`
	if len(a.ExcludedGroups) > 0 {
		excluded = `CASE WHEN ` + isMember(a.ExcludedGroups) + ` THEN 1 ELSE 0 END`
	}
	a.ExcludedGroups = nil
	from, condition := reached(a, true, "$1")
	err = s.widely(ctx, func(q queryer) error {
		return q.QueryRowContext(ctx, `
			SELECT COUNT(*), COALESCE(SUM(excluded), 0),
				COALESCE(SUM(CASE WHEN excluded = 0 AND inactive THEN 1 ELSE 0 END), 0),
				COALESCE(SUM(CASE WHEN excluded = 0 AND NOT inactive AND muted_until > $2 THEN 1 ELSE 0 END), 0)
			FROM (SELECT c.inactive, c.muted_until, `+excluded+` AS excluded FROM `+from+` WHERE `+condition+`) AS counted`,
			botID, now.UnixMilli()).Scan(&r.Audience, &r.Excluded, &r.Inactive, &r.Muted)
	})
	return r, err
}

// sampled is about how many recipients are looked at for other broadcasts.
const sampled = 400

// Overlaps implements [campaign.Store]. Who gets other broadcasts is told by a sample of
// the recipients, so that it costs the same whatever their number, but for one walk over
// them.
func (s Campaigns) Overlaps(
	ctx context.Context, c campaign.Campaign, r campaign.Reach, n campaign.Nearby,
) (o campaign.Overlaps, err error) {
	others, err := s.nearby(ctx, c, n)
	if err != nil || len(others) == 0 {
		return o, err
	}
	people, every, err := s.sample(ctx, c, r, n.Now)
	if err != nil || len(people) == 0 {
		return o, err
	}
	got := map[int64]map[int64]bool{}
	for _, find := range []func(context.Context, []nearby, []int64, map[int64]map[int64]bool) error{s.gotAlready, s.toGet} {
		if err := find(ctx, others, people, got); err != nil {
			return o, s.d.classify(err)
		}
	}
	whole := float64(r.Reached()) / float64(len(people))
	count := func(n int) int64 { return int64(math.Round(float64(n) * whole)) }
	anybody := map[int64]bool{}
	for _, other := range others {
		if who := got[other.CampaignID]; len(who) > 0 {
			other.Recipients = count(len(who))
			o.Campaigns = append(o.Campaigns, other.Overlap)
			maps.Copy(anybody, who)
		}
	}
	o.Recipients, o.About = count(len(anybody)), every > 1
	return o, nil
}

// nearby is another broadcast.
type nearby struct {
	campaign.Overlap
	botID    int64
	audience campaign.Audience
}

// nearby returns other broadcasts of the workspace, the newest ones first.
func (s Campaigns) nearby(ctx context.Context, c campaign.Campaign, n campaign.Nearby) (others []nearby, err error) {
	for _, f := range []campaign.Filter{
		{
			States:       []campaign.State{campaign.Launching, campaign.Sending, campaign.Paused, campaign.Finished, campaign.Cancelled},
			LaunchedFrom: n.Launched, Order: campaign.ByLaunch.Back(),
		},
		{States: []campaign.State{campaign.Scheduled}, Order: campaign.BySchedule},
	} {
		f.Kind, f.Actions, f.Limit = campaign.Broadcast, []campaign.Action{campaign.Send}, campaign.MostOverlaps+1
		found, _, _, err := s.List(ctx, c.WorkspaceID, f)
		if err != nil {
			return nil, err
		}
		for _, other := range found {
			at := other.LaunchedAt
			if other.State == campaign.Scheduled {
				at = other.ScheduledAt
			}
			if other.ID == c.ID || other.State == campaign.Scheduled && !at.Before(n.Scheduled) {
				continue
			}
			others = append(others, nearby{
				campaign.Overlap{CampaignID: other.ID, Name: other.Name, State: other.State, At: at}, other.BotID, other.Audience,
			})
		}
	}
	slices.SortStableFunc(others, func(a, b nearby) int { return b.At.Compare(a.At) })
	return others[:min(len(others), campaign.MostOverlaps)], nil
}

// sample returns the contacts of some whom a campaign reaches: of all with every = 1. They
// are those whose ids leave the same rest. The ids are shuffled before: those of a group may be
// every tenth.
func (s Campaigns) sample(
	ctx context.Context, c campaign.Campaign, r campaign.Reach, now time.Time,
) (people []int64, every int64, err error) {
	every = max(1, r.Reached()/sampled)
	from, condition := reached(c.Audience, true, "$1")
	err = s.widely(ctx, func(q queryer) error {
		people, err = selectIDs(ctx, q, `
			SELECT DISTINCT contact_id FROM (
				SELECT c.contact_id FROM `+from+` WHERE c.contact_id * 40503 % 65537 % $2 = $3
					AND NOT c.inactive AND c.muted_until <= $4 AND `+condition+`
				LIMIT $5) AS picked`,
			c.BotID, every, c.ID%every, now.UnixMilli(), 2*sampled)
		return err
	})
	return people, every, s.d.classify(err)
}

// gotAlready notes who of the people has a message of one of the others, or is about to
// get it: recipients whose outcome is not that they have none.
func (s Campaigns) gotAlready(ctx context.Context, others []nearby, people []int64, got map[int64]map[int64]bool) error {
	var launched []int64
	cancelled := map[int64]bool{}
	for _, other := range others {
		if other.State != campaign.Scheduled {
			launched = append(launched, other.CampaignID)
			cancelled[other.CampaignID] = other.State == campaign.Cancelled
		}
	}
	if len(launched) == 0 {
		return nil
	}
	places, owners, err := s.placesIn(ctx, launched, people)
	if err != nil || len(places) == 0 {
		return err
	}
	rows, err := s.read.QueryContext(ctx, `
		SELECT o.campaign_id, o.seq, o.status FROM `+s.d.rows("$1", placeColumns)+` AS v
		JOIN outcomes o ON o.campaign_id = v.campaign_id AND o.seq = v.seq`, placeRows(places))
	if err != nil {
		return err
	}
	settled := map[activity.Place]campaign.Status{}
	err = each(rows, func(r *sql.Rows) error {
		var p activity.Place
		var status campaign.Status
		err := r.Scan(&p.CampaignID, &p.Seq, &status)
		settled[p] = status
		return err
	})
	for _, p := range places {
		status, known := settled[p]
		if !known && cancelled[p.CampaignID] || status == campaign.Failed || status == campaign.Skipped {
			continue
		}
		noteGot(got, p.CampaignID, owners[p])
	}
	return err
}

// placesIn returns the places of people in broadcasts, and whose they are.
func (s Campaigns) placesIn(
	ctx context.Context, launched, people []int64,
) (places []activity.Place, owners map[activity.Place]int64, err error) {
	open, err := Activity(s).searches(ctx, `
		SELECT c.id, h.chat_id, c.laid_seq FROM chats h JOIN campaigns c ON c.bot_id = h.bot_id + 0
		WHERE h.contact_id`+s.d.among(s.intsIn("$1"))+` AND c.id IN `+s.intsIn("$2")+`
			AND c.resend_of IS NULL AND c.laid_seq > 0 AND c.forgotten_at IS NULL`, ints(people), ints(launched))
	if err != nil {
		return nil, nil, err
	}
	hits, err := Activity(s).search(ctx, "r.chat_id", open)
	places, owners = make([]activity.Place, len(hits)), map[activity.Place]int64{}
	for i, h := range hits {
		places[i], owners[h.Place] = h.Place, h.contactID
	}
	return places, owners, err
}

// toGet notes who of the people is in the audience of one of the others that is scheduled.
func (s Campaigns) toGet(ctx context.Context, others []nearby, people []int64, got map[int64]map[int64]bool) error {
	for _, other := range others {
		if other.State != campaign.Scheduled {
			continue
		}
		_, condition := reached(other.audience, false, "$2")
		ids, err := selectIDs(ctx, s.read, `
			SELECT c.contact_id FROM chats c WHERE c.contact_id`+s.d.among(s.intsIn("$1"))+` AND +`+condition, ints(people), other.botID)
		if err != nil {
			return fmt.Errorf("store: audience of campaign %d: %w", other.CampaignID, err)
		}
		for _, id := range ids {
			noteGot(got, other.CampaignID, id)
		}
	}
	return nil
}

func noteGot(got map[int64]map[int64]bool, campaignID, contactID int64) {
	if got[campaignID] == nil {
		got[campaignID] = map[int64]bool{}
	}
	got[campaignID][contactID] = true
}
