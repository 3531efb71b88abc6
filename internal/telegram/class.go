package telegram

import (
	"strings"

	"bellman/internal/outcome"
)

// Class is what a sender has to do after a call.
type Class int

// The classes of results.
const (
	// Sent: the message was delivered, or is changed as was asked.
	Sent Class = iota
	// Gone: this chat will not take messages any more; remove it.
	Gone
	// NotFound: this bot does not know the chat; remove it, unless nearly all chats
	// get this answer.
	NotFound
	// Refused: this recipient cannot get this message; keep the chat.
	Refused
	// Migrated: the chat has a new id; send there.
	Migrated
	// BadContent: Telegram does not accept the content, most likely for any
	// recipient.
	BadContent
	// BadBot: Telegram does not accept the bot's token.
	BadBot
	// Wait: too many requests; the message still has to be sent.
	Wait
	// NoBalance: there are no Stars to pay for a paid broadcast.
	NoBalance
	// Transient: the server failed before it sent anything; try again.
	Transient
	// Unreachable: nothing was sent; try again as soon as the server can be
	// reached.
	Unreachable
	// Uncertain: the message may have been delivered.
	Uncertain
	// NotTelegram: something on the way answered in Telegram's place. Nothing was
	// sent, and nothing is known of the chat.
	NotTelegram
)

// Verdict is a class and the reason that is stored with the delivery.
type Verdict struct {
	Class  Class
	Reason outcome.Reason
}

// A rule matches an answer by its code and the beginning of its description,
// without case, after "Bad Request: " and the like. The code eitherCode is 400 or
// 403: Telegram uses either for the errors that have names of its own.
type rule struct {
	code   int
	prefix string
	Verdict
}

const eitherCode = -1

func (r rule) meets(code int, description string) bool {
	return (r.code == code || r.code == eitherCode && (code == 400 || code == 403)) && strings.HasPrefix(description, r.prefix)
}

