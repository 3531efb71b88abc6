package activity

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"bellman/internal/fault"
)

// Offset is the position of an activity in the list, which is ordered by campaign,
// recipient, and number of the recipient's activity. The zero offset is before them
// all. Outside it is a text, like the vendor's.
type Offset struct {
	CampaignID, Seq int64
	// Nth is 0 for the outcome, and counts clicks from 1.
	Nth int64
}

// String returns the offset as a text for [ParseOffset].
func (o Offset) String() string { return fmt.Sprintf("%d-%d-%d", o.CampaignID, o.Seq, o.Nth) }

// ParseOffset returns the offset for a text; an empty text and "0" are before
// everything. Any other text is Invalid.
func ParseOffset(text string) (o Offset, err error) {
	if text == "" || text == "0" {
		return o, nil
	}
	parts := strings.Split(text, "-")
	if len(parts) != 3 {
		return o, errOffset
	}
	for i, to := range []*int64{&o.CampaignID, &o.Seq, &o.Nth} {
		if *to, err = strconv.ParseInt(parts[i], 10, 64); err != nil {
			return Offset{}, errOffset
		}
	}
	return o, nil
}

var errOffset = fault.New(fault.Invalid, "offset_invalid", "an offset is that of the last activity of the page before").In("offset")

// Compare returns -1, 0 or 1, as o is before, at or after p.
func (o Offset) Compare(p Offset) int {
	return cmp.Or(cmp.Compare(o.CampaignID, p.CampaignID), cmp.Compare(o.Seq, p.Seq), cmp.Compare(o.Nth, p.Nth))
}

// in returns the offset as it applies to a campaign: later campaigns begin at their
// start.
func (o Offset) in(campaignID int64) Offset {
	if campaignID > o.CampaignID {
		return Offset{campaignID, 0, math.MaxInt64}
	}
	return o
}
