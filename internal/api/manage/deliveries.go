package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/campaign"
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

type listDeliveriesInput struct {
	ByID
	Paging
	Status string `query:"status" enum:"queued,sending,sent,failed,skipped,unknown" doc:"Only recipients who stand here."`
}

func (a *API) deliveries() {
	register(a, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/campaigns/{id}/deliveries", Tags: []string{"campaigns"},
		Summary: "List a campaign's deliveries",
		Description: "One for each recipient, in the order of sending. " +
			"A 409, recipients_not_kept, when they are not kept any more: see forgottenAt of the campaign.",
	}, a.listDeliveries)
}

func (a *API) listDeliveries(ctx context.Context, workspaceID int64, in *listDeliveriesInput) (*answer[page[DeliveryView]], error) {
	after, err := in.after()
	if err != nil {
		return nil, err
	}
	deliveries, err := a.Campaigns.Deliveries(ctx, workspaceID, in.ID, campaign.Status(in.Status), after, in.more())
	if err != nil {
		return nil, err
	}
	return paged(in.Paging, deliveries, func(d campaign.Delivery) int64 { return d.Seq }, viewDelivery), nil
}
