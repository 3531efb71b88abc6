package manage

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/contact"
)

// ChatView is exported for the reason given at [ByID].
type ChatView struct {
	BotID      int64    `json:"botId" example:"1"`
	AppUUID    string   `json:"appUuid" doc:"The public id of the bot." example:"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"`
	ChatID     int64    `json:"chatId" doc:"The Telegram id of the chat: a token in the integration API." example:"501234567"`
	ContactID  int64    `json:"contactId" doc:"Whose chat it is." example:"1"`
	Active     bool     `json:"active" doc:"Whether anything is sent to it." example:"true"`
	MutedUntil *instant `json:"mutedUntil,omitempty" doc:"No broadcast is sent to it before; absent for a chat that is not muted."`
	CreatedAt  instant  `json:"createdAt"`
}

func viewChat(c contact.Chat) ChatView {
	return ChatView{
		BotID: c.BotID, AppUUID: c.AppUUID, ChatID: c.ChatID, ContactID: c.ContactID,
		Active: !c.Inactive, MutedUntil: moment(c.MutedUntil), CreatedAt: utc(c.CreatedAt),
	}
}

// viewChats returns the chats ordered by bot and chat.
func viewChats(chats []contact.Chat) []ChatView {
	views := make([]ChatView, len(chats))
	for i, c := range chats {
		views[i] = viewChat(c)
	}
	slices.SortFunc(views, func(a, b ChatView) int {
		return cmp.Or(cmp.Compare(a.BotID, b.BotID), cmp.Compare(a.ChatID, b.ChatID))
	})
	return views
}

// ByChat is the input of operations on a chat of a bot; it is exported for the
// reason given at [ByID].
type ByChat struct {
	ByID
	ChatID int64 `path:"chatId" minimum:"-9007199254740991" maximum:"9007199254740991" doc:"The Telegram id of the chat." example:"501234567"`
}

type updateChatInput struct {
	ByChat
	Body struct {
		Active     *bool      `json:"active,omitempty" doc:"Whether anything is sent to it."`
		MutedUntil *time.Time `json:"mutedUntil,omitempty" doc:"When broadcasts may go to it again, at the latest the end of the year 9999; a time gone by ends a mute." example:"2026-12-01T09:00:00Z"`
	}
}

// botChatView is a chat of a bot with whose it is.
type botChatView struct {
	ChatView
	Contact contactView `json:"contact"`
}

type listChatsInput struct {
	ByID
	Paging
	Counting
	Chat   string `query:"chat" enum:"active,muted,inactive" doc:"Only chats that stand here: everything is sent to them, no broadcast is for now, nothing is." example:"active"`
	Search string `query:"search" maxLength:"300" doc:"Only chats of contacts of whom the list of contacts finds this." example:"koval"`
}

func (a *API) chats() {
	const path = "/bots/{id}/chats/{chatId}"
	register(a, huma.Operation{
		OperationID: "list-chats", Method: http.MethodGet, Path: "/bots/{id}/chats", Tags: []string{"contacts"},
		Summary: "List the chats of a bot",
		Description: "Those of the newest contacts first; limit and total count contacts, who may have several chats. A page may have " +
			"fewer items than the limit, or none, and a nextCursor all the same: the list ends where there is no nextCursor.",
	}, a.listChats)
	register(a, huma.Operation{
		OperationID: "get-chat", Method: http.MethodGet, Path: path, Tags: []string{"contacts"},
		Summary: "Get a chat",
	}, a.getChat)
	register(a, huma.Operation{
		OperationID: "update-chat", Method: http.MethodPatch, Path: path, Tags: []string{"contacts"},
		Summary:     "Mute a chat, or set whether anything is sent to it",
		Description: "What is left out stays. A muted chat still gets triggered messages.",
	}, a.updateChat)
}

func (a *API) listChats(ctx context.Context, workspaceID int64, in *listChatsInput) (*answer[page[botChatView]], error) {
	after, err := in.behindID()
	if err != nil {
		return nil, err
	}
	if _, err := a.Bots.Get(ctx, workspaceID, in.ID); err != nil {
		return nil, err
	}
	q := contact.Query{Search: in.Search, BotID: in.ID, Chat: contact.ChatState(in.Chat)}
	w, contacts, next, err := a.findContacts(ctx, workspaceID, q, contact.NewestFirst, after, in.Limit)
	if err != nil {
		return nil, err
	}
	var chats []botChatView
	for _, c := range contacts {
		for _, chat := range c.Chats {
			if chat.BotID == in.ID && (in.Chat == "" || chat.state(a.Now()) == q.Chat) {
				chats = append(chats, botChatView{chat, c})
			}
		}
	}
	out := spanned(chats, idOf(next))
	return out, a.countContacts(ctx, w, in.Counting, q, &out.Body.Total)
}

// state returns where a chat stands at the time.
func (c ChatView) state(now time.Time) contact.ChatState {
	chat := contact.Chat{Inactive: !c.Active}
	if c.MutedUntil != nil {
		chat.MutedUntil = c.MutedUntil.Time
	}
	return chat.State(now)
}

func (a *API) getChat(ctx context.Context, workspaceID int64, in *ByChat) (*answer[ChatView], error) {
	b, err := a.Bots.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	c, err := a.Contacts.Chat(ctx, b.ID, in.ChatID)
	if err != nil {
		return nil, err
	}
	return &answer[ChatView]{viewChat(c)}, nil
}

func (a *API) updateChat(ctx context.Context, workspaceID int64, in *updateChatInput) (*answer[ChatView], error) {
	b, err := a.Bots.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.Active != nil {
		if _, err := a.Contacts.Activate(ctx, b.ID, in.ChatID, *in.Body.Active); err != nil {
			return nil, err
		}
	}
	if in.Body.MutedUntil != nil {
		if _, err := a.Contacts.Mute(ctx, b.ID, in.ChatID, *in.Body.MutedUntil); err != nil {
			return nil, err
		}
	}
	return a.getChat(ctx, workspaceID, &in.ByChat)
}
