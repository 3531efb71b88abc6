package campaign

import "time"

// Queue is what waits in one campaign that goes out.
type Queue struct {
	CampaignID int64
	Kind       Kind
	// LaidSeq is the number of recipients laid out, ClaimedSeq that of claimed
	// ones; Waiting of these were given back, to be tried later.
	LaidSeq    int64
	ClaimedSeq int64
	Waiting    int64
	LaunchedAt time.Time
}

// Depth is the number of recipients that wait for their turn.
func (q Queue) Depth() int64 { return q.LaidSeq - q.ClaimedSeq + q.Waiting }
