package telegram

import (
	"strings"

	"bellman/internal/outcome"
)

// Class says what a sender has to do after a call.
type Class int

// The classes of results.
const (
	// Sent: the message was delivered.
	Sent Class = iota
	// Gone: this chat will not take messages any more; remove it.
	Gone
	// NotFound: this bot does not know the chat; remove it, unless that is so for
	// nearly everybody.
	NotFound
	// Refused: this recipient cannot get this message; keep the chat.
	Refused
	// Migrated: the chat has a new id; send there.
	Migrated
	// BadContent: Telegram does not accept the content, most likely for nobody.
	BadContent
	// BadBot: Telegram does not accept the bot's token.
	BadBot
	// Wait: too many requests; the message is still to be sent.
	Wait
	// NoBalance: a paid broadcast without the Stars to pay for it.
	NoBalance
	// Transient: the server failed before it sent anything; try again.
	Transient
	// Unreachable: nothing was sent; try again as soon as the server can be
	// reached.
	Unreachable
	// Uncertain: the message may have been delivered.
	Uncertain
)

// Verdict is a class and the reason that is kept with the delivery.
type Verdict struct {
	Class  Class
	Reason outcome.Reason
}

// A rule matches an answer by its code and the beginning of its description,
// without case, after "Bad Request: " and the like.
type rule struct {
	code   int
	prefix string
	Verdict
}

// rules is the catalogue of the Bot API's errors, read from top to bottom; the
// first match counts. Descriptions are those of the Bot API server and TDLib.
// The last rule of a code has no prefix: it takes what is left.
var rules = []rule{
	// spec: tg-403
	{403, "bot was blocked by the user", Verdict{Gone, outcome.BotBlocked}},
	{403, "user is deactivated", Verdict{Gone, outcome.UserDeactivated}},
	{403, "bot can't initiate conversation", Verdict{Gone, outcome.BotNotStarted}},
	{403, "the bot can't send messages to the bot", Verdict{Gone, outcome.RecipientIsBot}},
	{403, "bot can't send messages to", Verdict{Gone, outcome.RecipientIsBot}},
	{403, "bot was kicked from", Verdict{Gone, outcome.BotKicked}},
	{403, "bot is not a member of", Verdict{Gone, outcome.BotNotMember}},
	{403, "the group chat was deleted", Verdict{Gone, outcome.GroupDeleted}},
	{403, "", Verdict{Gone, outcome.Forbidden}},

	{400, "chat not found", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "private chat not found", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "user not found", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "peer_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "user_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "chat_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "group is deactivated", Verdict{Gone, outcome.GroupDeleted}},

	// spec: tg-refused
	{400, "voice_messages_forbidden", Verdict{Refused, outcome.VoiceForbidden}},
	{400, "privacy_premium_required", Verdict{Refused, outcome.PrivacyPremiumRequired}},
	{400, "allow_payment_required", Verdict{Refused, outcome.PaymentRequired}},
	{400, "you_blocked_user", Verdict{Refused, outcome.UserBlockedByBot}},
	{400, "button_user_privacy_restricted", Verdict{Refused, outcome.ButtonPrivacy}},
	{400, "chat_write_forbidden", Verdict{Refused, outcome.NoRights}},
	{400, "chat_restricted", Verdict{Refused, outcome.NoRights}},
	{400, "chat_send_", Verdict{Refused, outcome.NoRights}},
	{400, "chat_admin_required", Verdict{Refused, outcome.NoRights}},
	{400, "have no rights to send", Verdict{Refused, outcome.NoRights}},
	{400, "not enough rights to send", Verdict{Refused, outcome.NoRights}},
	{400, "need administrator rights", Verdict{Refused, outcome.NoRights}},
	{400, "user_banned_in_channel", Verdict{Refused, outcome.NoRights}},
	{400, "topic_closed", Verdict{Refused, outcome.TopicClosed}},
	{400, "topic_deleted", Verdict{Refused, outcome.TopicClosed}},
	{400, "message thread not found", Verdict{Refused, outcome.TopicClosed}},
	{400, "message to be replied not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message to edit not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message can't be edited", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message to delete not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message can't be deleted", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message_id_invalid", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message is not modified", Verdict{Sent, ""}},

	{400, "logged out", Verdict{BadBot, outcome.BotLoggedOut}},
	{400, "frozen_method_invalid", Verdict{BadBot, outcome.BotFrozen}},
	// spec: tg-paid-refused
	{400, "balance_too_low", Verdict{NoBalance, outcome.BalanceTooLow}},
	{400, "floodskip_not_allowed", Verdict{NoBalance, outcome.PaidNotAllowed}},
	// spec: tg-token-refused
	{401, "", Verdict{BadBot, outcome.TokenRefused}},
	{404, "method not found", Verdict{BadContent, outcome.MethodNotFound}},
	{404, "", Verdict{BadBot, outcome.TokenRefused}},
	{421, "", Verdict{BadBot, outcome.TokenRefused}},

	{400, "photo_save_file_invalid", Verdict{Transient, outcome.TelegramError}},
	{400, "wrong file identifier", Verdict{BadContent, outcome.FileRefused}},
	{400, "wrong remote file identifier", Verdict{BadContent, outcome.FileRefused}},
	{400, "invalid file id", Verdict{BadContent, outcome.FileRefused}},
	{400, "can't use file of type", Verdict{BadContent, outcome.FileRefused}},
	{400, "file_reference_expired", Verdict{BadContent, outcome.FileRefused}},
	{400, "failed to get http url content", Verdict{Transient, outcome.MediaURLFailed}},
	{400, "", Verdict{BadContent, outcome.ContentRefused}},
	{413, "", Verdict{BadContent, outcome.ContentTooLarge}},

	{429, "", Verdict{Wait, outcome.TooManyRequests}},
	{409, "", Verdict{Transient, outcome.TelegramError}},
	// spec: tg-lost
	{502, "", Verdict{Uncertain, outcome.AnswerLost}},
	{504, "", Verdict{Uncertain, outcome.AnswerLost}},
}

// Classify says what to do after a call.
func Classify(r Result) Verdict {
	switch {
	// spec: tg-not-sent
	case r.Fate == NotSent:
		return Verdict{Unreachable, outcome.Unreachable}
	case r.Fate == Lost:
		return Verdict{Uncertain, outcome.AnswerLost}
	case r.OK:
		return Verdict{Class: Sent}
	// spec: tg-migrate
	case r.MigrateTo != 0:
		return Verdict{Migrated, outcome.GroupMigrated}
	}
	description := bare(r.Description)
	for _, rule := range rules {
		if rule.code == r.Code && strings.HasPrefix(description, rule.prefix) {
			return rule.Verdict
		}
	}
	if r.Code >= 500 {
		return Verdict{Transient, outcome.TelegramError}
	}
	// An answer outside the catalogue says nothing about the chat: keep it.
	return Verdict{Refused, outcome.RefusedOtherwise}
}

// bare returns the description in lower case without the words that the Bot
// API puts before it.
func bare(description string) string {
	d := strings.ToLower(description)
	for _, words := range []string{"bad request: ", "forbidden: ", "unauthorized: ", "not found: ", "conflict: "} {
		if rest, ok := strings.CutPrefix(d, words); ok {
			return rest
		}
	}
	return d
}
