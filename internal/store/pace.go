package store

import (
	"strconv"
	"strings"

	"bellman/internal/campaign"
)

// notePace is the part of a ledger's update that records how many recipients are
// done, so that a reader of the ledger can compute the rate. Two moments are kept:
// the later one becomes the earlier one when it is old enough, so that there is
// always a span to measure over. After a gap in which nothing was written, both are
// set anew. now is the parameter with the step's time.
func notePace(now string) string {
	return strings.NewReplacer(
		"{now}", "CAST("+now+" AS BIGINT)",
		"{age}", "CAST("+now+" AS BIGINT) - ledgers.pace_mark_at",
		"{done}", "ledgers.sent + ledgers.failed + ledgers.skipped + ledgers.unknown",
		"{span}", strconv.FormatInt(campaign.PaceSpan.Milliseconds(), 10),
		"{gap}", strconv.FormatInt(3*campaign.PaceSpan.Milliseconds(), 10),
	).Replace(`
			pace_from_at = CASE WHEN {age} >= {gap} THEN {now} WHEN {age} >= {span} THEN ledgers.pace_mark_at ELSE ledgers.pace_from_at END,
			pace_from_done = CASE WHEN {age} >= {gap} THEN {done} WHEN {age} >= {span} THEN ledgers.pace_mark_done ELSE ledgers.pace_from_done END,
			pace_mark_at = CASE WHEN {age} >= {span} THEN {now} ELSE ledgers.pace_mark_at END,
			pace_mark_done = CASE WHEN {age} >= {span} THEN {done} ELSE ledgers.pace_mark_done END`)
}
