package telegram

import "strings"

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

// Verdict is a class and the reason, one word out of a closed set, that is
// kept with the delivery.
type Verdict struct {
	Class  Class
	Reason string
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
	{403, "bot was blocked by the user", Verdict{Gone, "bot_blocked"}},
	{403, "user is deactivated", Verdict{Gone, "user_deactivated"}},
	{403, "bot can't initiate conversation", Verdict{Gone, "bot_not_started"}},
	{403, "the bot can't send messages to the bot", Verdict{Gone, "recipient_is_bot"}},
	{403, "bot can't send messages to", Verdict{Gone, "recipient_is_bot"}},
	{403, "bot was kicked from", Verdict{Gone, "bot_kicked"}},
	{403, "bot is not a member of", Verdict{Gone, "bot_not_member"}},
	{403, "the group chat was deleted", Verdict{Gone, "group_deleted"}},
	{403, "", Verdict{Gone, "forbidden"}},

	{400, "chat not found", Verdict{NotFound, "chat_not_found"}},
	{400, "private chat not found", Verdict{NotFound, "chat_not_found"}},
	{400, "user not found", Verdict{NotFound, "chat_not_found"}},
	{400, "peer_id_invalid", Verdict{NotFound, "chat_not_found"}},
	{400, "user_id_invalid", Verdict{NotFound, "chat_not_found"}},
	{400, "chat_id_invalid", Verdict{NotFound, "chat_not_found"}},
	{400, "group is deactivated", Verdict{Gone, "group_deleted"}},

	// spec: tg-refused
	{400, "voice_messages_forbidden", Verdict{Refused, "voice_forbidden"}},
	{400, "privacy_premium_required", Verdict{Refused, "privacy_premium_required"}},
	{400, "allow_payment_required", Verdict{Refused, "payment_required"}},
	{400, "you_blocked_user", Verdict{Refused, "user_blocked_by_bot"}},
	{400, "button_user_privacy_restricted", Verdict{Refused, "button_privacy"}},
	{400, "chat_write_forbidden", Verdict{Refused, "no_rights"}},
	{400, "chat_restricted", Verdict{Refused, "no_rights"}},
	{400, "chat_send_", Verdict{Refused, "no_rights"}},
	{400, "chat_admin_required", Verdict{Refused, "no_rights"}},
	{400, "have no rights to send", Verdict{Refused, "no_rights"}},
	{400, "not enough rights to send", Verdict{Refused, "no_rights"}},
	{400, "need administrator rights", Verdict{Refused, "no_rights"}},
	{400, "user_banned_in_channel", Verdict{Refused, "no_rights"}},
	{400, "topic_closed", Verdict{Refused, "topic_closed"}},
	{400, "topic_deleted", Verdict{Refused, "topic_closed"}},
	{400, "message thread not found", Verdict{Refused, "topic_closed"}},
	{400, "message to be replied not found", Verdict{Refused, "target_not_found"}},
	{400, "message to edit not found", Verdict{Refused, "target_not_found"}},
	{400, "message can't be edited", Verdict{Refused, "target_not_found"}},
	{400, "message to delete not found", Verdict{Refused, "target_not_found"}},
	{400, "message can't be deleted", Verdict{Refused, "target_not_found"}},
	{400, "message_id_invalid", Verdict{Refused, "target_not_found"}},
	{400, "message is not modified", Verdict{Sent, ""}},

	{400, "logged out", Verdict{BadBot, "bot_logged_out"}},
	{400, "frozen_method_invalid", Verdict{BadBot, "bot_frozen"}},
	// spec: tg-paid-refused
	{400, "balance_too_low", Verdict{NoBalance, "balance_too_low"}},
	{400, "floodskip_not_allowed", Verdict{NoBalance, "paid_not_allowed"}},
	// spec: tg-token-refused
	{401, "", Verdict{BadBot, "token_refused"}},
	{404, "method not found", Verdict{BadContent, "method_not_found"}},
	{404, "", Verdict{BadBot, "token_refused"}},
	{421, "", Verdict{BadBot, "token_refused"}},

	{400, "photo_save_file_invalid", Verdict{Transient, "telegram_error"}},
	{400, "wrong file identifier", Verdict{BadContent, "file_refused"}},
	{400, "wrong remote file identifier", Verdict{BadContent, "file_refused"}},
	{400, "invalid file id", Verdict{BadContent, "file_refused"}},
	{400, "can't use file of type", Verdict{BadContent, "file_refused"}},
	{400, "file_reference_expired", Verdict{BadContent, "file_refused"}},
	{400, "failed to get http url content", Verdict{Transient, "media_url_failed"}},
	{400, "", Verdict{BadContent, "content_refused"}},
	{413, "", Verdict{BadContent, "content_too_large"}},

	{429, "", Verdict{Wait, "too_many_requests"}},
	{409, "", Verdict{Transient, "telegram_error"}},
	// spec: tg-lost
	{502, "", Verdict{Uncertain, "answer_lost"}},
	{504, "", Verdict{Uncertain, "answer_lost"}},
}

// Classify says what to do after a call.
func Classify(r Result) Verdict {
	switch {
	// spec: tg-not-sent
	case r.Fate == NotSent:
		return Verdict{Unreachable, "unreachable"}
	case r.Fate == Lost:
		return Verdict{Uncertain, "answer_lost"}
	case r.OK:
		return Verdict{Class: Sent}
	// spec: tg-migrate
	case r.MigrateTo != 0:
		return Verdict{Migrated, "group_migrated"}
	}
	description := bare(r.Description)
	for _, rule := range rules {
		if rule.code == r.Code && strings.HasPrefix(description, rule.prefix) {
			return rule.Verdict
		}
	}
	if r.Code >= 500 {
		return Verdict{Transient, "telegram_error"}
	}
	// An answer outside the catalogue says nothing about the chat: keep it.
	return Verdict{Refused, "refused"}
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
