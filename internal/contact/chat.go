package contact

import (
	"context"
	"time"

	"bellman/internal/fault"
)

// Chat is a contact's conversation with one bot. The integration API calls its
// id a token.
type Chat struct {
	BotID int64
	// AppUUID is the bot's public id.
	AppUUID   string
	ChatID    int64
	ContactID int64
	// MutedUntil is when broadcasts may go to the chat again; zero for a chat that
	// is not muted.
	MutedUntil time.Time
	// Inactive is true when the chat is known, but must get no messages.
	Inactive  bool
	CreatedAt time.Time
}

// ChatChange is a change of a chat; nil leaves a value unchanged.
type ChatChange struct {
	// MutedUntil is when a mute ends; the zero time ends it now.
	MutedUntil *time.Time
	Inactive   *bool
}

// ChatStore is what contact needs of the store for chats.
type ChatStore interface {
	// Chats returns the chats of the contacts, in no promised order.
	Chats(ctx context.Context, contactIDs []int64) ([]Chat, error)
	// Chat returns a chat of the bot, or NotFound.
	Chat(ctx context.Context, botID, chatID int64) (Chat, error)
	// MuteChats sets when broadcasts may go again to the chats that the contacts have with
	// the bot, or with any of the workspace when that is zero, and returns how many these are.
	MuteChats(ctx context.Context, workspaceID, botID int64, contactIDs []int64, until time.Time) (int, error)
	// ChangeChat changes a chat and returns it, or NotFound.
	ChangeChat(ctx context.Context, botID, chatID int64, change ChatChange) (Chat, error)
}

// ErrChatNotFound is returned for a chat that the bot does not have.
var ErrChatNotFound = fault.New(fault.NotFound, "chat_not_found", "this bot has no such chat: nobody with this token has been added")

// MuteForever is the end of a mute without an end, as the integration API has it:
// the last second of the year 9999.
var MuteForever = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// Chat returns a chat of the bot; NotFound when it is not on record.
func (s *Service) Chat(ctx context.Context, botID, chatID int64) (Chat, error) {
	return s.store.Chat(ctx, botID, chatID)
}

// Mute keeps broadcasts from the chat until the given time, at most
// [MuteForever]; a time that has passed ends a mute. It returns the chat, or
// NotFound when it is not on record.
func (s *Service) Mute(ctx context.Context, botID, chatID int64, until time.Time) (Chat, error) {
	until = s.mute(until)
	return s.store.ChangeChat(ctx, botID, chatID, ChatChange{MutedUntil: &until})
}

// mute returns when a mute until then ends; zero for one that has passed.
func (s *Service) mute(until time.Time) time.Time {
	switch {
	case !until.After(s.now()):
		return time.Time{}
	case until.After(MuteForever):
		return MuteForever
	}
	return until
}

// Unmute ends a mute, if there is one. It returns the chat, or NotFound when it
// is not on record.
func (s *Service) Unmute(ctx context.Context, botID, chatID int64) (Chat, error) {
	return s.store.ChangeChat(ctx, botID, chatID, ChatChange{MutedUntil: new(time.Time)})
}

// Activate sets whether the chat may get messages at all. It returns the chat, or
// NotFound when it is not on record.
func (s *Service) Activate(ctx context.Context, botID, chatID int64, active bool) (Chat, error) {
	inactive := !active
	return s.store.ChangeChat(ctx, botID, chatID, ChatChange{Inactive: &inactive})
}