// rules is the catalogue of the Bot API's errors, read from top to bottom; the
// first match counts. Descriptions are those of the Bot API server and TDLib. The
// last rule of a code has no prefix: it matches every other description.
var rules = []rule{
	// spec: tg-403
	{403, "bot was blocked by the user", Verdict{Gone, outcome.BotBlocked}},
	{eitherCode, "user_is_blocked", Verdict{Gone, outcome.BotBlocked}},
	{403, "user is deactivated", Verdict{Gone, outcome.UserDeactivated}},
	{eitherCode, "input_user_deactivated", Verdict{Gone, outcome.UserDeactivated}},
	{403, "bot can't initiate conversation", Verdict{Gone, outcome.BotNotStarted}},
	{403, "the bot can't send messages to the bot", Verdict{Gone, outcome.RecipientIsBot}},
	{403, "bot can't send messages to", Verdict{Gone, outcome.RecipientIsBot}},
	{eitherCode, "user_is_bot", Verdict{Gone, outcome.RecipientIsBot}},
	{403, "bot was kicked from", Verdict{Gone, outcome.BotKicked}},
	{403, "bot is not a member of", Verdict{Gone, outcome.BotNotMember}},
	{403, "the group chat was deleted", Verdict{Gone, outcome.GroupDeleted}},
	{400, "group is deactivated", Verdict{Gone, outcome.GroupDeleted}},

	{400, "chat not found", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "private chat not found", Verdict{NotFound, outcome.ChatNotFound}},
	{400, "user not found", Verdict{NotFound, outcome.ChatNotFound}},
	{eitherCode, "peer_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},
	{eitherCode, "user_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},
	{eitherCode, "chat_id_invalid", Verdict{NotFound, outcome.ChatNotFound}},

	// spec: tg-refused
	{eitherCode, "voice_messages_forbidden", Verdict{Refused, outcome.VoiceForbidden}},
	{eitherCode, "user restricted receiving of", Verdict{Refused, outcome.VoiceForbidden}},
	{eitherCode, "privacy_premium_required", Verdict{Refused, outcome.PrivacyPremiumRequired}},
	{eitherCode, "allow_payment_required", Verdict{Refused, outcome.PaymentRequired}},
	{eitherCode, "you_blocked_user", Verdict{Refused, outcome.UserBlockedByBot}},
	{eitherCode, "button_user_privacy_restricted", Verdict{Refused, outcome.ButtonPrivacy}},
	{eitherCode, "user_deleted", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "channel_private", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_write_forbidden", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_guest_send_forbidden", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_forbidden", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_restricted", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_send_", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "chat_admin_required", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "have no rights to send", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "have no write access to the chat", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "not enough rights", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "need administrator rights", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "user_banned_in_channel", Verdict{Refused, outcome.NoRights}},
	{eitherCode, "topic_closed", Verdict{Refused, outcome.TopicClosed}},
	{eitherCode, "topic_deleted", Verdict{Refused, outcome.TopicClosed}},
	{400, "message thread not found", Verdict{Refused, outcome.TopicClosed}},
	{400, "message to be replied not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message to reply not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message to edit not found", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message can't be edited", Verdict{Refused, outcome.TargetNotFound}},
	// spec: tg-deletable
	{400, "message can't be deleted for everyone", Verdict{Refused, outcome.TooOld}},
	{400, "message can't be deleted", Verdict{Refused, outcome.TargetNotFound}},
	{400, "message_id_invalid", Verdict{Refused, outcome.TargetNotFound}},
	// spec: tg-edit
	{400, "message is not modified", Verdict{Sent, ""}},
	{400, "message to delete not found", Verdict{Sent, ""}},
	{403, "", Verdict{Gone, outcome.Forbidden}},

	{400, "logged out", Verdict{BadBot, outcome.BotLoggedOut}},
	{400, "the bot has already been closed", Verdict{BadBot, outcome.BotLoggedOut}},
	{400, "frozen_method_invalid", Verdict{BadBot, outcome.BotFrozen}},
	// spec: tg-paid-refused
	{400, "balance_too_low", Verdict{NoBalance, outcome.BalanceTooLow}},
	{400, "floodskip_not_allowed", Verdict{NoBalance, outcome.PaidNotAllowed}},
	// spec: tg-token-refused
	{401, "", Verdict{BadBot, outcome.TokenRefused}},
	{404, "method not found", Verdict{BadContent, outcome.MethodNotFound}},
	{404, "", Verdict{BadBot, outcome.TokenRefused}},
	{421, "", Verdict{BadBot, outcome.TokenRefused}},

	// spec: tg-file-refused
	{400, "wrong file identifier", Verdict{BadContent, outcome.FileRefused}},
	{400, "wrong remote file identifier", Verdict{BadContent, outcome.FileRefused}},
	{400, "invalid remote file identifier", Verdict{BadContent, outcome.FileRefused}},
	{400, "wrong file_id", Verdict{BadContent, outcome.FileRefused}},
	{400, "wrong file id", Verdict{BadContent, outcome.FileRefused}},
	{400, "invalid file id", Verdict{BadContent, outcome.FileRefused}},
	{400, "invalid file_id", Verdict{BadContent, outcome.FileRefused}},
	{400, "file_id_invalid", Verdict{BadContent, outcome.FileRefused}},
	{400, "can't use file of type", Verdict{BadContent, outcome.FileRefused}},
	{400, "type of file mismatch", Verdict{BadContent, outcome.FileRefused}},
	{400, "file_reference_", Verdict{BadContent, outcome.FileRefused}},
	{400, "media_invalid", Verdict{BadContent, outcome.FileRefused}},
	// spec: tg-file-retried
	{400, "photo_save_file_invalid", Verdict{Transient, outcome.TelegramError}},
	{400, "file_part_", Verdict{Transient, outcome.TelegramError}},
	{400, "failed to upload file", Verdict{Transient, outcome.TelegramError}},
	{400, "md5_checksum_invalid", Verdict{Transient, outcome.TelegramError}},
	{400, "msg_wait_", Verdict{Transient, outcome.TelegramError}},
	{400, "group send failed", Verdict{Transient, outcome.TelegramError}},
	{400, "failed to get http url content", Verdict{Transient, outcome.MediaURLFailed}},
	{400, "webpage_curl_failed", Verdict{Transient, outcome.MediaURLFailed}},
	{400, "webpage_media_empty", Verdict{Transient, outcome.MediaURLFailed}},
	{400, "too many requests", Verdict{Wait, outcome.TooManyRequests}},
	{400, "flood_wait_", Verdict{Wait, outcome.TooManyRequests}},
	{400, "", Verdict{BadContent, outcome.ContentRefused}},
	{413, "", Verdict{BadContent, outcome.ContentTooLarge}},

	{420, "", Verdict{Wait, outcome.TooManyRequests}},
	{429, "", Verdict{Wait, outcome.TooManyRequests}},
	{409, "", Verdict{Transient, outcome.TelegramError}},
	// spec: tg-lost
	{408, "", Verdict{Uncertain, outcome.AnswerLost}},
	{499, "", Verdict{Uncertain, outcome.AnswerLost}},
	{500, "sent message was immediately deleted", Verdict{Uncertain, outcome.AnswerLost}},
	{500, "restart", Verdict{Uncertain, outcome.AnswerLost}},
	{502, "", Verdict{Uncertain, outcome.AnswerLost}},
	{504, "", Verdict{Uncertain, outcome.AnswerLost}},
	{520, "", Verdict{Uncertain, outcome.AnswerLost}},
	{524, "", Verdict{Uncertain, outcome.AnswerLost}},
}

// Classify returns what to do after a call.
func Classify(r Result) Verdict {
	switch {
	// spec: tg-not-sent
	case r.Fate == NotSent:
		return Verdict{Unreachable, outcome.Unreachable}
	case r.Fate == Lost:
		return Verdict{Uncertain, outcome.AnswerLost}
	case r.Fate == Intercepted:
		return Verdict{NotTelegram, outcome.NotTelegram}
	case r.OK:
		return Verdict{Class: Sent}
	// spec: tg-migrate
	case r.MigrateTo != 0:
		return Verdict{Migrated, outcome.GroupMigrated}
	}
	description, position := unwrapped(bare(r.Description))
	v := classify(r.Code, description)
	// Items of the album before the one that failed may have arrived. Refusals
	// because of the chat or the file, however, hold for all items.
	if position > 1 && (v.Class == Wait || v.Class == Transient && v.Reason == outcome.TelegramError) {
		return Verdict{Uncertain, outcome.AnswerLost}
	}
	return v
}

func classify(code int, description string) Verdict {
	for _, rule := range rules {
		if rule.meets(code, description) {
			return rule.Verdict
		}
	}
	if code >= 500 {
		return Verdict{Transient, outcome.TelegramError}
	}
	// An answer outside the catalogue says nothing about the chat: keep it.
	return Verdict{Refused, outcome.RefusedOtherwise}
}

// unwrapped returns the inner description of an album's error, which is bare, and
// the position of the item that failed, counted from 1. Any other description is
// returned as it is, with the position zero.
//
// spec: tg-album-error
func unwrapped(description string) (inner string, position int64) {
	rest, ok := strings.CutPrefix(description, "failed to send message #")
	if !ok {
		return description, 0
	}
	position, _ = leadingInt([]byte(rest))
	_, inner, ok = strings.Cut(rest, ` with the error message "`)
	if !ok {
		return description, position
	}
	return bare(strings.TrimSuffix(inner, `"`)), position
}

// bare returns the description in lower case without the words that the Bot
// API puts before it.
func bare(description string) string {
	d := strings.ToLower(description)
	for _, words := range []string{
		"bad request: ", "forbidden: ", "unauthorized: ", "not found: ", "conflict: ", "internal server error: ",
	} {
		if rest, ok := strings.CutPrefix(d, words); ok {
			return rest
		}
	}
	return d
}
