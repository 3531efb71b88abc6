// Package webhook reports to the owners' systems what happens to their messages:
// each activity of a recipient is posted to the addresses that the workspace has
// set up, in the form that customers of eSputnik, Reteno and Yespo know
// (docs.yespo.io/docs/webhooks).
//
// An activity is written in the same transaction as its cause, as one row for each
// webhook that wants it: the outbox. A [Sender] takes the oldest rows of a webhook,
// joins the data that they refer to, posts them as one JSON array, and deletes them
// when the answer is 200.
//
// Guarantees:
//
//   - Nothing is lost: a row is deleted only after a 200. A process that dies in
//     between leaves it to the next one, which posts the same objects again, and
//     with them what was recorded since. Each object has an activityId by which a
//     receiver knows what it has seen.
//   - Arrays of one webhook are posted one after another, in the order in which
//     things were recorded, each in the order of the ids. Of several processes
//     that record at the same time, one may take lower ids and commit later:
//     these come after higher ones, or among them in an array that is posted
//     again. What one process records for one recipient comes in the order in
//     which it happened. Whoever holds a webhook's lease posts to it; a holder
//     that stands still for longer than its lease may finish its last call beside
//     the next one's first.
//   - Any other answer, and none within 10 seconds, is tried again after 1, 2, 4,
//     8, 16, 32 and then every 60 minutes, without an end. Newer activities wait
//     meanwhile. Each webhook has a turn of its own: one that does not answer
//     holds up nobody else.
//   - Nothing in the outbox is ever dropped, unless its webhook is deleted. How much
//     waits, and since when, is in [Backlog]. Beyond [MaxWaiting] nothing is added;
//     what happens then is found again among outcomes and clicks, as for a [Replay].
//
// A webhook and its retries are rows that are polled, and not jobs of a queue.
// Activities are a stream that has to keep its order; failures are counted for the
// stream and not for a part of it; there is no last attempt; and a person who
// corrects the address wants it tried at once. Rows express all of that; a queue of
// jobs would have to be taught it.
package webhook
