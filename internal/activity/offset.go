package activity

import (
	"fmt"
	"math"
)

// An offset is a place in the list as a number below 2^53, which every client
// of JSON keeps: campaign, recipient, and which of the recipient's activities
// it is. The list is in this order.
const (
	seqBits   = 25
	placeBits = 4

	maxCampaign = 1<<24 - 1
	maxSeq      = 1<<seqBits - 1
	// maxClicks is how many clicks of one recipient are listed; place 0 is the
	// outcome's.
	maxClicks = 1<<placeBits - 1
)

// place is an offset taken apart.
type place struct {
	campaignID, seq int64
	// nth is 0 for the outcome, and counts clicks from 1.
	nth int64
}

// offset returns the place as a number; an error for one beyond what the number
// has room for.
func (p place) offset() (int64, error) {
	if p.campaignID > maxCampaign || p.seq > maxSeq || p.nth > maxClicks {
		return 0, fmt.Errorf("activity: no offset for recipient %d of campaign %d", p.seq, p.campaignID)
	}
	return (p.campaignID<<seqBits|p.seq)<<placeBits | p.nth, nil
}

// placeOf takes an offset apart; what is behind every offset is behind every
// campaign.
func placeOf(offset int64) place {
	return place{offset >> (seqBits + placeBits), offset >> placeBits & maxSeq, offset & maxClicks}
}

// in returns the place as seen by a campaign: those that come later begin at
// their start.
func (p place) in(campaignID int64) place {
	if campaignID > p.campaignID {
		return place{campaignID, 0, math.MaxInt64}
	}
	return p
}
