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

type contactView struct {
	ID                 int64      `json:"id" example:"1"`
	ExternalCustomerID string     `json:"externalCustomerId,omitempty" doc:"The id in your own system." example:"C-1001"`
	Phone              string     `json:"phone,omitempty" doc:"In E.164." example:"+380501234567"`
	Email              string     `json:"email,omitempty" example:"olena@example.com"`
	FirstName          string     `json:"firstName,omitempty" example:"Olena"`
	LastName           string     `json:"lastName,omitempty" example:"Koval"`
	LanguageCode       string     `json:"languageCode,omitempty" example:"uk"`
	TimeZone           string     `json:"timeZone,omitempty" example:"Europe/Kyiv"`
	Chats              []chatView `json:"chats" nullable:"false" doc:"The conversations with your bots."`
	CreatedAt          time.Time  `json:"createdAt"`
	UpdatedAt          time.Time  `json:"updatedAt"`
}

type chatView struct {
	BotID     int64     `json:"botId" example:"1"`
	AppUUID   string    `json:"appUuid" doc:"The public id of the bot." example:"0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"`
	ChatID    int64     `json:"chatId" doc:"The Telegram id of the chat: a token in the integration API." example:"501234567"`
	CreatedAt time.Time `json:"createdAt"`
}

func viewContact(c contact.Contact, chats []contact.Chat) contactView {
	slices.SortFunc(chats, func(a, b contact.Chat) int {
		return cmp.Or(cmp.Compare(a.BotID, b.BotID), cmp.Compare(a.ChatID, b.ChatID))
	})
	v := contactView{
		ID: c.ID, ExternalCustomerID: c.ExternalCustomerID, Phone: c.Phone, Email: c.Email,
		FirstName: c.FirstName, LastName: c.LastName, LanguageCode: c.LanguageCode, TimeZone: c.TimeZone,
		Chats: make([]chatView, len(chats)), CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
	for i, chat := range chats {
		v.Chats[i] = chatView{BotID: chat.BotID, AppUUID: chat.AppUUID, ChatID: chat.ChatID, CreatedAt: utc(chat.CreatedAt)}
	}
	return v
}

func (a *API) contacts() {
	register(a, huma.Operation{
		OperationID: "get-contact", Method: http.MethodGet, Path: "/contacts/{id}", Tags: []string{"contacts"},
		Summary: "Get a contact", Description: "With the chats on record, ordered by bot and chat.",
	}, a.getContact)
}

func (a *API) getContact(ctx context.Context, workspaceID int64, in *ByID) (*answer[contactView], error) {
	c, chats, err := a.Contacts.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[contactView]{viewContact(c, chats)}, nil
}
