package manage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/fault"
	"bellman/internal/message"
)

type messageView struct {
	ID   int64  `json:"id" example:"1"`
	Name string `json:"name" example:"Spring sale"`
	message.Content
	EditedBy  *authorView `json:"editedBy,omitempty" doc:"Who changed it last; absent for what was changed before that was noted."`
	CreatedAt instant     `json:"createdAt"`
	UpdatedAt instant     `json:"updatedAt"`
}

func viewMessage(m message.Message) messageView {
	return messageView{ID: m.ID, Name: m.Name, Content: m.Content, EditedBy: viewAuthor(m.Author),
		CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt)}
}

// messageBody is a message in a request.
type messageBody struct {
	Name string `json:"name" doc:"For the people who work with it; recipients never see it. 1 to 200 characters." example:"Spring sale"`
	message.Content
}

type createMessageInput struct{ Body messageBody }

type updateMessageInput struct {
	ByID
	Body messageBody
}

type checkMessageInput struct{ Body checkMessageBody }

// checkMessageBody is a message in a request to check it.
type checkMessageBody struct {
	Name *string `json:"name,omitempty" doc:"Checked if it is there." example:"Spring sale"`
	message.Content
}

type checkView struct {
	Faults    []faultView   `json:"faults" nullable:"false" doc:"All that Telegram would refuse, or not show as it was meant; none when the message is good."`
	Variables []string      `json:"variables" nullable:"false" doc:"The values that are written out without a default: where one is missing, the text has a gap." example:"[\"contact.firstName\"]"`
	Links     []countedLink `json:"links" nullable:"false" doc:"The links whose clicks are counted."`
}

type translateMessageInput struct{ Body message.Content }

type translationView struct {
	Content      message.Content `json:"content" doc:"The message in Liquid and in Telegram's HTML."`
	Untranslated []faultView     `json:"untranslated" nullable:"false" doc:"What stays as it is: where, why, and what to do. POST /messages/check tells whether the result is a message."`
}

// faultView is one fault in a message.
type faultView struct {
	Code    string `json:"code" doc:"Stable, to branch on." example:"html_tag_unknown"`
	Field   string `json:"field,omitempty" doc:"Where it is." example:"text"`
	Message string `json:"message" doc:"What is wrong and what to do, in a sentence for people."`
}

type variablesView struct {
	Items []variableView `json:"items" nullable:"false" doc:"Those of every contact, then the custom fields, oldest first."`
}

type variableView struct {
	Name  string `json:"name" doc:"How it is written: {{ NAME }}." example:"contact.fields.loyalty_card"`
	Type  string `json:"type" enum:"text,number,date,boolean"`
	Field string `json:"field,omitempty" doc:"The name of the custom field that it is; absent for another value." example:"Loyalty card"`
}

type countedLink struct {
	Target   string `json:"target" doc:"Where it leads." example:"https://shop.example/sale"`
	Button   string `json:"button,omitempty" doc:"The text of its button; absent for a link in the text." example:"To the shop"`
	Language string `json:"language,omitempty" doc:"The version that it is in." example:"en"`
}

