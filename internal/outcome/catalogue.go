package outcome

// Entry is a reason with its meaning.
type Entry struct {
	Reason Reason
	// Label stands for the reason where it is one of many codes; empty otherwise.
	Label string
	// Means explains the reason, in Markdown.
	Means string
	// Do says what a person can do about it; empty when there is nothing to do.
	Do string
	// Class is that of outcomes with the reason; RemovesChat is true when they
	// remove the chat.
	Class       Class
	RemovesChat bool
}

// Group holds the reasons for one kind of state.
type Group struct {
	// Title is the sentence above the list.
	Title string
	// Status is that of outcomes with these reasons; empty when there is none. Waiting is true
	// of the reasons of recipients that have no outcome yet.
	Status  Status
	Waiting bool
	Entries []Entry
}

// Catalogue is every reason, grouped by what it explains. A reason may be in
// several groups. docs/operating.md shows it.
var Catalogue = []Group{
	{
		Title: "Why Bellman paused a campaign (`stateReason`):",
		Entries: []Entry{
			{
				Reason: BotRefused, Means: "Telegram refuses the bot; the bot's own reason says why",
				Do: "connect the bot again with its current token: its campaigns go on by themselves",
			},
			{
				Reason: ContentRefused, Means: "Telegram refused the same content five times in a row for the same reason",
				Do: "read `stateDetail`. The content was fixed at launch: cancel, correct the message, make a new campaign",
			},
			{
				Reason: MassChatNotFound, Means: "of 50 recipients in a row the bot does not know 45 or more. No chat of theirs was removed",
				Do: "check that these chats belong to this bot; resume or cancel",
			},
			{
				Reason: MassGone,
				Means:  "of 50 recipients in a row 45 or more have left, most of them by blocking the bot. None was removed for it",
				Do:     "check that these chats belong to this bot, and what stands between Bellman and Telegram; resume or cancel",
			},
			{
				Reason: AnswersLost,
				Means:  "ten messages in a row, or 15 of 50, left and no answer came, though Telegram can be reached: they may have arrived",
				Do: "see what stands between Bellman and Telegram, " +
					"and whether a few of the `unknown` recipients have the message; resume or cancel",
			},
			{
				Reason: NotWritten,
				Means:  "the database refuses what is to be stored of its messages; the log and `stateDetail` say why",
				Do:     "report it, with the line of the log: this is a fault of Bellman's. Resume or cancel",
			},
			{
				Reason: BudgetSpent, Means: "the campaign's budget of Stars for [paid broadcasts](#paid-broadcasts) is spent",
				Do: "raise the budget and resume, or cancel",
			},
			{
				Reason: ApprovalNeeded,
				Means:  "its recipients became more than one person may reach alone, by [approvalAbove](#a-second-person-launches)",
				Do:     "somebody who may send and did not write it resumes it; or cancel",
			},
			{
				Reason: Restored, Means: "the database was restored from a backup: part of the campaign may have gone out after it",
				Do: "resume, and recipients who got it after the backup get it again; or cancel",
			},
		},
	},
	{
		Title: "Why a bot is paused (its `stateReason`):",
		Entries: []Entry{
			{Reason: TokenRefused, Means: "the token was revoked or replaced at @BotFather, or is for another Bot API server"},
			{Reason: BotLoggedOut, Means: "the bot was logged out of this Bot API server"},
			{Reason: BotFrozen, Means: "Telegram has frozen the bot's account"},
			{Reason: TokenUnreadable, Means: "its token does not open with the secret key of this installation: connect the bot again"},
		},
	},
	{
		Title: "Why a webhook is paused (its `stateReason`):",
		Entries: []Entry{
			{Reason: ByHand, Means: "somebody paused it", Do: "`PATCH` it with `{\"state\":\"active\"}`"},
			{
				Reason: AddressGone, Means: "its address answered 410: it is gone for good",
				Do: "give it a new address, which makes it active; or delete it",
			},
			{
				Reason: SecretUnreadable, Means: "its password or secret does not open with the secret key of this installation",
				Do: "give its login and password again, which makes it active, and the receiver a new secret",
			},
			{
				Reason: Restored, Means: "the database was restored from a backup: the receiver may know more than it does",
				Do: "make it active when the receiver may be told again what it was told after the backup",
			},
		},
	},
	{
		Title:  "Why a recipient `failed`, and the chat was removed from the contact:",
		Status: Failed,
		Entries: []Entry{
			{Reason: BotBlocked, Means: "the person blocked the bot", Class: Hard, RemovesChat: true},
			{Reason: UserDeactivated, Means: "the account was deleted", Class: Hard, RemovesChat: true},
			{Reason: BotNotStarted, Means: "the person never opened the chat with this bot", Class: Hard, RemovesChat: true},
			{Reason: RecipientIsBot, Means: "bots cannot write to bots", Class: Hard, RemovesChat: true},
			{Reason: BotKicked, Means: "the bot was removed from the group", Class: Hard, RemovesChat: true},
			{Reason: BotNotMember, Means: "the bot is not in the group or channel", Class: Hard, RemovesChat: true},
			{Reason: GroupDeleted, Means: "the group is gone", Class: Hard, RemovesChat: true},
			{Reason: Forbidden, Means: "Telegram forbids it for another reason; see the detail", Class: Hard, RemovesChat: true},
			{
				Reason: ChatNotFound,
				Means:  "this bot does not know the chat",
				Class:  Hard, RemovesChat: true,
			},
		},
	},
	{
		Title:  "Why a recipient `failed`, and the chat stays:",
		Status: Failed,
		Entries: []Entry{
			{Reason: ContentRefused, Means: "Telegram did not accept the message", Class: Soft},
			{Reason: ContentTooLarge, Means: "the message is too large", Class: Soft},
			{Reason: FileRefused, Means: "Telegram did not know the file, though it was sent anew ten times", Class: Soft},
			{
				Label: "`text_too_long`, `text_missing`, or another [check's](messages.md#text) code",
				Means: "with this recipient's values the message is one that Telegram would refuse; it was not sent",
				Class: Soft,
			},
			{
				Reason: NotComposed,
				Means:  "something that the message needs, such as an uploaded file, was out of reach ten times in a row",
				Class:  Soft,
			},
			{Reason: MethodNotFound, Means: "the Bot API server is too old for this kind of message", Class: Soft},
			{Reason: PrivacyPremiumRequired, Means: "the person takes messages from Premium accounts only", Class: Soft},
			{Reason: PaymentRequired, Means: "the person asks to be paid for messages", Class: Soft},
			{Reason: VoiceForbidden, Means: "the person takes no voice messages", Class: Soft},
			{Reason: UserBlockedByBot, Means: "the bot has blocked the person", Class: Soft},
			{Reason: ButtonPrivacy, Means: "a button links to somebody whose privacy settings forbid it", Class: Soft},
			{Reason: NoRights, Means: "the bot may not write there, or not this", Class: Soft},
			{Reason: TopicClosed, Means: "the topic is closed or gone", Class: Soft},
			{Reason: TargetNotFound, Means: "the message to reply to, change or delete is gone", Class: Soft},
			{
				Reason: TooOld,
				Means:  "the message is older than the 48 hours for which Telegram lets a bot delete it",
				Class:  Soft,
			},
			{Reason: TelegramError, Means: "Telegram failed ten times in a row", Class: Soft},
			{
				Reason: NotTelegram,
				Means: "something between Bellman and Telegram, such as a firewall or a proxy, " +
					"answered in its place, ten times for this recipient alone",
				Class: Soft,
			},
			{Reason: MediaURLFailed, Means: "Telegram could not fetch the media, ten times in a row", Class: Soft},
			{Reason: RefusedOtherwise, Means: "an answer that Bellman does not know; see the detail", Class: Soft},
		},
	},
	{
		Title:  "Why a recipient was `skipped`, that is, not tried:",
		Status: Skipped,
		Entries: []Entry{
			{Reason: ChatRemoved, Means: "the chat left between layout and its turn", Class: Hard},
			{Reason: ChatInactive, Means: "the chat was switched off (`…/token/activated`, `PATCH …/chats`)", Class: Soft},
			{Reason: ChatMuted, Means: "broadcasts are kept from the chat for a while; triggered messages are not", Class: Soft},
			{Reason: GroupTwice, Means: "the group became a supergroup, and is a recipient under its new id too", Class: Soft},
			{Reason: Cancelled, Means: "the campaign was cancelled first", Class: Soft},
		},
	},
	{
		Title:  "Why it is `unknown` whether a recipient has the message:",
		Status: Unknown,
		Entries: []Entry{
			{Reason: AnswerLost, Means: "the request left, and no usable answer came"},
			{Reason: SenderDied, Means: "the process died while the message was on its way"},
			{Reason: StopWaited, Means: "the process was stopped, and no answer came within the 20 seconds for which a stop waits"},
			{Reason: NotWritten, Means: "the database refused to store what became of the message; the log says why"},
			{
				Reason: Restored,
				Means:  "the message waited when the backup was made that the database was restored from: it may have left afterwards",
			},
		},
	},
	{
		Title:   "Why a recipient is still `queued`, having been tried or claimed before. None of these counts as a failure:",
		Waiting: true,
		Entries: []Entry{
			{Reason: TooManyRequests, Means: "Telegram asked to wait"},
			{Reason: ChatPace, Means: "the chat had a message a moment ago: one a second, a group one in three seconds"},
			{Reason: GroupMigrated, Means: "the group became a supergroup; it is tried under its new id"},
			{Reason: Unreachable, Means: "the Bot API server could not be reached; nothing was sent"},
			{Reason: NotTelegram, Means: "something between Bellman and Telegram answered in its place; nothing was sent"},
			{Reason: BalanceTooLow, Means: "the bot's Stars do not pay for a paid broadcast"},
			{Reason: PaidNotAllowed, Means: "the bot may not send paid broadcasts"},
			{Reason: CampaignStopped, Means: "the campaign was paused before its turn came"},
			{Reason: SenderStopped, Means: "the process was stopped before its turn came"},
		},
	},
}
