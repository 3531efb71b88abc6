package manage

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/outcome"
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

// DeliveryFilter names deliveries; it is exported for the reason given at [ByID].
type DeliveryFilter struct {
	Status   []campaign.Status `query:"status,explode" enum:"queued,sending,sent,failed,skipped,unknown" doc:"Only recipients who stand here; repeated, at one of these."`
	Reason   []outcome.Reason  `query:"reason,explode" maxItems:"100" doc:"Only recipients with this reason, as reports name it; repeated, with one of these." example:"[\"bot_blocked\"]"`
	Clicked  bool              `query:"clicked" doc:"Only recipients who clicked a link or pressed a button."`
	Link     []int             `query:"link,explode" maxItems:"100" doc:"Only recipients who followed the link at this place among the campaign's links, from 0; repeated, one of these." example:"[0]"`
	Language []string          `query:"languageCode,explode" maxItems:"50" doc:"Only recipients with this language: the one that was asked for when it was sent, else the contact's at present; unknown for those of whom none is known." example:"[\"uk\"]"`
	GroupID  []int64           `query:"groupId,explode" maxItems:"100" doc:"Only recipients whose contacts are in this group at present; repeated, in one of these." example:"[1]"`
}

// unknownLanguage stands for that of contacts of whom none is known.
const unknownLanguage = "unknown"

func (f DeliveryFilter) filter() campaign.DeliveryFilter {
	out := campaign.DeliveryFilter{
		Statuses: f.Status, Reasons: f.Reason, Clicked: f.Clicked, Links: f.Link, Languages: slices.Clone(f.Language), GroupIDs: f.GroupID,
	}
	for i, language := range out.Languages {
		if language == unknownLanguage {
			out.Languages[i] = ""
		}
	}
	return out
}

type listDeliveriesInput struct {
	ByID
	Paging
	DeliveryFilter
}

func (a *API) deliveries() {
	register(a, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/campaigns/{id}/deliveries", Tags: []string{"campaigns"},
		Summary: "List a campaign's deliveries",
		Description: "One for each recipient, in the order of sending, with who it is. All filters that are given have to be met. " +
			"With a filter by reason, language or group a page may have fewer items than the limit, or none, and a nextCursor all the " +
			"same: it looks through up to 10,000 recipients. " +
			"A 409, recipients_not_kept, when they are not kept any more: see forgottenAt of the campaign.",
	}, a.listDeliveries)
	a.deliveryTables()
}

func (a *API) listDeliveries(ctx context.Context, workspaceID int64, in *listDeliveriesInput) (*answer[page[listedDelivery]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	deliveries, next, err := a.Campaigns.Deliveries(ctx, workspaceID, in.ID, in.filter(), after, in.Limit)
	if err != nil {
		return nil, err
	}
	people, err := a.peopleOf(ctx, workspaceID, deliveries)
	if err != nil {
		return nil, err
	}
	views := make([]listedDelivery, len(deliveries))
	for i, d := range deliveries {
		views[i] = listed(d, people)
	}
	if next == 0 {
		return spanned(views, nil), nil
	}
	return spanned(views, next), nil
}

// peopleOf returns whose the deliveries are.
func (a *API) peopleOf(ctx context.Context, workspaceID int64, all []campaign.Delivery) (map[int64]contact.Contact, error) {
	ids := make([]int64, len(all))
	for i, d := range all {
		ids[i] = d.ContactID
	}
	return a.Contacts.Named(ctx, workspaceID, ids)
}