func (a *API) messages() {
	register(a, huma.Operation{
		OperationID: "create-message", Method: http.MethodPost, Path: "/messages", Tags: []string{"messages"},
		Summary: "Write a message", Description: "It is saved only if Telegram would take it.", DefaultStatus: http.StatusCreated,
	}, a.createMessage)
	register(a, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/messages", Tags: []string{"messages"},
		Summary: "List messages", Description: "Newest first.",
	}, a.listMessages)
	register(a, huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary: "Get a message",
	}, a.getMessage)
	register(a, huma.Operation{
		OperationID: "update-message", Method: http.MethodPut, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary:     "Replace a message",
		Description: "Campaigns that were launched keep the content they were launched with.",
	}, a.updateMessage)
	register(a, huma.Operation{
		OperationID: "list-variables", Method: http.MethodGet, Path: "/messages/variables", Tags: []string{"messages"},
		Summary:     "List the values that a message can have in it",
		Description: "What comes with triggered sends, data.…, is not among them.",
	}, a.listVariables)
	register(a, huma.Operation{
		OperationID: "check-message", Method: http.MethodPost, Path: "/messages/check", Tags: []string{"messages"},
		Summary:     "Check a message without saving it",
		Description: "Tells everything that Telegram would refuse, which values it needs, and which of its links are counted.",
	}, a.checkMessage)
	register(a, huma.Operation{
		OperationID: "translate-message", Method: http.MethodPost, Path: "/messages/translate", Tags: []string{"messages"},
		Summary: "Translate a message from the syntax of another system",
		Description: "Velocity ($!data.get('name'), #if, #foreach, #set), %FIRSTNAME|friend%, {name}, ${name}, *|FNAME|*, **bold**, " +
			"__underlined__ and [links](https://shop.example) become Liquid and Telegram's HTML. Nothing is saved.",
	}, a.translateMessage)
}

func (a *API) createMessage(ctx context.Context, workspaceID int64, in *createMessageInput) (*answer[messageView], error) {
	m, err := a.Messages.Create(ctx, workspaceID, in.Body.Name, in.Body.Content)
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}

func (a *API) listMessages(ctx context.Context, workspaceID int64, in *Paging) (*answer[page[messageView]], error) {
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	messages, err := a.Messages.List(ctx, workspaceID, before, in.more())
	if err != nil {
		return nil, err
	}
	return paged(*in, messages, func(m message.Message) int64 { return m.ID }, viewMessage), nil
}

func (a *API) getMessage(ctx context.Context, workspaceID int64, in *ByID) (*answer[messageView], error) {
	m, err := a.Messages.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}

func (a *API) updateMessage(ctx context.Context, workspaceID int64, in *updateMessageInput) (*answer[messageView], error) {
	m, err := a.Messages.Update(ctx, workspaceID, in.ID, in.Body.Name, in.Body.Content)
	if err != nil {
		return nil, err
	}
	return &answer[messageView]{viewMessage(m)}, nil
}

func (a *API) checkMessage(ctx context.Context, workspaceID int64, in *checkMessageInput) (*answer[checkView], error) {
	faults, err := a.Messages.Faults(ctx, workspaceID, in.Body.Content)
	if err != nil {
		return nil, err
	}
	out := checkView{Faults: []faultView{}, Variables: []string{}, Links: []countedLink{}}
	if name := in.Body.Name; name != nil {
		if f, wrong := errors.AsType[*fault.Error](message.CheckName(strings.TrimSpace(*name))); wrong {
			faults = append([]*fault.Error{f}, faults...)
		}
	}
	for _, f := range faults {
		out.Faults = append(out.Faults, viewFault(f))
	}
	if len(faults) > 0 {
		return &answer[checkView]{out}, nil
	}
	template, err := message.Compile(in.Body.Content)
	if err != nil {
		return nil, err
	}
	out.Variables = append(out.Variables, template.Required()...)
	for _, l := range template.Links() {
		out.Links = append(out.Links, countedLink{l.Target, l.Button, l.Language})
	}
	return &answer[checkView]{out}, nil
}

func (a *API) listVariables(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[variablesView], error) {
	all, err := a.Messages.Variables(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	out := variablesView{Items: make([]variableView, len(all))}
	for i, v := range all {
		out.Items[i] = variableView{v.Name, string(v.Type), v.Field}
	}
	return &answer[variablesView]{out}, nil
}

func (a *API) translateMessage(_ context.Context, _ int64, in *translateMessageInput) (*answer[translationView], error) {
	content, left := message.Translate(in.Body)
	out := translationView{Content: content, Untranslated: []faultView{}}
	for _, f := range left {
		out.Untranslated = append(out.Untranslated, viewFault(f))
	}
	return &answer[translationView]{out}, nil
}

func viewFault(f *fault.Error) faultView {
	return faultView{Code: f.Code, Field: f.Field, Message: f.Message}
}
