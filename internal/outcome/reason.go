package outcome

import (
	"slices"
	"strings"
)

// Reason is one word out of a closed set that explains a state. Its meaning, and
// what to do about it, is in the [Catalogue]. When a recipient's own values make a
// message that Telegram would refuse, the reason is the code of that fault instead.
type Reason string

// The reasons.
const (
	// A campaign that Bellman paused.
	BotRefused       Reason = "bot_refused"
	ContentRefused   Reason = "content_refused"
	MassChatNotFound Reason = "mass_chat_not_found"
	MassGone         Reason = "mass_gone"
	AnswersLost      Reason = "answers_lost"
	BudgetSpent      Reason = "stars_budget_spent"
	ApprovalNeeded   Reason = "approval_needed"
	NotWritten       Reason = "not_written" // and of recipients whose outcome is unknown
	// A bot that is paused.
	TokenRefused    Reason = "token_refused"
	BotLoggedOut    Reason = "bot_logged_out"
	BotFrozen       Reason = "bot_frozen"
	TokenUnreadable Reason = "token_unreadable"
	// A webhook that is paused; Restored is of campaigns and recipients, too.
	ByHand           Reason = "by_hand"
	AddressGone      Reason = "gone"
	SecretUnreadable Reason = "secret_unreadable"
	Restored         Reason = "restored"
	// A recipient that failed, whose chat is removed.
	BotBlocked      Reason = "bot_blocked"
	UserDeactivated Reason = "user_deactivated"
	BotNotStarted   Reason = "bot_not_started"
	RecipientIsBot  Reason = "recipient_is_bot"
	BotKicked       Reason = "bot_kicked"
	BotNotMember    Reason = "bot_not_member"
	GroupDeleted    Reason = "group_deleted"
	Forbidden       Reason = "forbidden"
	ChatNotFound    Reason = "chat_not_found"
	// A recipient that failed, whose chat stays.
	ContentTooLarge        Reason = "content_too_large"
	FileRefused            Reason = "file_refused"
	NotComposed            Reason = "not_composed"
	MethodNotFound         Reason = "method_not_found"
	PrivacyPremiumRequired Reason = "privacy_premium_required"
	PaymentRequired        Reason = "payment_required"
	VoiceForbidden         Reason = "voice_forbidden"
	UserBlockedByBot       Reason = "user_blocked_by_bot"
	ButtonPrivacy          Reason = "button_privacy"
	NoRights               Reason = "no_rights"
	TopicClosed            Reason = "topic_closed"
	TargetNotFound         Reason = "target_not_found"
	TooOld                 Reason = "too_old"
	TelegramError          Reason = "telegram_error"
	MediaURLFailed         Reason = "media_url_failed"
	RefusedOtherwise       Reason = "refused"
	// A recipient that was skipped.
	ChatRemoved  Reason = "chat_removed"
	ChatInactive Reason = "chat_inactive"
	ChatMuted    Reason = "chat_muted"
	GroupTwice   Reason = "group_twice"
	Cancelled    Reason = "cancelled"
	// A recipient whose outcome is unknown.
	AnswerLost Reason = "answer_lost"
	SenderDied Reason = "sender_died"
	StopWaited Reason = "stop_waited"
	// A recipient that waits.
	TooManyRequests Reason = "too_many_requests"
	ChatPace        Reason = "chat_pace"
	GroupMigrated   Reason = "group_migrated"
	Unreachable     Reason = "unreachable"
	NotTelegram     Reason = "not_telegram"
	BalanceTooLow   Reason = "balance_too_low"
	PaidNotAllowed  Reason = "paid_not_allowed"
	CampaignStopped Reason = "campaign_stopped"
	SenderStopped   Reason = "sender_stopped"
)

// Class is what an outcome with a reason means for later messages.
type Class int

// The classes.
const (
	// NoBounce is the class of reasons that are no failure of this recipient.
	NoBounce Class = iota
	// Soft failures are about this message: a later one may arrive.
	Soft
	// Hard failures are about the chat: it takes no messages any more.
	Hard
)

// Class returns the class of outcomes with the reason.
func (r Reason) Class() Class {
	if class, known := classes[r]; known {
		return class
	}
	if r == "" {
		return NoBounce
	}
	// The code of a fault in the message that the recipient's values make.
	return Soft
}

// RemovesChat reports whether a chat is removed for the reason.
func (r Reason) RemovesChat() bool { return removing[r] }

// Statuses returns the statuses that come with the reason; an empty one stands for
// recipients that are not done yet.
func (r Reason) Statuses() (all []Status) {
	for _, g := range Catalogue {
		if g.ofRecipients() && g.has(r) {
			all = append(all, g.Status)
		}
	}
	if all == nil {
		// The code of a fault in the message that the recipient's values make.
		return []Status{Failed}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Means explains, in plain words, why a recipient has the status, which is empty for one that
// is not done yet. It is empty for a reason that the [Catalogue] does not have with it.
func (r Reason) Means(s Status) string {
	for _, g := range Catalogue {
		for _, e := range g.Entries {
			if g.ofRecipients() && g.Status == s && e.Reason == r && r != "" {
				return strings.ReplaceAll(e.Means, "`", "")
			}
		}
	}
	return ""
}

// ofRecipients reports whether the group explains where recipients stand.
func (g Group) ofRecipients() bool { return g.Status != "" || g.Waiting }

func (g Group) has(r Reason) bool {
	return slices.ContainsFunc(g.Entries, func(e Entry) bool { return e.Reason == r })
}

var classes, removing = func() (map[Reason]Class, map[Reason]bool) {
	classes, removing := map[Reason]Class{}, map[Reason]bool{}
	for _, g := range Catalogue {
		for _, e := range g.Entries {
			if e.Reason != "" {
				// A reason that ends an outcome may also be one to wait for.
				classes[e.Reason] = max(classes[e.Reason], e.Class)
				removing[e.Reason] = removing[e.Reason] || e.RemovesChat
			}
		}
	}
	return classes, removing
}()
