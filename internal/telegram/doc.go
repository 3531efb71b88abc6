// Package telegram speaks the Bot API: it makes calls and reports their results.
//
// A call has one of three fates: it was not sent, it was answered, or it was sent
// and the answer was lost. Telegram has no idempotency key, so the difference
// decides whether a message may be sent again. [Classify] turns an answer into what
// a sender has to do.
//
// A bot token appears in no error and no log line.
package telegram
