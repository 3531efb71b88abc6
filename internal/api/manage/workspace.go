package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/workspace"
)

type workspaceView struct {
	PhoneRegion   string      `json:"phoneRegion" doc:"The country, in two letters, in which phones without a country code are read; empty when there is none." example:"UA"`
	TimeZone      string      `json:"timeZone" doc:"The zone by which its people plan and count days, of the IANA database; empty when each has their own." example:"Europe/Kyiv"`
	IdentityMatch string      `json:"identityMatch" enum:"first,any" doc:"What the tokens call does when the best identifier sent matches nobody: create a contact (first), or try the next identifier and create only when none matches (any)."`
	UTM           utmView     `json:"utm" doc:"Parameters that are added, when they are followed, to the links of campaigns that are launched from now on. One that a link has already stays as it is, and messages can do without."`
	Keeping       keepingView `json:"keeping" doc:"For how long what was sent, and events, are kept. Campaigns, their counts and sums stay for ever."`
	ApprovalAbove *int64      `json:"approvalAbove,omitempty" doc:"Above how many recipients somebody else than its author launches a campaign; absent when nobody asks for that." example:"1000"`
}

type keepingView struct {
	RecipientsMonths int `json:"recipientsMonths" doc:"For how many months after the end of a campaign its recipients, their outcomes and clicks are kept." example:"13"`
	EventsMonths     int `json:"eventsMonths" doc:"For how many months events are kept, at least; they may stay for one month more." example:"13"`
	AuditMonths      int `json:"auditMonths" doc:"For how many months lines of the audit log are kept, at least: lines of other workspaces behind which they stand may keep them for longer." example:"24"`
}

// utmView is used in both directions: an empty parameter is not added.
type utmView struct {
	Source   string `json:"source,omitempty" maxLength:"200" doc:"utm_source. Each parameter is a text in which variables may stand: $type (promo for a broadcast, trigger for a triggered message), $mediaType (telegram), $messageName, $messageId, $messageTags, $messageLang, $messageInstanceId (the campaign's id), $contactId, $dateStart (the day of the launch in UTC, 2026-03-01)." example:"bellman"`
	Medium   string `json:"medium,omitempty" maxLength:"200" doc:"utm_medium." example:"$mediaType"`
	Campaign string `json:"campaign,omitempty" maxLength:"200" doc:"utm_campaign." example:"$messageName"`
	Content  string `json:"content,omitempty" maxLength:"200" doc:"utm_content." example:"$messageId"`
	Term     string `json:"term,omitempty" maxLength:"200" doc:"utm_term." example:"$messageTags"`
}

type updateWorkspaceInput struct {
	Body struct {
		PhoneRegion   *string  `json:"phoneRegion,omitempty" doc:"Two letters, such as UA; empty for none." example:"UA"`
		TimeZone      *string  `json:"timeZone,omitempty" maxLength:"100" doc:"A name of the IANA database; empty for none." example:"Europe/Kyiv"`
		IdentityMatch *string  `json:"identityMatch,omitempty" enum:"first,any"`
		UTM           *utmView `json:"utm,omitempty" doc:"All five parameters at once: one that is not sent becomes empty."`
		Keeping       *struct {
			RecipientsMonths *int `json:"recipientsMonths,omitempty" minimum:"1" maximum:"120" example:"13"`
			EventsMonths     *int `json:"eventsMonths,omitempty" minimum:"1" maximum:"120" example:"13"`
			AuditMonths      *int `json:"auditMonths,omitempty" minimum:"6" maximum:"120" example:"24"`
		} `json:"keeping,omitempty" doc:"What is older is removed within the hour, and cannot be had back. One that is not sent stays as it is."`
	}
}

func (a *API) workspace() {
	register(a, huma.Operation{
		OperationID: "get-workspace", Method: http.MethodGet, Path: "/workspace", Tags: []string{"workspace"},
		Summary: "Get the settings",
	}, a.getWorkspace)
	register(a, huma.Operation{
		OperationID: "update-workspace", Method: http.MethodPatch, Path: "/workspace", Tags: []string{"workspace"},
		Summary: "Change settings", Description: "Settings that are not sent stay as they are.",
	}, a.updateWorkspace)
}

func viewWorkspace(w workspace.Workspace, err error) (*answer[workspaceView], error) {
	if err != nil {
		return nil, err
	}
	v := workspaceView{w.PhoneRegion, w.TimeZone, string(w.IdentityMatch), utmView(w.UTM), keepingView(w.Keeping), nil}
	if w.ApprovalAbove != 0 {
		v.ApprovalAbove = &w.ApprovalAbove
	}
	return &answer[workspaceView]{v}, nil
}

func (a *API) getWorkspace(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[workspaceView], error) {
	return viewWorkspace(a.Workspaces.Find(ctx, workspaceID))
}

func (a *API) updateWorkspace(ctx context.Context, workspaceID int64, in *updateWorkspaceInput) (*answer[workspaceView], error) {
	change := workspace.Settings{
		PhoneRegion:   in.Body.PhoneRegion,
		TimeZone:      in.Body.TimeZone,
		IdentityMatch: (*workspace.IdentityMatch)(in.Body.IdentityMatch),
		UTM:           (*workspace.UTM)(in.Body.UTM),
	}
	if k := in.Body.Keeping; k != nil {
		change.RecipientsMonths, change.EventsMonths, change.AuditMonths = k.RecipientsMonths, k.EventsMonths, k.AuditMonths
	}
	return viewWorkspace(a.Workspaces.Update(ctx, workspaceID, change))
}
