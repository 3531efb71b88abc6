package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type editSentInput struct {
	ByID
	Body struct {
		MessageID int64 `json:"messageId" minimum:"1" maximum:"9007199254740991" doc:"The message that takes the place of what was sent, as it is at this moment." example:"2"`
	}
}

// campaignChanges are the calls that change what a campaign has sent.
func (a *API) campaignChanges() {
	const common = "Makes and launches a new campaign, which has its own pace, counts and report, and can be paused, resumed and cancelled. " +
		"Its recipients are those of a broadcast that has ended who got it, muted and inactive chats too; " +
		"nobody gets a new message, and nobody is notified. " +
		"A call whose answer was lost is made again. " +
		"A 409 says why it cannot be: campaign_state, messages_on_the_wire, nobody_got_it, change_under_way, change_of_change, " +
		"change_of_album, recipients_not_kept. " +
		"When more people got it than the workspace lets an author reach, it is a 403, approval_needed, as for a launch."
	register(a, huma.Operation{
		OperationID: "edit-sent", Method: http.MethodPost, Path: "/campaigns/{id}/edit", Tags: []string{"campaigns"},
		Summary: "Edit what a campaign has sent",
		Description: common +
			" A text takes the place of a text, and a file, with its caption, that of a file; buttons are replaced as well. " +
			"Telegram lets a bot edit its messages at any time. Links of the new message count for the new campaign.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *editSentInput) (*answer[campaignView], error) {
		return reported(a.Campaigns.EditSent(ctx, workspaceID, in.ID, in.Body.MessageID))
	})
	register(a, huma.Operation{
		OperationID: "delete-sent", Method: http.MethodPost, Path: "/campaigns/{id}/delete", Tags: []string{"campaigns"},
		Summary: "Delete what a campaign has sent",
		Description: common + " Telegram lets a bot delete a message for 48 hours: " +
			"of a campaign that ended before that it is a 409, delete_too_late.",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*answer[campaignView], error) {
		return reported(a.Campaigns.DeleteSent(ctx, workspaceID, in.ID))
	})
}
