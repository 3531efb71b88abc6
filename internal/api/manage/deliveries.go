package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/contact"
)

// DeliveryView is exported for the reason given at [ByID].
type DeliveryView struct {
	ChatID            int64    `json:"chatId" example:"501234567"`
	ContactID         int64    `json:"contactId" example:"1"`
	Status            string   `json:"status" enum:"queued,sending,sent,failed,skipped,unknown"`
	Reason            string   `json:"reason,omitempty" doc:"Why it failed or was skipped, in one word of a closed set."`
	Detail            string   `json:"detail,omitempty" doc:"The same in Telegram's words."`
	TelegramMessageID int64    `json:"telegramMessageId,omitempty" doc:"The id of the message in its chat, once sent." example:"4711"`
	SettledAt         *instant `json:"settledAt,omitempty" doc:"When the status became final."`
	ClickedAt         *instant `json:"clickedAt,omitempty" doc:"When the recipient first clicked a link or pressed a button."`
}

func viewDelivery(d campaign.Delivery) DeliveryView {
	return DeliveryView{
		ChatID: d.ChatID, ContactID: d.ContactID, Status: string(d.Status), Reason: string(d.Reason), Detail: d.Detail,
		TelegramMessageID: d.TelegramMessageID, SettledAt: moment(d.SettledAt), ClickedAt: moment(d.ClickedAt),
	}
}

// listedDelivery is a delivery in a list of people.
type listedDelivery struct {
	DeliveryView
	Contact *personView `json:"contact,omitempty" doc:"Who it is; absent for nobody, that is, when the contact was deleted or erased since."`
}

// personView is a contact in a list of something else: what shows who it is.
type personView struct {
	ID                 int64  `json:"id" example:"1"`
	FirstName          string `json:"firstName,omitempty" example:"Olena"`
	LastName           string `json:"lastName,omitempty" example:"Koval"`
	Phone              string `json:"phone,omitempty" doc:"In E.164." example:"+380501234567"`
	Email              string `json:"email,omitempty" example:"olena@example.com"`
	ExternalCustomerID string `json:"externalCustomerId,omitempty" doc:"The id in your own system." example:"C-1001"`
}

// listed returns a delivery as a list shows it, with one of the people.
func listed(d campaign.Delivery, people map[int64]contact.Contact) listedDelivery {
	v := listedDelivery{DeliveryView: viewDelivery(d)}
	if c, found := people[d.ContactID]; found {
		v.Contact = &personView{
			ID: c.ID, FirstName: c.FirstName, LastName: c.LastName, Phone: c.Phone, Email: c.Email, ExternalCustomerID: c.ExternalCustomerID,
		}
	}
	return v
}

type listDeliveriesInput struct {
	ByID
	Paging
	Status string `query:"status" enum:"queued,sending,sent,failed,skipped,unknown" doc:"Only recipients who stand here."`
}

func (a *API) deliveries() {
	register(a, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/campaigns/{id}/deliveries", Tags: []string{"campaigns"},
		Summary: "List a campaign's deliveries",
		Description: "One for each recipient, in the order of sending, with who it is. " +
			"A 409, recipients_not_kept, when they are not kept any more: see forgottenAt of the campaign.",
	}, a.listDeliveries)
}

func (a *API) listDeliveries(ctx context.Context, workspaceID int64, in *listDeliveriesInput) (*answer[page[listedDelivery]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	deliveries, err := a.Campaigns.Deliveries(ctx, workspaceID, in.ID, campaign.Status(in.Status), after, in.more())
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, d := range deliveries {
		ids = append(ids, d.ContactID)
	}
	people, err := a.Contacts.Named(ctx, workspaceID, ids)
	if err != nil {
		return nil, err
	}
	seq := func(d campaign.Delivery) int64 { return d.Seq }
	return paged(in.Paging, deliveries, seq, func(d campaign.Delivery) listedDelivery { return listed(d, people) }), nil
}
